/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buckets by what this machine numbers (sockets, users, images) or its own programs choose.
 * Numbers are given in order, but who makes very many of them could keep those that fall
 * together: so the factors are secrets. It costs a tenth of hsiphash() or less.
 */
#ifndef _SALLYPORT_BUCKET_HASH_H
#define _SALLYPORT_BUCKET_HASH_H

#include <linux/rculist.h>
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

static inline struct hlist_node *sp_chain_first(const struct hlist_head *head)
{
	return rcu_dereference_raw(hlist_first_rcu(head));
}

static inline struct hlist_node *sp_chain_next(const struct hlist_node *node)
{
	return rcu_dereference_raw(hlist_next_rcu(node));
}

/* Of @node and those behind it. */
static inline u32 sp_chain_left(const struct hlist_node *node)
{
	u32 left = 0;

	for (; node; node = sp_chain_next(node))
		left++;
	return left;
}

/*
 * Where a walk goes on that was broken off with @left to go; 0: where it begins. What is
 * new stands in front, so whatever came and went nobody is left out, some are met twice.
 */
static inline struct hlist_node *sp_chain_resume(const struct hlist_head *head, u32 left)
{
	struct hlist_node *node = sp_chain_first(head), *ahead = left ? node : NULL;

	while (left-- && ahead)
		ahead = sp_chain_next(ahead);
	for (; ahead; ahead = sp_chain_next(ahead))
		node = sp_chain_next(node);
	return node;
}

#endif
