/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rules.h. @items is sorted by number. */
#include "rules.h"

#include "splice.h"

struct _SpRules {
	GObject parent;
	SpQuery *query;
	GPtrArray *items;
};

static void list_model_init(GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE(SpRules, sp_rules, G_TYPE_OBJECT,
			      G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

static GType get_item_type(GListModel *model)
{
	return SP_TYPE_RULE_ITEM;
}

static guint get_n_items(GListModel *model)
{
	return SP_RULES(model)->items->len;
}

static gpointer get_item(GListModel *model, guint position)
{
	GPtrArray *items = SP_RULES(model)->items;

	return position < items->len ? g_object_ref(g_ptr_array_index(items, position)) : NULL;
}

static void list_model_init(GListModelInterface *interface)
{
	interface->get_item_type = get_item_type;
	interface->get_n_items = get_n_items;
	interface->get_item = get_item;
}

static int compare(gconstpointer a, gconstpointer b)
{
	guint64 first = sp_rule_item_id(*(SpRuleItem *const *)a);
	guint64 second = sp_rule_item_id(*(SpRuleItem *const *)b);

	return first < second ? -1 : first > second;
}

SpRuleItem *sp_rules_find(SpRules *self, guint64 id)
{
	guint low = 0, high = self->items->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		SpRuleItem *item = g_ptr_array_index(self->items, middle);

		if (sp_rule_item_id(item) == id)
			return item;
		if (sp_rule_item_id(item) < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static SpRuleItem *item_for(SpRules *self, GVariant *dict)
{
	guint64 id = 0;
	SpRuleItem *old;

	g_variant_lookup(dict, "id", "t", &id);
	old = sp_rules_find(self, id);
	return old && sp_rule_item_same(old, dict) ? g_object_ref(old) : sp_rule_item_new(dict);
}

void sp_rules_take(SpRules *self, GVariant *dicts)
{
	GPtrArray *items = g_ptr_array_new_with_free_func(g_object_unref);
	GVariantIter iter;
	GVariant *dict;

	g_variant_iter_init(&iter, dicts);
	while ((dict = g_variant_iter_next_value(&iter))) {
		g_ptr_array_add(items, item_for(self, dict));
		g_variant_unref(dict);
	}
	g_ptr_array_sort(items, compare);
	sp_splice(G_LIST_MODEL(self), &self->items, items);
}

static void on_query(SpRules *self)
{
	g_autoptr(GVariant) dicts = NULL;

	if (sp_query_state(self->query) != SP_QUERY_READY)
		return;
	dicts = g_variant_get_child_value(sp_query_result(self->query), 0);
	sp_rules_take(self, dicts);
}

static void sp_rules_finalize(GObject *object)
{
	SpRules *self = SP_RULES(object);

	g_clear_object(&self->query);
	g_ptr_array_unref(self->items);
	G_OBJECT_CLASS(sp_rules_parent_class)->finalize(object);
}

static void sp_rules_class_init(SpRulesClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_rules_finalize;
}

static void sp_rules_init(SpRules *self)
{
	self->items = g_ptr_array_new_with_free_func(g_object_unref);
}

static GVariant *list_args(gboolean all)
{
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	if (all)
		g_variant_dict_insert(&options, "all", "b", TRUE);
	return g_variant_new("(@a{sv})", g_variant_dict_end(&options));
}

SpRules *sp_rules_new(SpLink *link)
{
	SpRules *self = g_object_new(SP_TYPE_RULES, NULL);

	self->query = sp_query_new(link, "Rules", "List", list_args(FALSE));
	g_signal_connect_object(self->query, "changed", G_CALLBACK(on_query), self,
				G_CONNECT_SWAPPED);
	return self;
}

SpQuery *sp_rules_query(SpRules *self)
{
	return self->query;
}

void sp_rules_show_all(SpRules *self, gboolean all)
{
	sp_query_set_args(self->query, list_args(all), all);
}
