/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_MUTEX_H
#define SHIM_LINUX_MUTEX_H

#include <linux/types.h>

struct mutex {
	bool held;
};

#define DEFINE_MUTEX(name) struct mutex name

#define mutex_lock(lock) do {						\
	shim_might_sleep(__FILE__, __LINE__);				\
	if ((lock)->held)						\
		shim_bug("mutex is held");				\
	(lock)->held = true;						\
} while (0)
#define mutex_unlock(lock) do {						\
	if (!(lock)->held)						\
		shim_bug("mutex is not held");				\
	(lock)->held = false;						\
} while (0)

#endif
