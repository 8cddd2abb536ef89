/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SIPHASH_H
#define SHIM_LINUX_SIPHASH_H

#include <linux/types.h>

typedef struct {
	unsigned long key[2];
} hsiphash_key_t;

#define hsiphash(data, size, seed) shim_hash(data, size, (seed)->key[0])

static inline u32 hsiphash_1u32(u32 word, const hsiphash_key_t *seed)
{
	return hsiphash(&word, sizeof(word), seed);
}

#endif
