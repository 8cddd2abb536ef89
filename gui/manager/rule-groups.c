/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rule-groups.h. Sorted anew when the rules change: ten thousand take some milliseconds. */
#include "rule-group.h"

struct _SpRuleGroups {
	SpItems parent;
	GListModel *rules;
};

G_DEFINE_FINAL_TYPE(SpRuleGroups, sp_rule_groups, SP_TYPE_ITEMS)

static void add_rule(GHashTable *contents, SpRuleItem *item)
{
	const char *program = sp_rule_item_program(item);
	GPtrArray *rules = g_hash_table_lookup(contents, program);

	if (!rules) {
		rules = g_ptr_array_new_with_free_func(g_object_unref);
		g_hash_table_insert(contents, g_strdup(program), rules);
	}
	g_ptr_array_add(rules, g_object_ref(item));
}

/* Arrays of rules by program. */
static GHashTable *sort_out(GListModel *rules)
{
	GHashTable *contents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						     (GDestroyNotify)g_ptr_array_unref);

	for (guint i = 0; i < g_list_model_get_n_items(rules); i++) {
		g_autoptr(SpRuleItem) item = g_list_model_get_item(rules, i);

		add_rule(contents, item);
	}
	return contents;
}

static int compare(gconstpointer a, gconstpointer b)
{
	return sp_rule_group_compare(*(SpRuleGroup *const *)a, *(SpRuleGroup *const *)b);
}

static GHashTable *index_groups(GPtrArray *groups)
{
	GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < groups->len; i++) {
		SpRuleGroup *group = g_ptr_array_index(groups, i);

		g_hash_table_insert(index, (char *)sp_rule_group_program(group), group);
	}
	return index;
}

static void on_rules_changed(SpRuleGroups *self)
{
	g_autoptr(GHashTable) contents = sort_out(self->rules), old = index_groups(sp_items_array(self));
	GPtrArray *groups = sp_items_array_new();
	GHashTableIter iter;
	gpointer program, rules;

	g_hash_table_iter_init(&iter, contents);
	while (g_hash_table_iter_next(&iter, &program, &rules)) {
		SpRuleGroup *group = g_hash_table_lookup(old, program);

		group = group ? g_object_ref(group) : sp_rule_group_new(program);
		sp_rule_group_set(group, rules);
		g_ptr_array_add(groups, group);
	}
	g_ptr_array_sort(groups, compare);
	sp_items_set(self, groups);
}

static void sp_rule_groups_finalize(GObject *object)
{
	SpRuleGroups *self = SP_RULE_GROUPS(object);

	g_object_unref(self->rules);
	G_OBJECT_CLASS(sp_rule_groups_parent_class)->finalize(object);
}

static void sp_rule_groups_class_init(SpRuleGroupsClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_rule_groups_finalize;
}

static void sp_rule_groups_init(SpRuleGroups *self)
{
}

SpRuleGroups *sp_rule_groups_new(GListModel *rules)
{
	SpRuleGroups *self = g_object_new(SP_TYPE_RULE_GROUPS, NULL);

	self->rules = g_object_ref(rules);
	g_signal_connect_object(rules, "items-changed", G_CALLBACK(on_rules_changed), self,
				G_CONNECT_SWAPPED);
	on_rules_changed(self);
	return self;
}
