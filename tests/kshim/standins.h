/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of single tables have for a socket. */
#ifndef KSHIM_STANDINS_H
#define KSHIM_STANDINS_H

#include <stdbool.h>

struct sock {
	int refs;
	bool closed;
};

#endif
