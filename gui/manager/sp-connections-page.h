/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs with what they have open now. */
#pragma once

#include <adwaita.h>

#include "changes.h"
#include "flows.h"

#define SP_TYPE_CONNECTIONS_PAGE (sp_connections_page_get_type())
G_DECLARE_FINAL_TYPE(SpConnectionsPage, sp_connections_page, SP, CONNECTIONS_PAGE, AdwBin)

GtkWidget *sp_connections_page_new(SpFlows *flows, SpRules *rules, SpChanges *changes);
