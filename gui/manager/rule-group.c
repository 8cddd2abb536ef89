/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rule-groups.h: one group. */
#include "rule-group.h"

#include "splice.h"

struct _SpRuleGroup {
	GObject parent;
	char *program, *key;
	GPtrArray *rules;
};

static void list_model_init(GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE(SpRuleGroup, sp_rule_group, G_TYPE_OBJECT,
			      G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

static GType get_item_type(GListModel *model)
{
	return SP_TYPE_RULE_ITEM;
}

static guint get_n_items(GListModel *model)
{
	return SP_RULE_GROUP(model)->rules->len;
}

static gpointer get_item(GListModel *model, guint position)
{
	GPtrArray *rules = SP_RULE_GROUP(model)->rules;

	return position < rules->len ? g_object_ref(g_ptr_array_index(rules, position)) : NULL;
}

static void list_model_init(GListModelInterface *interface)
{
	interface->get_item_type = get_item_type;
	interface->get_n_items = get_n_items;
	interface->get_item = get_item;
}

static void sp_rule_group_finalize(GObject *object)
{
	SpRuleGroup *self = SP_RULE_GROUP(object);

	g_free(self->program);
	g_free(self->key);
	g_ptr_array_unref(self->rules);
	G_OBJECT_CLASS(sp_rule_group_parent_class)->finalize(object);
}

static void sp_rule_group_class_init(SpRuleGroupClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_rule_group_finalize;
}

static void sp_rule_group_init(SpRuleGroup *self)
{
	self->rules = g_ptr_array_new_with_free_func(g_object_unref);
}

SpRuleGroup *sp_rule_group_new(const char *program)
{
	SpRuleGroup *self = g_object_new(SP_TYPE_RULE_GROUP, NULL);
	g_autofree char *name = g_path_get_basename(program);

	self->program = g_strdup(program);
	self->key = g_utf8_collate_key_for_filename(name, -1);
	return self;
}

const char *sp_rule_group_program(SpRuleGroup *self)
{
	return self->program;
}

int sp_rule_group_compare(SpRuleGroup *a, SpRuleGroup *b)
{
	int order;

	if (!*a->program || !*b->program)
		return !*a->program - !*b->program;
	order = g_strcmp0(a->key, b->key);
	return order ? order : g_strcmp0(a->program, b->program);
}

void sp_rule_group_set(SpRuleGroup *self, GPtrArray *rules)
{
	sp_splice(G_LIST_MODEL(self), &self->rules, g_ptr_array_ref(rules));
}
