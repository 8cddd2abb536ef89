/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of the list of rules: a program with an arrow, or a rule; before it, a mark to pick it. */
#pragma once

#include <gtk/gtk.h>

#include "changes.h"
#include "picks.h"

#define SP_TYPE_RULE_CELL (sp_rule_cell_get_type())
G_DECLARE_FINAL_TYPE(SpRuleCell, sp_rule_cell, SP, RULE_CELL, GtkWidget)

GtkWidget *sp_rule_cell_new(SpChanges *changes, SpPicks *picks);
/* @item: a GtkTreeListRow of a group or a rule, or a rule alone; NULL: nothing. */
void sp_rule_cell_set(SpRuleCell *self, gpointer item);
