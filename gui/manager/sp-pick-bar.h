/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be done with the rules that are picked; there while any can be. */
#pragma once

#include <adwaita.h>

#include "changes.h"
#include "picks.h"

#define SP_TYPE_PICK_BAR (sp_pick_bar_get_type())
G_DECLARE_FINAL_TYPE(SpPickBar, sp_pick_bar, SP, PICK_BAR, AdwBin)

GtkWidget *sp_pick_bar_new(void);
/* Once. @shown: the rules that its “All” means, a list of SpRuleItem. */
void sp_pick_bar_set(SpPickBar *self, SpPicks *picks, GListModel *shown, SpChanges *changes);
