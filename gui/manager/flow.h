/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An open flow, or a program with all of its own: what it carried, how fast, lately. A
 * program is a GListModel of its flows. "changed" is emitted when there are new counts.
 */
#pragma once

#include "items.h"
#include "draft.h"
#include "rules.h"

/* Rates that are remembered, the latest last. */
#define SP_FLOW_RATES 60

#define SP_TYPE_FLOW (sp_flow_get_type())
G_DECLARE_FINAL_TYPE(SpFlow, sp_flow, SP, FLOW, SpItems)

SpFlow *sp_flow_new(GVariant *dict);		/* as Flows.List has it */
SpFlow *sp_flow_new_program(const char *path);
gboolean sp_flow_is_program(SpFlow *self);
guint64 sp_flow_id(SpFlow *self);
const char *sp_flow_program(SpFlow *self);	/* "": unknown */

/* Counts of @seconds later. */
void sp_flow_update(SpFlow *self, GVariant *dict, double seconds);
/* A program's flows from now on (SpFlow, updated before); taken. */
void sp_flow_set_flows(SpFlow *self, GPtrArray *flows, double seconds);

/* Bytes a second, SP_FLOW_RATES of each. */
const double *sp_flow_rates_out(SpFlow *self);
const double *sp_flow_rates_in(SpFlow *self);
/* "192.0.2.1 port 443 (TCP)"; of a program its name. */
char *sp_flow_title(SpFlow *self);
/* "↑ 1 kB/s ↓ 2 MB/s · 30 MB in all · Allowed: …" */
char *sp_flow_detail(SpFlow *self, SpRules *rules);
/* Ids, one or those of all flows; guint64, for the caller. */
GArray *sp_flow_ids(SpFlow *self);
/* A rule about this place, or about all the program does; NULL: unknown program. */
struct sp_draft *sp_flow_draft(SpFlow *self, enum sp_action action);
