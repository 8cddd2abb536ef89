/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_RCUPDATE_H
#define SHIM_LINUX_RCUPDATE_H

#include <linux/types.h>

#define rcu_read_lock() ((void)shim_context.rcu++, shim_point())
#define rcu_read_unlock() do {						\
	if (--shim_context.rcu < 0)					\
		shim_bug("RCU section ended twice");			\
	shim_point();							\
} while (0)

static inline void shim_rcu_check(const char *file, int line, bool locked)
{
	const struct shim_context *c = &shim_context;

	if (!locked && !c->rcu && !c->bh && !c->locks && !c->irq)
		shim_bug_at(file, line, "no RCU section");
}

#define rcu_dereference(pointer) (pointer)
#define rcu_dereference_raw(pointer) (pointer)

#define call_rcu(head, func) shim_rcu_defer(head, func, NULL)
#define kfree_rcu(pointer, member)					\
	shim_rcu_defer(&(pointer)->member, NULL, pointer)
#define rcu_barrier() shim_rcu_run()
#define synchronize_rcu() shim_rcu_run()
#define synchronize_rcu_expedited() shim_rcu_run()

#endif
