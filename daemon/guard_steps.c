/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See guard_steps.h. */
#include "guard_steps.h"

/* The change that an entry is about; NULL: it is nobody's to take back. */
static const guint64 *about(const struct sp_journal_entry *entry)
{
	switch (entry->kind) {
	case SP_SET_CHANGE:
		return &entry->change;
	case SP_SET_UNDO:
	case SP_SET_REDO:
		return &entry->target;
	case SP_SET_EXPIRY:
	case SP_SET_RESTORED:
		return NULL;
	}
	g_assert_not_reached();
}

static void add_step(GArray *steps, const struct sp_journal_entry *first,
		     const struct sp_journal_entry *newest)
{
	gboolean was_undone = first->kind != SP_SET_UNDO;	/* or not made yet */
	gboolean is_undone = newest->kind == SP_SET_UNDO;
	const struct sp_guard_step step = { .change = *about(first), .redo = !was_undone };

	if (was_undone != is_undone)
		g_array_append_val(steps, step);
}

GArray *sp_guard_steps(const struct sp_journal_entry *entries, gsize count, const char *how)
{
	GArray *steps = g_array_new(FALSE, FALSE, sizeof(struct sp_guard_step));
	/* By change: the newest entry about it, and the oldest that is guarded. */
	g_autoptr(GHashTable) newest = g_hash_table_new(g_int64_hash, g_int64_equal);
	g_autoptr(GHashTable) first = g_hash_table_new(g_int64_hash, g_int64_equal);
	g_autoptr(GPtrArray) order = g_ptr_array_new();

	for (gsize i = 0; i < count; i++) {
		const struct sp_journal_entry *entry = &entries[i];
		gpointer change = (gpointer)about(entry);

		if (!change)
			continue;
		if (!g_hash_table_contains(newest, change))
			g_hash_table_insert(newest, change, (gpointer)entry);
		if (!g_strcmp0(entry->how, how) && g_hash_table_insert(first, change, (gpointer)entry))
			g_ptr_array_add(order, change);
	}
	for (guint i = 0; i < order->len; i++)
		add_step(steps, g_hash_table_lookup(first, order->pdata[i]),
			 g_hash_table_lookup(newest, order->pdata[i]));
	return steps;
}
