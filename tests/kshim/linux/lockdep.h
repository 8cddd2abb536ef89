/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_LOCKDEP_H
#define SHIM_LINUX_LOCKDEP_H

#include <linux/types.h>

struct lock_class_key { };
struct lockdep_map { };

#define lockdep_init_map(map, name, key, subclass) ((void)(map), (void)(key))
#define lock_map_acquire(map) ((void)(map))
#define lock_map_release(map) ((void)(map))

#define lockdep_set_class(lock, key) ((void)(key))
#define lockdep_is_held(lock) ((lock)->held)
#define lockdep_assert_held(lock) do {					\
	if (!(lock)->held)						\
		shim_bug("lock is not held");				\
} while (0)
#define lockdep_assert_in_softirq() do {				\
	if (!shim_context.bh)						\
		shim_bug("bottom halves are enabled");			\
} while (0)

#endif
