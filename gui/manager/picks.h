/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that are picked, so that something is done with all of them at once. Those of the
 * administrator's files can't be. Emits "changed".
 */
#pragma once

#include "rules.h"

#define SP_TYPE_PICKS (sp_picks_get_type())
G_DECLARE_FINAL_TYPE(SpPicks, sp_picks, SP, PICKS, GObject)

SpPicks *sp_picks_new(SpRules *rules);
/* Are rules being picked? None is, to begin with and after that. */
gboolean sp_picks_on(SpPicks *self);
void sp_picks_turn(SpPicks *self, gboolean on);

/* @list: of SpRuleItem. How many can be picked of it, and how many are. */
void sp_picks_count(SpPicks *self, GListModel *list, guint *can, guint *are);
void sp_picks_set(SpPicks *self, GListModel *list, gboolean picked);
gboolean sp_picks_can(SpPicks *self, SpRuleItem *item);
gboolean sp_picks_has(SpPicks *self, SpRuleItem *item);
void sp_picks_set_one(SpPicks *self, SpRuleItem *item, gboolean picked);
/* Their numbers, for the caller; guint64. */
GArray *sp_picks_ids(SpPicks *self);
