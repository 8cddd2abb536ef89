/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <linux/types.h>

#define ATOMIC_INIT(n) { (n) }
#define ATOMIC64_INIT(n) { (n) }

#define atomic_read(v) ((v)->counter)
#define atomic_set(v, n) ((v)->counter = (n))
#define atomic_inc(v) ((void)++(v)->counter)
#define atomic_dec(v) ((void)--(v)->counter)
#define atomic_inc_return(v) (++(v)->counter)
#define atomic_dec_return(v) (--(v)->counter)
#define atomic_add(n, v) ((void)((v)->counter += (n)))

static inline bool atomic_try_cmpxchg(atomic_t *v, int *old, int new)
{
	if (v->counter != *old) {
		*old = v->counter;
		return false;
	}
	v->counter = new;
	return true;
}

static inline bool atomic_add_unless(atomic_t *v, int add, int unless)
{
	if (v->counter == unless)
		return false;
	v->counter += add;
	return true;
}

static inline int atomic_xchg(atomic_t *v, int new)
{
	int old = v->counter;

	v->counter = new;
	return old;
}

#define atomic64_read(v) ((v)->counter)
#define atomic64_set(v, n) ((v)->counter = (n))
#define atomic64_add(n, v) ((void)((v)->counter += (n)))
#define atomic64_inc_return(v) (++(v)->counter)

#define cmpxchg(p, old, new)						\
	(shim_point(), __sync_val_compare_and_swap(p, old, new))
#define smp_mb() (shim_point(), __sync_synchronize())
#define smp_load_acquire(p) (shim_point(), __atomic_load_n(p, __ATOMIC_ACQUIRE))
#define smp_store_release(p, v)						\
	(shim_point(), __atomic_store_n(p, v, __ATOMIC_RELEASE))

#endif
