/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "walk.h"

#define POINTS_MAX	20000	/* a kernel that never gets through is a failure */
#define ERRNO_MAX	200

static int control = -1;

/* The file is one thread's: opened by the thread that is to fail. */
static void open_control(void)
{
	if (control >= 0)
		return;
	control = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (control < 0)
		err(1, "/proc/thread-self/fail-nth");
	/* a page that is not there would be one more allocation, at another place */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "mlockall");
}

static void arm(unsigned int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(control, text, (size_t)length, 0) != length)
		err(1, "fail-nth");
}

/* How many more were to come until the one that was to fail; 0: it failed. */
static unsigned int disarm(void)
{
	char text[16] = "";

	if (pread(control, text, sizeof(text) - 1, 0) < 0)
		err(1, "fail-nth");
	arm(0);
	return (unsigned int)strtoul(text, NULL, 10);
}

int walk_step(const struct walk *walk, unsigned int n, bool *failed)
{
	int error;

	open_control();
	arm(n);
	error = walk->run(walk->arg);
	*failed = disarm() == 0;
	return error;
}

unsigned int walk_count(const struct walk *walk, int *error)
{
	open_control();
	arm(POINTS_MAX);
	*error = walk->run(walk->arg);
	return POINTS_MAX - disarm();
}

static void report(const struct walk *walk, unsigned int points,
		   const unsigned int *errors)
{
	int i;

	printf("%s: %u allocations, ", walk->what, points);
	if (walk->passed_over)
		printf("after %u that were passed over, ", walk->passed_over);
	printf("each failed once; %u times it worked all the same", errors[0]);
	for (i = 1; i < ERRNO_MAX; i++)
		if (errors[i])
			printf(", %u %s", errors[i], strerrorname_np(i));
	putchar('\n');
	fflush(stdout);
}

bool walk(const struct walk *walk)
{
	unsigned int errors[ERRNO_MAX] = { 0 };
	unsigned int n;
	bool failed;
	int error = 0;

	for (n = walk->passed_over + 1; n < POINTS_MAX; n++) {
		error = walk_step(walk, n, &failed);
		if (!walk->check(error, walk->arg)) {
			printf("%s: that was when allocation %u failed, with %s\n",
			       walk->what, n, error ? strerror(error) : "no error");
			return false;
		}
		if (!failed)
			break;
		errors[error < ERRNO_MAX ? error : 0]++;
		if (n % 25 == 0)
			fprintf(stderr, "%s: at allocation %u\n", walk->what, n);
	}
	report(walk, n - 1 - walk->passed_over, errors);
	if (n == POINTS_MAX || error != walk->wanted) {
		printf("%s: %s when no allocation fails\n", walk->what,
		       error ? strerror(error) : "no error");
		return false;
	}
	if (n == walk->passed_over + 1)
		printf("%s: it allocates nothing\n", walk->what);
	return true;
}
