/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * polkit's text agent, registered as a fallback: a desktop's agent goes first.
 * It tells that it is ready by closing its end of a pipe, and dies with us.
 */
#include "password.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib-unix.h>

#define AGENT	"/usr/bin/pkttyagent"
#define PATIENCE 15000	/* ms until we go on without it */

static pid_t agent;

static void child_setup(gpointer data)
{
	int *pipe_ends = data;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	fcntl(pipe_ends[1], F_SETFD, 0);
}

static gboolean spawn(int pipe_ends[2])
{
	g_autofree char *end = g_strdup_printf("%d", pipe_ends[1]);
	char *argv[] = { (char *)AGENT, (char *)"--notify-fd", end, (char *)"--fallback", NULL };
	GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL |
			    G_SPAWN_CHILD_INHERITS_STDIN | G_SPAWN_LEAVE_DESCRIPTORS_OPEN;

	return g_spawn_async(NULL, argv, NULL, flags, child_setup, pipe_ends,
			     &agent, NULL);
}

void sp_password_start(void)
{
	struct pollfd ready = { .events = POLLIN };
	int pipe_ends[2];

	if (agent || geteuid() == 0 || !isatty(STDIN_FILENO) || g_getenv("SALLYPORT_NO_PASSWORD"))
		return;
	if (!g_unix_open_pipe(pipe_ends, FD_CLOEXEC, NULL))
		return;
	ready.fd = pipe_ends[0];
	if (!spawn(pipe_ends))
		agent = 0;	/* not installed: others may still ask */
	close(pipe_ends[1]);
	if (agent)
		poll(&ready, 1, PATIENCE);
	close(pipe_ends[0]);
}

void sp_password_stop(void)
{
	if (!agent)
		return;
	kill(agent, SIGTERM);
	waitpid(agent, NULL, 0);
	agent = 0;
}

gboolean sp_password_running(void)
{
	if (agent && waitpid(agent, NULL, WNOHANG) == agent)
		agent = 0;
	return agent != 0;
}
