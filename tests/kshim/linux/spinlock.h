/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SPINLOCK_H
#define SHIM_LINUX_SPINLOCK_H

#include <linux/bottom_half.h>
#include <linux/irqflags.h>
#include <linux/types.h>

typedef struct {
	bool ready;
	bool held;
	int thread;	/* whose it is then */
	bool process;	/* no softirq ever takes it */
} spinlock_t;

void shim_spin_lock(spinlock_t *lock, const char *file, int line);
void shim_spin_unlock(spinlock_t *lock, const char *file, int line);

#define __SPIN_LOCK_UNLOCKED { .ready = true }
#define DEFINE_SPINLOCK(name) spinlock_t name = __SPIN_LOCK_UNLOCKED
#define spin_lock_init(lock) (*(lock) = (spinlock_t) __SPIN_LOCK_UNLOCKED)

#define spin_lock(lock) shim_spin_lock(lock, __FILE__, __LINE__)
#define spin_unlock(lock) shim_spin_unlock(lock, __FILE__, __LINE__)
#define spin_lock_bh(lock) do {						\
	local_bh_disable();						\
	spin_lock(lock);						\
} while (0)
#define spin_unlock_bh(lock) do {					\
	spin_unlock(lock);						\
	local_bh_enable();						\
} while (0)
#define spin_lock_irq(lock) do {					\
	shim_context.irq++;						\
	spin_lock(lock);						\
} while (0)
#define spin_unlock_irq(lock) do {					\
	spin_unlock(lock);						\
	shim_context.irq--;						\
} while (0)
#define spin_lock_irqsave(lock, flags) do {				\
	local_irq_save(flags);						\
	spin_lock(lock);						\
} while (0)
#define spin_unlock_irqrestore(lock, flags) do {			\
	spin_unlock(lock);						\
	local_irq_restore(flags);					\
} while (0)

#endif
