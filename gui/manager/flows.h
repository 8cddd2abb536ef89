/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The open flows by program: a GListModel of SpFlow, programs by their names. What goes on
 * stays the same object. It asks only when it is told to.
 */
#pragma once

#include "items.h"
#include "flow.h"
#include "query.h"

#define SP_TYPE_FLOWS (sp_flows_get_type())
G_DECLARE_FINAL_TYPE(SpFlows, sp_flows, SP, FLOWS, SpItems)

SpFlows *sp_flows_new(SpLink *link);
SpQuery *sp_flows_query(SpFlows *self);
/* Asks for what is there now. */
void sp_flows_refresh(SpFlows *self);
/* Everybody's, too: asks for a password. */
void sp_flows_show_all(SpFlows *self, gboolean all);
