/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_REFCOUNT_H
#define SHIM_LINUX_REFCOUNT_H

#include <linux/atomic.h>

typedef struct {
	atomic_t refs;
} refcount_t;

static inline void refcount_set(refcount_t *r, int n)
{
	r->refs.counter = n;
}

static inline int refcount_read(const refcount_t *r)
{
	return r->refs.counter;
}

static inline bool refcount_inc_not_zero(refcount_t *r)
{
	if (r->refs.counter < 0)
		shim_bug("reference count is negative");
	if (!r->refs.counter)
		return false;
	r->refs.counter++;
	return true;
}

static inline void refcount_inc(refcount_t *r)
{
	if (!refcount_inc_not_zero(r))
		shim_bug("reference taken to what has none");
}

/* False if it is the last one. */
static inline bool refcount_dec_not_one(refcount_t *r)
{
	if (r->refs.counter <= 0)
		shim_bug("more references put than taken");
	if (r->refs.counter == 1)
		return false;
	r->refs.counter--;
	return true;
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	if (r->refs.counter <= 0)
		shim_bug("more references put than taken");
	return !--r->refs.counter;
}

#endif
