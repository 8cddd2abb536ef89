/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens at the steps of sp_point() in the daemon that tests run:
 *
 *	SALLYPORT_POINT="kill|stop NAME"
 *
 * The first thread that comes to NAME ends or halts the whole process there, as
 * SIGKILL or SIGSTOP from outside would; a process that goes on after SIGSTOP
 * does not halt again.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "point.h"

static atomic_bool done;

static int signal_at(const char *name)
{
	const char *order = getenv("SALLYPORT_POINT");

	if (!order || strlen(order) < 5 || strcmp(order + 5, name))
		return 0;
	return !strncmp(order, "kill ", 5) ? SIGKILL :
	       !strncmp(order, "stop ", 5) ? SIGSTOP : 0;
}

void sp_point(const char *name)
{
	int number = signal_at(name);

	if (number && !atomic_exchange(&done, true))
		kill(getpid(), number);
}
