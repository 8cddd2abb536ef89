/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules by program: a GListModel of SpRuleGroup, each of which is a GListModel of
 * SpRuleItem in the order of the model they come from. Groups are sorted by the
 * program's name, "any program" last; one stays the same object as long as it has rules.
 */
#pragma once

#include "items.h"

#define SP_TYPE_RULE_GROUP (sp_rule_group_get_type())
G_DECLARE_FINAL_TYPE(SpRuleGroup, sp_rule_group, SP, RULE_GROUP, SpItems)

/* As sp_rule_item_program() has it. */
const char *sp_rule_group_program(SpRuleGroup *self);

#define SP_TYPE_RULE_GROUPS (sp_rule_groups_get_type())
G_DECLARE_FINAL_TYPE(SpRuleGroups, sp_rule_groups, SP, RULE_GROUPS, SpItems)

SpRuleGroups *sp_rule_groups_new(GListModel *rules);
