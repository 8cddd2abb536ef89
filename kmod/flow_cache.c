// SPDX-License-Identifier: GPL-2.0
/*
 * The per-CPU flow cache: filling, evicting, harvesting. A hit is in the header.
 *
 * A CPU's lock covers its entries. No two of these locks are held at once, and
 * no other lock is taken inside one. In a set a key is there at most once.
 *
 * A flow notes in flow->cpus whose caches it may be in (bits are never taken
 * back). Filling sets the bit and then looks whether the flow is dead; killing
 * marks it dead and then looks at the bits. So either the filler sees that it
 * is dead, or the killer finds the bit and waits for the filler's lock.
 */
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "flow_cache.h"

#define HARVEST_SETS	16	/* for which a CPU's lock is held at a time */

DEFINE_PER_CPU(struct sp_cache, sp_cache);

struct lockdep_map sp_cache_lock_map;
u32 sp_cache_mask __read_mostly;
u32 sp_cache_generation __read_mostly = 1;

int sp_cache_init(u32 sets)
{
	static struct lock_class_key key;
	struct sp_cache *cache;
	int cpu;

	lockdep_init_map(&sp_cache_lock_map, "sp_cache->lock", &key, 0);
	sp_cache_mask = sets - 1;
	for_each_possible_cpu(cpu) {
		cache = per_cpu_ptr(&sp_cache, cpu);
		cache->sets = kvzalloc_node(array_size(sets,
						       sizeof(*cache->sets)),
					    GFP_KERNEL, cpu_to_node(cpu));
		if (!cache->sets) {
			sp_cache_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

void sp_cache_exit(void)
{
	struct sp_cache *cache;
	int cpu;

	for_each_possible_cpu(cpu) {
		cache = per_cpu_ptr(&sp_cache, cpu);
		kvfree(cache->sets);
		cache->sets = NULL;
	}
}

void sp_cache_invalidate(void)
{
	u32 old, new;

	do {
		old = READ_ONCE(sp_cache_generation);
		new = old + 1 ? old + 1 : 1;
	} while (cmpxchg(&sp_cache_generation, old, new) != old);
}

static void flow_add(struct sp_flow *flow, u8 direction, u64 bytes, u32 packets)
{
	if (!packets)
		return;
	atomic64_add(bytes, &flow->bytes[direction]);
	atomic64_add(packets, &flow->packets[direction]);
}

static void flow_touch(struct sp_flow *flow, unsigned long used)
{
	if (time_after(used, READ_ONCE(flow->used)))
		WRITE_ONCE(flow->used, used);
}

/* Moves the entry's counts into its flow. */
static void entry_flush(struct sp_cache_entry *entry)
{
	int i;

	for (i = 0; i < 2; i++) {
		flow_add(entry->flow, i, entry->bytes[i], entry->packets[i]);
		entry->bytes[i] = 0;
		entry->packets[i] = 0;
	}
	flow_touch(entry->flow, entry->used);
}

static void entry_clear(struct sp_cache_entry *entry)
{
	entry_flush(entry);
	memset(entry, 0, sizeof(*entry));
}

/* Is @a a better one to replace than @b? */
static bool entry_yields(const struct sp_cache_entry *a,
			 const struct sp_cache_entry *b, u32 generation)
{
	bool a_void = a->generation != generation;
	bool b_void = b->generation != generation;

	if (!a->flow || !b->flow)
		return b->flow;
	if (a_void != b_void)
		return a_void;
	return time_before(a->used, b->used);
}

/* The entry of the set that has this key, or else the one to replace. */
static struct sp_cache_entry *choose_way(struct sp_cache_entry *ways,
					 const struct sp_flow_key *key)
{
	u32 generation = READ_ONCE(sp_cache_generation);
	struct sp_cache_entry *entry, *choice = ways;

	for (entry = ways; entry < ways + SP_CACHE_WAYS; entry++) {
		if (entry->flow && sp_flow_key_equal(&entry->key, key))
			return entry;
		if (entry_yields(entry, choice, generation))
			choice = entry;
	}
	return choice;
}

static void entry_take(struct sp_cache_entry *entry, struct sp_flow *flow)
{
	if (entry->flow)
		entry_clear(entry);
	entry->key = flow->desc.key;
	entry->flow = flow;
	entry->action = flow->action;
}

/* True if the killer of the flow will find what is filled in now. */
static bool flow_announce(struct sp_flow *flow)
{
	unsigned int bit = smp_processor_id() % BITS_PER_LONG;

	if (!test_bit(bit, &flow->cpus))
		set_bit(bit, &flow->cpus);
	smp_mb();	/* pairs with sp_cache_evict() */
	return !READ_ONCE(flow->dead);
}

/* The ways in which the flow can be. */
static struct sp_cache_entry *flow_ways(const struct sp_cache *cache,
					const struct sp_flow *flow)
{
	struct sp_flow_words words;

	memcpy(&words, &flow->desc.key, sizeof(words));
	return sp_cache_ways(cache, &words);
}

void sp_cache_fill(struct sp_flow *flow, u32 generation, u8 direction,
		   u32 bytes, u32 packets)
{
	struct sp_cache *cache = this_cpu_ptr(&sp_cache);
	struct sp_cache_entry *entry;
	unsigned long flags;

	lockdep_assert_in_softirq();
	flags = sp_cache_lock(cache);
	if (!sp_flow_key_is_dns(&flow->desc.key) && flow_announce(flow)) {
		entry = choose_way(flow_ways(cache, flow), &flow->desc.key);
		if (entry->flow != flow)
			entry_take(entry, flow);
		entry->generation = generation;
		sp_cache_count(entry, direction, bytes, packets);
	} else {
		flow_add(flow, direction, bytes, packets);
		flow_touch(flow, jiffies);
	}
	sp_cache_unlock(cache, flags);
}

static void cache_evict(struct sp_cache *cache, const struct sp_flow *flow)
{
	unsigned long flags = sp_cache_lock(cache);
	struct sp_cache_entry *entry;
	int way;

	entry = flow_ways(cache, flow);
	for (way = 0; way < SP_CACHE_WAYS; way++, entry++)
		if (entry->flow == flow)
			entry_clear(entry);
	sp_cache_unlock(cache, flags);
}

void sp_cache_evict(struct sp_flow *flow)
{
	unsigned long cpus;
	int cpu;

	WARN_ON_ONCE(!READ_ONCE(flow->dead));
	smp_mb();	/* pairs with flow_announce() */
	cpus = READ_ONCE(flow->cpus);
	if (!cpus)
		return;
	for_each_possible_cpu(cpu)
		if (cpus & BIT(cpu % BITS_PER_LONG))
			cache_evict(per_cpu_ptr(&sp_cache, cpu), flow);
}

static void set_flush(struct sp_cache_set *set)
{
	int way;

	for (way = 0; way < SP_CACHE_WAYS; way++)
		if (set->ways[way].flow)
			entry_flush(&set->ways[way]);
}

static void cache_harvest(struct sp_cache *cache, u32 first)
{
	u32 end = min_t(u32, first + HARVEST_SETS, sp_cache_mask + 1), i;
	unsigned long flags = sp_cache_lock(cache);

	for (i = first; i < end; i++)
		set_flush(&cache->sets[i]);
	sp_cache_unlock(cache, flags);
}

void sp_cache_harvest(void)
{
	u32 set;
	int cpu;

	for_each_possible_cpu(cpu) {
		for (set = 0; set <= sp_cache_mask; set += HARVEST_SETS) {
			cache_harvest(per_cpu_ptr(&sp_cache, cpu), set);
			cond_resched();
		}
	}
}
