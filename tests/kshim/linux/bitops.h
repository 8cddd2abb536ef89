/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BITOPS_H
#define SHIM_LINUX_BITOPS_H

#include <linux/bits.h>
#include <linux/types.h>

static inline bool test_bit(unsigned int bit, const unsigned long *word)
{
	return *word >> bit & 1;
}

static inline void set_bit(unsigned int bit, unsigned long *word)
{
	*word |= BIT(bit);
}

#endif
