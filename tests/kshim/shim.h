/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A pretence of a kernel, so that unmodified files of kmod/ can be built and
 * tested in userspace. The headers in linux/ are made of what is declared here.
 *
 * There is one thread, or some of which one runs (threads.h). What it would be wrong to do in the kernel aborts:
 * taking a lock twice, or one that softirqs use with them enabled; sleeping
 * under a lock or in an RCU section; a reference count that goes wrong; a
 * per-CPU access that could be preempted; freeing what RCU readers may still
 * see. RCU's grace periods end when the test says so, or when none of the threads
 * is in a section any more that began before.
 */
#ifndef SHIM_H
#define SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Ends the program with a message. */
#define shim_bug(...) shim_bug_at(__FILE__, __LINE__, __VA_ARGS__)
void shim_bug_at(const char *file, int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

extern const char *shim_place;	/* said in that message; NULL: nothing */

/* Where we are. */
struct shim_context {
	int locks;		/* spinlocks held */
	int bh;			/* bottom halves disabled, or in one */
	int irq;		/* interrupts disabled */
	int rcu;		/* RCU read sections */
};
extern struct shim_context shim_context;
extern struct task_struct *shim_current;
extern bool shim_softirq;	/* in one; else in the current task's context */
void shim_might_sleep(const char *file, int line);
/* Aborts unless the context is as at the beginning: nothing held. */
void shim_check_idle(void);

/* Where threads may take turns; see threads.h. */
extern void (*shim_point_hook)(void);
static inline void shim_point(void)
{
	if (shim_point_hook)
		shim_point_hook();
}

/* Fake processors. */
#define SHIM_CPUS_MAX 80
extern int shim_cpus;		/* how many; 4 */
extern int shim_cpu;		/* on which we are; 0 */
void *shim_percpu(const void *base, int cpu);
void shim_check_pinned(void);

/* Time: jiffies and the boot clock go together. Starts before jiffies wrap. */
#define SHIM_HZ 250UL
extern unsigned long jiffies;
extern uint64_t shim_boottime;
void shim_advance_ms(uint64_t ms);

/* Memory. */
void *shim_alloc(size_t size, bool may_sleep);
void shim_free(const void *memory);
size_t shim_live(void);			/* allocations not freed */
void shim_fail_nth(int n);		/* the n-th from now fails; 0: none */
void shim_fail_chance(int one_in);	/* each may fail; 0: none */
bool shim_failed(void);			/* did one since either was called? */

/*
 * Pages: from now on each allocation has its own. Then all but @keep's, and the
 * per-CPU variables of all but the current CPU, can be made read-only.
 */
void shim_use_pages(void);
void shim_protect(const void *keep);
void shim_unprotect(void);

/* Deferred work. */
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
	void *memory;
};
void shim_rcu_defer(struct rcu_head *head,
		    void (*func)(struct rcu_head *head), void *memory);
void shim_rcu_run(void);	/* a grace period ends */
/* Taken out of a list that RCU reads: not to be freed before it has ended. */
void shim_rcu_unlinked(const void *node);
void shim_work_run(void);	/* what was scheduled */
void shim_due_run(void);	/* and delayed work whose time has come */
uint32_t shim_delayed_run(void);	/* each delayed work that waits, once: how many */
void shim_settle(void);		/* both, until nothing is left */

/* Hash functions give only these bits: small masks make collisions. */
extern uint32_t shim_hash_mask;
uint32_t shim_hash(const void *data, size_t size, uint64_t seed);

/* Pseudo-random numbers with a fixed seed. */
void shim_seed(uint64_t seed);
uint32_t shim_random(uint32_t below);

/* All that a file of tests needs at its beginning and end. */
void shim_init(void);
void shim_exit(void);		/* aborts if anything is held or allocated */

#endif
