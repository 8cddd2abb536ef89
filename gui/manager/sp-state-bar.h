/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bar that is there while the firewall does not fully protect, and says so. */
#pragma once

#include <adwaita.h>

#include "status.h"

#define SP_TYPE_STATE_BAR (sp_state_bar_get_type())
G_DECLARE_FINAL_TYPE(SpStateBar, sp_state_bar, SP, STATE_BAR, AdwBin)

GtkWidget *sp_state_bar_new(void);
void sp_state_bar_set(SpStateBar *self, SpStatus *status);
