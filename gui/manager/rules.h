/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's rules: a GListModel of SpRuleItem, by their numbers. What has not
 * changed stays the same item, so that a list that shows it stays where it is. They
 * come in pages, lowest numbers first.
 *
 * Property "whole": no more is to come.
 */
#pragma once

#include "items.h"
#include "query.h"
#include "rule-item.h"

#define SP_TYPE_RULES (sp_rules_get_type())
G_DECLARE_FINAL_TYPE(SpRules, sp_rules, SP, RULES, SpItems)

SpRules *sp_rules_new(SpLink *link);
/* Rules.List, for its state. Borrowed. */
SpQuery *sp_rules_query(SpRules *self);
gboolean sp_rules_whole(SpRules *self);
SpRuleItem *sp_rules_find(SpRules *self, guint64 id);	/* borrowed; NULL: none */
/* Other users' rules as well: asks for a password. */
void sp_rules_show_all(SpRules *self, gboolean all);

/* For tests: all rules, as Rules.List says them, aa{sv}. */
void sp_rules_take(SpRules *self, GVariant *dicts);
