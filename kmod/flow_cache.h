/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The per-CPU flow cache: 4-way set-associative, in front of the flow table.
 *
 * An entry is a flow that was found in the table under the generation noted in
 * it; when the generation has moved on since, the entry answers nothing and the
 * table is asked again. Entries also gather the flow's counts. Each CPU has a
 * cache and a lock for it, taken by others only to harvest and to evict, so
 * that a hit writes only memory of its own CPU.
 *
 * An entry holds no reference: sp_flow_kill() marks the flow dead, then evicts
 * it from all caches, and only then lets go of it; a dead flow is not filled in.
 *
 * The cache is made before the flow table and goes after it.
 */
#ifndef _SALLYPORT_FLOW_CACHE_H
#define _SALLYPORT_FLOW_CACHE_H

#include <linux/bit_spinlock.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/percpu.h>
#include "flow_key.h"
#include "flow_table.h"

#define SP_CACHE_WAYS 4

/* Two cache lines: what is compared, then what a hit writes. */
struct sp_cache_entry {
	struct sp_flow_key key;
	struct sp_flow *flow;		/* NULL: empty */
	u32 generation;			/* 0: empty */
	u8 action;			/* of the flow */
	u8 zero[11];
	unsigned long used;		/* jiffies of the last packet */
	u64 bytes[2];			/* since the last harvest */
	u32 packets[2];
} __aligned(32);

static_assert(sizeof(struct sp_cache_entry) == 96);

struct sp_cache_set {
	struct sp_cache_entry ways[SP_CACHE_WAYS];
};

struct sp_cache {
	unsigned long lock;		/* of all entries: sp_cache_lock() */
	struct sp_cache_set *sets;	/* sp_cache_mask + 1 */
};

DECLARE_PER_CPU(struct sp_cache, sp_cache);
extern u32 sp_cache_mask;	/* number of sets - 1 */
extern u32 sp_cache_generation;	/* never 0 */

int sp_cache_init(u32 sets);	/* a power of two; -ENOMEM */
void sp_cache_exit(void);	/* no hook runs, no flow is left */

/* Voids all entries of all CPUs. Has release semantics; any context. */
void sp_cache_invalidate(void);

/*
 * Reads the generation, with acquire semantics, before the flow table is
 * searched; what was found is then filled in with it.
 */
static inline u32 sp_cache_begin(void)
{
	/* pairs with cmpxchg() in sp_cache_invalidate() */
	return smp_load_acquire(&sp_cache_generation);
}

/*
 * Looks @key up on this CPU and counts a packet of @bytes in @packets segments
 * in @direction if it is there. Returns the flow's action, or 0: not there.
 * Any context but hard interrupts.
 */
static __always_inline u8 sp_cache_hit(const struct sp_flow_words *key,
				       u8 direction, u32 bytes, u32 packets);

/*
 * Puts a flow that was found under @generation in this CPU's cache and counts
 * the packet. Does nothing but count in the flow if it is dead meanwhile. BH
 * must be disabled and rcu_read_lock() held.
 */
void sp_cache_fill(struct sp_flow *flow, u32 generation, u8 direction,
		   u32 bytes, u32 packets);

/*
 * Moves what all caches counted for @flow, which is dead, into it and forgets
 * it. Any context but hard interrupts.
 */
void sp_cache_evict(struct sp_flow *flow);
/* Moves all counts of all caches into their flows. Process context. */
void sp_cache_harvest(void);

/*
 * A cheap mix: whoever finds collisions slows down the flows that share his
 * own sets, nothing else; the tables behind use keyed hashes.
 */
static __always_inline u32 sp_cache_hash(const struct sp_flow_words *key)
{
	u64 mix = key->word[0] ^ key->word[2] ^ key->word[3];

	mix *= 0x9e3779b97f4a7c15ULL;
	return mix >> 40;
}

/* The ways in which @key can be in @cache. */
static __always_inline struct sp_cache_entry *
sp_cache_ways(const struct sp_cache *cache, const struct sp_flow_words *key)
{
	return cache->sets[sp_cache_hash(key) & sp_cache_mask].ways;
}

/*
 * The socket first: nearly always it alone tells entries of a set apart. The
 * compiler would not unroll a loop here.
 */
static __always_inline bool
sp_cache_entry_is(const struct sp_cache_entry *entry,
		  const struct sp_flow_words *key)
{
	const u64 *a = (const u64 *)&entry->key, *b = key->word;

	static_assert(SP_FLOW_KEY_WORDS == 5);
	return a[0] == b[0] && !((a[1] ^ b[1]) | (a[2] ^ b[2]) |
				 (a[3] ^ b[3]) | (a[4] ^ b[4]));
}

static __always_inline void sp_cache_count(struct sp_cache_entry *entry,
					   u8 direction, u32 bytes, u32 packets)
{
	entry->used = jiffies;
	entry->bytes[direction] += bytes;
	entry->packets[direction] += packets;
}

/*
 * Returns the flags for sp_cache_unlock(). A bit and interrupts, where a spinlock
 * and bottom halves would do: nothing is called then on the way of every packet.
 * Nearly always it is the CPU's own, and nobody else wants it.
 */
extern struct lockdep_map sp_cache_lock_map;	/* of all CPUs' locks: a bit has none */

static __always_inline unsigned long sp_cache_lock(struct sp_cache *cache)
{
	unsigned long flags;

	local_irq_save(flags);
	lock_map_acquire(&sp_cache_lock_map);
	bit_spin_lock(0, &cache->lock);
	return flags;
}

static __always_inline void sp_cache_unlock(struct sp_cache *cache,
					    unsigned long flags)
{
	__bit_spin_unlock(0, &cache->lock);
	lock_map_release(&sp_cache_lock_map);
	local_irq_restore(flags);
}

static __always_inline u8 sp_cache_hit(const struct sp_flow_words *key,
				       u8 direction, u32 bytes, u32 packets)
{
	struct sp_cache *cache = raw_cpu_ptr(&sp_cache);	/* stays when we move */
	struct sp_cache_entry *entry = sp_cache_ways(cache, key);
	unsigned long flags = sp_cache_lock(cache);
	u8 action = 0;
	u32 way;

	for (way = 0; way < SP_CACHE_WAYS; way++, entry++) {
		if (!sp_cache_entry_is(entry, key))
			continue;
		if (entry->generation == READ_ONCE(sp_cache_generation)) {
			sp_cache_count(entry, direction, bytes, packets);
			action = entry->action;
		}
		break;
	}
	sp_cache_unlock(cache, flags);
	return action;
}

#endif
