/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts a program as the runtime of AppImages (type 2) does: mounts what it carries, here
 * the folder NAME.AppDir beside NAME.AppImage, by FUSE on a folder with another name each
 * time, and becomes AppRun of it.
 *
 *	NAME.AppImage ARG...
 */
#include <err.h>
#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#define ENDING	".AppImage"
#define PATIENCE 600	/* tenths of a second */

/* The folder beside this file. */
static void find_content(char *folder)
{
	ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
	char *ending;

	if (length < 0)
		err(1, "readlink");
	folder[length] = 0;
	ending = strstr(folder, ENDING);
	if (!ending)
		errx(1, "%s: no AppImage", folder);
	strcpy(ending, ".AppDir");
}

/* Serves it until the program has ended. */
static void serve(const char *folder, char *mount)
{
	char *const command[] = { "bindfs", "-f", "--no-allow-other", (char *)folder, mount, NULL };

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	execvp(command[0], command);
	err(1, "%s", command[0]);
}

static void await_mount(const char *mount)
{
	struct statfs status;
	int i;

	for (i = 0; i < PATIENCE; i++) {
		if (!statfs(mount, &status) && status.f_type == FUSE_SUPER_MAGIC)
			return;
		usleep(100000);
	}
	errx(1, "%s: nothing was mounted", mount);
}

int main(int argc, char **argv)
{
	char folder[PATH_MAX], mount[] = "/tmp/.mount_XXXXXX", program[64];

	(void)argc;
	find_content(folder);
	if (!mkdtemp(mount))
		err(1, "%s", mount);
	if (!fork())
		serve(folder, mount);
	await_mount(mount);
	snprintf(program, sizeof(program), "%s/AppRun", mount);
	execv(program, argv);
	err(1, "%s", program);
}
