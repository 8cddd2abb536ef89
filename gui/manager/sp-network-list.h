/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The networks that the machine is in, or that have a name; names can be given, changed
 * and taken away. Not there where the daemon knows none.
 */
#pragma once

#include <adwaita.h>

#include "changes.h"

#define SP_TYPE_NETWORK_LIST (sp_network_list_get_type())
G_DECLARE_FINAL_TYPE(SpNetworkList, sp_network_list, SP, NETWORK_LIST, AdwBin)

GtkWidget *sp_network_list_new(void);
void sp_network_list_set(SpNetworkList *self, SpChanges *changes);	/* once */
