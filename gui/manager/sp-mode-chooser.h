/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the firewall does with everything: normal, locked down, off; and for a while. */
#pragma once

#include <adwaita.h>

#include "changes.h"
#include "status.h"

#define SP_TYPE_MODE_CHOOSER (sp_mode_chooser_get_type())
G_DECLARE_FINAL_TYPE(SpModeChooser, sp_mode_chooser, SP, MODE_CHOOSER, AdwBin)

GtkWidget *sp_mode_chooser_new(void);
void sp_mode_chooser_set(SpModeChooser *self, SpStatus *status, SpChanges *changes);
