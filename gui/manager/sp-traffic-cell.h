/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of the history's list: a program with an arrow, or a place it had to do with. */
#pragma once

#include <gtk/gtk.h>

#define SP_TYPE_TRAFFIC_CELL (sp_traffic_cell_get_type())
G_DECLARE_FINAL_TYPE(SpTrafficCell, sp_traffic_cell, SP, TRAFFIC_CELL, GtkWidget)

GtkWidget *sp_traffic_cell_new(void);
void sp_traffic_cell_set(SpTrafficCell *self, GtkTreeListRow *row);	/* of SpTraffic; NULL: none */
