/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule in a list: what it does, in words; its switch; a button that removes it. The
 * same row shows many rules, one after the other.
 */
#pragma once

#include <adwaita.h>

#include "changes.h"
#include "rule-item.h"

#define SP_TYPE_RULE_ROW (sp_rule_row_get_type())
G_DECLARE_FINAL_TYPE(SpRuleRow, sp_rule_row, SP, RULE_ROW, AdwBin)

GtkWidget *sp_rule_row_new(SpChanges *changes);
void sp_rule_row_set(SpRuleRow *self, SpRuleItem *item);	/* NULL: none */
SpRuleItem *sp_rule_row_item(SpRuleRow *self);	/* borrowed; NULL: none */
