/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buckets by what this machine numbers (sockets, users, images) or its own programs choose.
 * Numbers are given in order, but who makes very many of them could keep those that fall
 * together: so the factors are secrets. It costs a tenth of hsiphash() or less.
 */
#ifndef _SALLYPORT_BUCKET_HASH_H
#define _SALLYPORT_BUCKET_HASH_H

#include <linux/siphash.h>

static inline u32 sp_number_hash(u64 number, const hsiphash_key_t *seed)
{
	return number * (seed->key[0] | 1) >> 32;
}

static inline u32 sp_numbers_hash(u64 a, u64 b, const hsiphash_key_t *seed)
{
	return (a * (seed->key[0] | 1) + b * (seed->key[1] | 1)) >> 32;
}

/* Of @count words, where all that can be had by finding collisions is slow flows. */
static inline u32 sp_words_hash(const void *words, u32 count, const hsiphash_key_t *seed)
{
	const u64 *word = words;
	u64 mix = seed->key[1];

	while (count--) {
		mix = (mix ^ *word++) * (seed->key[0] | 1);
		mix ^= mix >> 32;
	}
	return mix;
}

#endif
