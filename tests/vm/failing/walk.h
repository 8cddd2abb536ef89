/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Something done again and again: the first time the kernel's first allocation
 * fails, then its second, until one time none fails. Needs a kernel with
 * CONFIG_FAULT_INJECTION and failslab's own filters off. Only allocations of the
 * calling thread are counted, those in hooks and probes that it runs into too.
 */
#pragma once

#include <stdbool.h>

struct walk {
	const char *what;
	/* 0 or an errno; alone what happens in here is made to fail. */
	int (*run)(void *arg);
	/*
	 * After each time, with what run() returned; prepares the next. False:
	 * something is not as it must be, and has been said.
	 */
	bool (*check)(int error, void *arg);
	int wanted;	/* what run() returns when no allocation fails */
	unsigned int passed_over;	/* so many allocations are not failed */
	void *arg;
};

/*
 * Prints a line with how often what was returned; on stderr, from time to time, where it
 * is. False: a check failed, or run() doesn't return what is wanted when no allocation
 * fails.
 */
bool walk(const struct walk *walk);

/* What run() returns when allocation @n fails; @failed: there was one. */
int walk_step(const struct walk *walk, unsigned int n, bool *failed);

/* How many allocations there are in run(), what it returns when none fails in @error. */
unsigned int walk_count(const struct walk *walk, int *error);
