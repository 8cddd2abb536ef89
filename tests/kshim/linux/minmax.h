/* SPDX-License-Identifier: GPL-2.0 */
#pragma once

#define swap(a, b)			\
	do {				\
		typeof(a) old = (a);	\
		(a) = (b);		\
		(b) = old;		\
	} while (0)
