/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BOTTOM_HALF_H
#define SHIM_LINUX_BOTTOM_HALF_H

#include <linux/compiler.h>

#define local_bh_disable() ((void)shim_context.bh++)
#define local_bh_enable() do {						\
	if (--shim_context.bh < 0)					\
		shim_bug("bottom halves enabled twice");		\
} while (0)

#endif
