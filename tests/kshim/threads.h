/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads of which one runs at a time, on a fake processor each. They take turns
 * at points: where the kernel's files read or write what others do (READ_ONCE()
 * and the like, barriers, locks, RCU's lists and sections). Who goes on at a point
 * is said beforehand, so that every order can be tried, and tried again.
 *
 * Orders are sequentially consistent: a missing barrier is not shown.
 */
#ifndef THREADS_H
#define THREADS_H

#define SHIM_THREADS_MAX 4

/* Thread @thread runs @points points, or to its end (negative), then the next. */
struct shim_turn {
	int thread;
	int points;
};

/*
 * Runs @count functions, the i-th on CPU i, by turns; after the last turn each
 * runs to its end. Returns when all have. A thread whose turn it is but that
 * waits for a lock or a grace period lets another run.
 */
void shim_threads_run(void (*const *functions)(void), int count,
		      const struct shim_turn *turns, int turn_count);
int shim_thread_points(int thread);	/* points that it passed in the last run */

extern int shim_thread;			/* that runs; 0 also without any */
void shim_thread_waits(void);		/* let another run */
void shim_threads_leave_rcu(void);	/* those in RCU sections now */

#endif
