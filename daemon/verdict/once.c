/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of answers "once". */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include "hash.h"
#include "once.h"

static uint16_t called_port(const struct sallyport_flow *flow)
{
	return flow->direction == SALLYPORT_OUT ? flow->remote_port : flow->local_port;
}

static bool matches(const struct sp_once_entry *entry,
		    const struct sallyport_flow *flow)
{
	return entry->process == flow->process &&
	       entry->uid == flow->uid &&
	       entry->port == called_port(flow) &&
	       entry->protocol == flow->protocol &&
	       entry->direction == flow->direction &&
	       !memcmp(entry->remote, flow->remote, sizeof(entry->remote));
}

static struct sp_once_bucket *bucket_of(struct sp_once *once, uint64_t process)
{
	return &once->buckets[sp_hash_number(process) % SP_ONCE_BUCKETS];
}

static struct sp_once_entry *find(struct sp_once *once,
				  const struct sallyport_flow *flow)
{
	struct sp_once_entry *entry;

	LIST_FOREACH(entry, bucket_of(once, flow->process), by_process)
		if (matches(entry, flow))
			return entry;
	return NULL;
}

static void forget(struct sp_once *once, struct sp_once_entry *entry)
{
	LIST_REMOVE(entry, by_process);
	entry->process = 0;
	once->count--;
}

/* A free place, or that of the answer which was of no use the longest. */
static struct sp_once_entry *place(struct sp_once *once)
{
	struct sp_once_entry *oldest = &once->entries[0];
	size_t i;

	for (i = 0; i < SP_ONCE_MAX; i++) {
		if (!once->entries[i].process)
			return &once->entries[i];
		if (once->entries[i].used < oldest->used)
			oldest = &once->entries[i];
	}
	return oldest;
}

static struct sp_once_entry *create(struct sp_once *once,
				    const struct sallyport_flow *flow)
{
	struct sp_once_entry *entry = place(once);

	if (entry->process)
		forget(once, entry);
	memset(entry, 0, sizeof(*entry));
	entry->process = flow->process;
	LIST_INSERT_HEAD(bucket_of(once, flow->process), entry, by_process);
	once->count++;
	entry->uid = flow->uid;
	memcpy(entry->remote, flow->remote, sizeof(entry->remote));
	entry->port = called_port(flow);
	entry->protocol = flow->protocol;
	entry->direction = flow->direction;
	return entry;
}

void sp_once_add(struct sp_once *once, const struct sallyport_flow *flow,
		 uint8_t action, uint64_t boot)
{
	struct sp_once_entry *entry;

	if (!flow->process)
		return;
	entry = find(once, flow);
	if (!entry)
		entry = create(once, flow);
	entry->action = action;
	entry->used = boot;
	entry->flows++;
}

uint8_t sp_once_find(struct sp_once *once, const struct sallyport_flow *flow,
		     uint64_t boot)
{
	struct sp_once_entry *entry = flow->process ? find(once, flow) : NULL;

	if (!entry)
		return 0;
	if (boot - entry->used > SP_ONCE_AGE) {
		forget(once, entry);
		return 0;
	}
	return entry->action;
}

void sp_once_inherited(struct sp_once *once, const struct sallyport_flow *flow)
{
	struct sp_once_entry *entry = flow->process ? find(once, flow) : NULL;

	if (entry)
		entry->flows++;
}

void sp_once_ended(struct sp_once *once, const struct sallyport_flow *flow)
{
	struct sp_once_entry *entry = flow->process ? find(once, flow) : NULL;

	if (entry && !--entry->flows)
		forget(once, entry);
}

void sp_once_recount_begin(struct sp_once *once)
{
	size_t i;

	for (i = 0; i < SP_ONCE_MAX; i++)
		once->entries[i].flows = 0;
}

void sp_once_recount(struct sp_once *once, const struct sallyport_flow *flow)
{
	sp_once_inherited(once, flow);
}

void sp_once_recount_end(struct sp_once *once)
{
	size_t i;

	for (i = 0; i < SP_ONCE_MAX; i++)
		if (once->entries[i].process && !once->entries[i].flows)
			forget(once, &once->entries[i]);
}
