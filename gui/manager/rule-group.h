/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A group of rules as rule-groups.c makes it. */
#pragma once

#include "rule-groups.h"
#include "rule-item.h"

SpRuleGroup *sp_rule_group_new(const char *program);
int sp_rule_group_compare(SpRuleGroup *a, SpRuleGroup *b);
/* Its rules from now on, SpRuleItem; the array is shared. */
void sp_rule_group_set(SpRuleGroup *self, GPtrArray *rules);
