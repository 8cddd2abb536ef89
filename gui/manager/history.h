/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history over a period: how much was allowed and refused in each of its steps, and by
 * whom to where. Emits "changed" when there is something new of either.
 */
#pragma once

#include "period.h"
#include "query.h"
#include "traffic.h"

#define SP_TYPE_HISTORY (sp_history_get_type())
G_DECLARE_FINAL_TYPE(SpHistory, sp_history, SP, HISTORY, GObject)

SpHistory *sp_history_new(SpLink *link);
/* From now on; asks. */
void sp_history_look(SpHistory *self, const struct sp_period *period);
const struct sp_period *sp_history_period(SpHistory *self);
/* Of what is told: the state of all. */
SpQuery *sp_history_query(SpHistory *self);
/* Only what has this in its program or host; asks. "": all. */
void sp_history_search(SpHistory *self, const char *text);
/* SpTraffic, programs, the busiest first; borrowed, and always the same. */
GListModel *sp_history_programs(SpHistory *self);
/* SpTraffic, where that program went; a reference. */
GListModel *sp_history_places(SpHistory *self, SpTraffic *program);
/* Numbers of each step, as many as the period has; freed with the history, or on a change. */
const double *sp_history_allowed(SpHistory *self);
const double *sp_history_refused(SpHistory *self);
/* "120 connections allowed, 3 refused" */
char *sp_history_summary(SpHistory *self);
