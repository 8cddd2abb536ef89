/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of the connections: a program with an arrow, or one of its flows; what it carries,
 * as a small plot too, and buttons: allow and deny make a rule at once, the last ends it.
 */
#pragma once

#include <adwaita.h>

#include "changes.h"
#include "flow.h"

#define SP_TYPE_FLOW_ROW (sp_flow_row_get_type())
G_DECLARE_FINAL_TYPE(SpFlowRow, sp_flow_row, SP, FLOW_ROW, AdwBin)

GtkWidget *sp_flow_row_new(SpRules *rules, SpChanges *changes);
void sp_flow_row_set(SpFlowRow *self, GtkTreeListRow *row);	/* of SpFlow; NULL: none */
