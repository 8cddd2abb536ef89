/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rules.h. The items are sorted by number. */
#include "rules.h"


struct _SpRules {
	SpItems parent;
	SpQuery *query;
};

G_DEFINE_FINAL_TYPE(SpRules, sp_rules, SP_TYPE_ITEMS)

static int compare(gconstpointer a, gconstpointer b)
{
	guint64 first = sp_rule_item_id(*(SpRuleItem *const *)a);
	guint64 second = sp_rule_item_id(*(SpRuleItem *const *)b);

	return first < second ? -1 : first > second;
}

SpRuleItem *sp_rules_find(SpRules *self, guint64 id)
{
	GPtrArray *items = sp_items_array(self);
	guint low = 0, high = items->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		SpRuleItem *item = g_ptr_array_index(items, middle);

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
	GPtrArray *items = sp_items_array_new();
	GVariantIter iter;
	GVariant *dict;

	g_variant_iter_init(&iter, dicts);
	while ((dict = g_variant_iter_next_value(&iter))) {
		g_ptr_array_add(items, item_for(self, dict));
		g_variant_unref(dict);
	}
	g_ptr_array_sort(items, compare);
	sp_items_set(self, items);
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
	G_OBJECT_CLASS(sp_rules_parent_class)->finalize(object);
}

static void sp_rules_class_init(SpRulesClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_rules_finalize;
}

static void sp_rules_init(SpRules *self)
{
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
