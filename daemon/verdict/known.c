/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chains by number, and a row in the order of telling for each kind. */
#include <stdlib.h>
#include <string.h>
#include "known.h"

void sp_known_init(struct sp_known_table *table)
{
	enum sp_known_kind kind;

	memset(table, 0, sizeof(*table));
	for (kind = 0; kind < SP_KNOWN_KINDS; kind++)
		TAILQ_INIT(&table->told[kind]);
}

static struct sp_known_slot *find(const struct sp_known_table *table,
				  enum sp_known_kind kind, uint64_t id)
{
	struct sp_known_slot *slot;

	LIST_FOREACH(slot, &table->buckets[kind][id % SP_KNOWN_BUCKETS], chain)
		if (slot->id == id)
			return slot;
	return NULL;
}

static void drop(struct sp_known_table *table, enum sp_known_kind kind,
		 struct sp_known_slot *slot)
{
	LIST_REMOVE(slot, chain);
	TAILQ_REMOVE(&table->told[kind], slot, age);
	table->count[kind]--;
	free(slot->known);
	free(slot);
}

/* All that is waited for, too: @wanted. */
static void empty_kind(struct sp_known_table *table, enum sp_known_kind kind, bool wanted)
{
	struct sp_known_slot *slot = TAILQ_FIRST(&table->told[kind]), *next;

	for (; slot; slot = next) {
		next = TAILQ_NEXT(slot, age);
		if (slot->known || wanted)
			drop(table, kind, slot);
	}
}

void sp_known_clear(struct sp_known_table *table)
{
	enum sp_known_kind kind;

	for (kind = 0; kind < SP_KNOWN_KINDS; kind++)
		empty_kind(table, kind, true);
	table->under_way = 0;
	table->series = 0;
}

const struct sp_known_slot *sp_known_find(const struct sp_known_table *table,
					  enum sp_known_kind kind, uint64_t id,
					  uint64_t boot)
{
	const struct sp_known_slot *slot = id ? find(table, kind, id) : NULL;

	if (!slot || !slot->known)
		return NULL;
	return slot->retry && slot->retry <= boot ? NULL : slot;
}

bool sp_known_is_wanted(const struct sp_known_table *table, enum sp_known_kind kind,
			uint64_t id)
{
	const struct sp_known_slot *slot = find(table, kind, id);

	return slot && !slot->known;
}

/* The first that was told may go, or none: those behind it were told later. */
static bool make_room(struct sp_known_table *table, enum sp_known_kind kind)
{
	struct sp_known_slot *slot;

	if (table->count[kind] < SP_KNOWN_MAX)
		return true;
	TAILQ_FOREACH(slot, &table->told[kind], age)
		if (slot->known)
			break;
	if (!slot || (table->series && slot->series == table->series))
		return false;
	drop(table, kind, slot);
	return true;
}

/* Empty, and the last in the row. NULL: there is no room. */
static struct sp_known_slot *take_slot(struct sp_known_table *table, enum sp_known_kind kind,
				       uint64_t id)
{
	struct sp_known_slot *slot = find(table, kind, id);

	if (slot)
		drop(table, kind, slot);
	else if (!make_room(table, kind))
		return NULL;
	slot = calloc(1, sizeof(*slot));
	if (!slot)
		return NULL;
	slot->id = id;
	LIST_INSERT_HEAD(&table->buckets[kind][id % SP_KNOWN_BUCKETS], slot, chain);
	TAILQ_INSERT_TAIL(&table->told[kind], slot, age);
	table->count[kind]++;
	return slot;
}

bool sp_known_want(struct sp_known_table *table, enum sp_known_kind kind, uint64_t id)
{
	if (!take_slot(table, kind, id))
		return false;
	table->under_way++;
	return true;
}

void sp_known_unwant(struct sp_known_table *table, enum sp_known_kind kind, uint64_t id)
{
	drop(table, kind, find(table, kind, id));
	table->under_way--;
}

void sp_known_take(struct sp_known_table *table, struct sp_known *known, uint64_t boot)
{
	if (known->id) {
		table->under_way--;
		sp_known_put(table, known, boot);
		return;
	}
	empty_kind(table, known->kind, false);
	free(known);
}

void sp_known_put(struct sp_known_table *table, struct sp_known *known, uint64_t boot)
{
	struct sp_known_slot *slot = take_slot(table, known->kind, known->id);

	if (!slot) {
		free(known);
		return;
	}
	slot->known = known;
	slot->series = table->series;
	slot->retry = known->failed ? boot + SP_KNOWN_RETRY : 0;
}
