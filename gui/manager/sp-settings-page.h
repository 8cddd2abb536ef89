/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the firewall is, its mode, what it is set to, and the check-up. */
#pragma once

#include <adwaita.h>

#include "changes.h"
#include "rules.h"
#include "status.h"

#define SP_TYPE_SETTINGS_PAGE (sp_settings_page_get_type())
G_DECLARE_FINAL_TYPE(SpSettingsPage, sp_settings_page, SP, SETTINGS_PAGE, AdwBin)

GtkWidget *sp_settings_page_new(SpStatus *status, SpRules *rules, SpChanges *changes);
