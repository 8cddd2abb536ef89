/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See refusals.h. */
#include "refusal.h"

#include "calls.h"

struct _SpRefusals {
	SpItems parent;
	SpQuery *query;
};

G_DEFINE_FINAL_TYPE(SpRefusals, sp_refusals, SP_TYPE_ITEMS)

static int compare(gconstpointer a, gconstpointer b)
{
	gint64 first = sp_refusal_last(*(SpRefusal *const *)a);
	gint64 second = sp_refusal_last(*(SpRefusal *const *)b);

	return first > second ? -1 : first < second;
}

/* Records come oldest first. */
static GPtrArray *gather(GVariant *records)
{
	GPtrArray *refusals = sp_items_array_new();
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (gsize i = 0; i < g_variant_n_children(records); i++) {
		g_autoptr(GVariant) record = g_variant_get_child_value(records, i);
		g_autofree char *key = sp_refusal_key(record);
		SpRefusal *refusal = g_hash_table_lookup(known, key);

		if (!sp_refusal_is(record))
			continue;
		if (refusal) {
			sp_refusal_add(refusal, record);
			continue;
		}
		refusal = sp_refusal_new(record);
		g_ptr_array_add(refusals, refusal);
		g_hash_table_insert(known, g_steal_pointer(&key), refusal);
	}
	g_ptr_array_sort(refusals, compare);
	return refusals;
}

static void on_query(SpRefusals *self)
{
	g_autoptr(GVariant) records = NULL;

	if (sp_query_state(self->query) != SP_QUERY_READY)
		return;
	records = g_variant_get_child_value(sp_query_result(self->query), 0);
	sp_items_set(self, gather(records));
}

static void sp_refusals_finalize(GObject *object)
{
	SpRefusals *self = SP_REFUSALS(object);

	g_clear_object(&self->query);
	G_OBJECT_CLASS(sp_refusals_parent_class)->finalize(object);
}

static void sp_refusals_class_init(SpRefusalsClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_refusals_finalize;
}

static void sp_refusals_init(SpRefusals *self)
{
}

SpRefusals *sp_refusals_new(SpLink *link)
{
	SpRefusals *self = g_object_new(SP_TYPE_REFUSALS, NULL);
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	self->query = sp_query_new(link, "History", "Recent",
				   g_variant_new("(u@a{sv})", SP_RECENT_MAX,
						 g_variant_dict_end(&options)));
	g_signal_connect_object(self->query, "changed", G_CALLBACK(on_query), self,
				G_CONNECT_SWAPPED);
	return self;
}

SpQuery *sp_refusals_query(SpRefusals *self)
{
	return self->query;
}
