/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See refusals.h. */
#include "refusal.h"

#include "calls.h"
#include "splice.h"

struct _SpRefusals {
	GObject parent;
	SpQuery *query;
	GPtrArray *refusals;
};

static void list_model_init(GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE(SpRefusals, sp_refusals, G_TYPE_OBJECT,
			      G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

static GType get_item_type(GListModel *model)
{
	return SP_TYPE_REFUSAL;
}

static guint get_n_items(GListModel *model)
{
	return SP_REFUSALS(model)->refusals->len;
}

static gpointer get_item(GListModel *model, guint position)
{
	GPtrArray *refusals = SP_REFUSALS(model)->refusals;

	return position < refusals->len ? g_object_ref(g_ptr_array_index(refusals, position)) : NULL;
}

static void list_model_init(GListModelInterface *interface)
{
	interface->get_item_type = get_item_type;
	interface->get_n_items = get_n_items;
	interface->get_item = get_item;
}

static int compare(gconstpointer a, gconstpointer b)
{
	gint64 first = sp_refusal_last(*(SpRefusal *const *)a);
	gint64 second = sp_refusal_last(*(SpRefusal *const *)b);

	return first > second ? -1 : first < second;
}

/* Records come oldest first. */
static GPtrArray *gather(GVariant *records)
{
	GPtrArray *refusals = g_ptr_array_new_with_free_func(g_object_unref);
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
	sp_splice(G_LIST_MODEL(self), &self->refusals, gather(records));
}

static void sp_refusals_finalize(GObject *object)
{
	SpRefusals *self = SP_REFUSALS(object);

	g_clear_object(&self->query);
	g_ptr_array_unref(self->refusals);
	G_OBJECT_CLASS(sp_refusals_parent_class)->finalize(object);
}

static void sp_refusals_class_init(SpRefusalsClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_refusals_finalize;
}

static void sp_refusals_init(SpRefusals *self)
{
	self->refusals = g_ptr_array_new_with_free_func(g_object_unref);
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
