/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens at the steps of sp_point() in the daemon that tests run:
 *
 *	SALLYPORT_POINT="kill|stop NAME [N]"
 *
 * The first thread that comes to NAME, or the N-th time that one does, ends or
 * halts the whole process there, as SIGKILL or SIGSTOP from outside would; a
 * process that goes on after SIGSTOP does not halt again.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "point.h"

static atomic_uint passed;

void sp_point(const char *name)
{
	const char *order = getenv("SALLYPORT_POINT");
	char what[8], where[32];
	unsigned int times = 1;

	if (!order || sscanf(order, "%7s %31s %u", what, where, &times) < 2 ||
	    strcmp(where, name) || atomic_fetch_add(&passed, 1) + 1 != times)
		return;
	/*
	 * To this thread, which takes it at once: of one that is sent to the process another
	 * may be the taker, and until that runs this thread would go on.
	 */
	raise(!strcmp(what, "stop") ? SIGSTOP : SIGKILL);
}
