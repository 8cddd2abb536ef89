/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rule-groups.h: one group. */
#include "rule-group.h"


struct _SpRuleGroup {
	SpItems parent;
	char *program, *key;
};

G_DEFINE_FINAL_TYPE(SpRuleGroup, sp_rule_group, SP_TYPE_ITEMS)

static void sp_rule_group_finalize(GObject *object)
{
	SpRuleGroup *self = SP_RULE_GROUP(object);

	g_free(self->program);
	g_free(self->key);
	G_OBJECT_CLASS(sp_rule_group_parent_class)->finalize(object);
}

static void sp_rule_group_class_init(SpRuleGroupClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_rule_group_finalize;
}

static void sp_rule_group_init(SpRuleGroup *self)
{
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
	sp_items_set(self, g_ptr_array_ref(rules));
}
