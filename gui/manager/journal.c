/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See journal.h. */
#include "journal-change.h"

#include "calls.h"

/* As many as the daemon tells at once. */
#define ENTRIES 1000

struct _SpJournal {
	SpItems parent;
	SpQuery *query;
};

G_DEFINE_FINAL_TYPE(SpJournal, sp_journal, SP_TYPE_ITEMS)

/* Entries of one change stand together. */
static GPtrArray *gather(GVariant *entries)
{
	GPtrArray *changes = sp_items_array_new();
	SpJournalChange *last = NULL;
	GVariantIter iter;
	GVariant *entry;

	g_variant_iter_init(&iter, entries);
	while ((entry = g_variant_iter_next_value(&iter))) {
		if (last && sp_journal_change_number(last) == sp_dict_number(entry, "change")) {
			sp_journal_change_add(last, entry);
		} else {
			last = sp_journal_change_new(entry);
			g_ptr_array_add(changes, last);
		}
		g_variant_unref(entry);
	}
	return changes;
}

/* In @changes those that are as they were become the ones of before. */
static void keep(GPtrArray *changes, GPtrArray *before)
{
	g_autoptr(GHashTable) old = g_hash_table_new(g_int64_hash, g_int64_equal);
	g_autofree guint64 *numbers = g_new(guint64, before->len + 1);

	for (guint i = 0; i < before->len; i++) {
		numbers[i] = sp_journal_change_number(before->pdata[i]);
		g_hash_table_insert(old, &numbers[i], before->pdata[i]);
	}
	for (guint i = 0; i < changes->len; i++) {
		guint64 number = sp_journal_change_number(changes->pdata[i]);
		SpJournalChange *same = g_hash_table_lookup(old, &number);

		if (same && sp_journal_change_same(same, changes->pdata[i]))
			g_set_object((SpJournalChange **)&changes->pdata[i], same);
	}
}

void sp_journal_take(SpJournal *self, GVariant *entries)
{
	GPtrArray *changes = gather(entries);

	keep(changes, sp_items_array(self));
	sp_items_set(self, changes);
}

static void on_query(SpJournal *self)
{
	g_autoptr(GVariant) entries = NULL;

	if (sp_query_state(self->query) != SP_QUERY_READY)
		return;
	entries = g_variant_get_child_value(sp_query_result(self->query), 0);
	sp_journal_take(self, entries);
}

static void sp_journal_finalize(GObject *object)
{
	SpJournal *self = SP_JOURNAL(object);

	g_clear_object(&self->query);
	G_OBJECT_CLASS(sp_journal_parent_class)->finalize(object);
}

static void sp_journal_class_init(SpJournalClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_journal_finalize;
}

static void sp_journal_init(SpJournal *self)
{
}

SpJournal *sp_journal_new(SpLink *link)
{
	SpJournal *self = g_object_new(SP_TYPE_JOURNAL, NULL);
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	self->query = sp_query_new(link, "Rules", "Journal",
				   g_variant_new("(u@a{sv})", ENTRIES, g_variant_dict_end(&options)));
	g_signal_connect_object(self->query, "changed", G_CALLBACK(on_query), self,
				G_CONNECT_SWAPPED);
	return self;
}

SpQuery *sp_journal_query(SpJournal *self)
{
	return self->query;
}
