/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See private.h. */
#include "private.h"

#include <sys/prctl.h>

void sp_private_process(void)
{
#ifndef __SANITIZE_ADDRESS__
	prctl(PR_SET_DUMPABLE, 0);
#endif
}
