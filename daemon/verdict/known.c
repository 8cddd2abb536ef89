/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A direct-mapped cache for each kind: numbers are given in order. */
#include <stdlib.h>
#include <string.h>
#include "known.h"

static struct sp_known_slot *slot_of(struct sp_known_table *table,
				     enum sp_known_kind kind, uint64_t id)
{
	return &table->slots[kind][id % SP_KNOWN_SLOTS];
}

static void empty(struct sp_known_slot *slot)
{
	free(slot->known);
	memset(slot, 0, sizeof(*slot));
}

static void empty_kind(struct sp_known_table *table, enum sp_known_kind kind)
{
	size_t i;

	for (i = 0; i < SP_KNOWN_SLOTS; i++)
		if (table->slots[kind][i].known)
			empty(&table->slots[kind][i]);
}

void sp_known_clear(struct sp_known_table *table)
{
	enum sp_known_kind kind;

	for (kind = 0; kind < SP_KNOWN_KINDS; kind++)
		empty_kind(table, kind);
	memset(table, 0, sizeof(*table));
}

const struct sp_known_slot *sp_known_find(const struct sp_known_table *table,
					  enum sp_known_kind kind, uint64_t id,
					  uint64_t boot)
{
	const struct sp_known_slot *slot = &table->slots[kind][id % SP_KNOWN_SLOTS];

	if (!id || slot->id != id || !slot->known)
		return NULL;
	return slot->retry && slot->retry <= boot ? NULL : slot;
}

bool sp_known_is_wanted(const struct sp_known_table *table, enum sp_known_kind kind,
			uint64_t id)
{
	const struct sp_known_slot *slot = &table->slots[kind][id % SP_KNOWN_SLOTS];

	return slot->id == id && !slot->known;
}

void sp_known_want(struct sp_known_table *table, enum sp_known_kind kind, uint64_t id)
{
	struct sp_known_slot *slot = slot_of(table, kind, id);

	empty(slot);
	slot->id = id;
	table->under_way++;
}

void sp_known_take(struct sp_known_table *table, struct sp_known *known, uint64_t boot)
{
	if (known->id) {
		table->under_way--;
		sp_known_put(table, known, boot);
		return;
	}
	empty_kind(table, known->kind);
	free(known);
}

void sp_known_put(struct sp_known_table *table, struct sp_known *known, uint64_t boot)
{
	struct sp_known_slot *slot = slot_of(table, known->kind, known->id);

	empty(slot);
	slot->id = known->id;
	slot->known = known;
	slot->retry = known->failed ? boot + SP_KNOWN_RETRY : 0;
}
