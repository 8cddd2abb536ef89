/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BIT_SPINLOCK_H
#define SHIM_LINUX_BIT_SPINLOCK_H

#include <linux/types.h>

/* The word is the lock's alone: whose thread has it. */
void shim_bit_lock(unsigned long *word, const char *file, int line);
void shim_bit_unlock(unsigned long *word, const char *file, int line);

#define bit_spin_lock(bit, word)					\
	((void)(bit), shim_bit_lock(word, __FILE__, __LINE__))
#define __bit_spin_unlock(bit, word)					\
	((void)(bit), shim_bit_unlock(word, __FILE__, __LINE__))

#endif
