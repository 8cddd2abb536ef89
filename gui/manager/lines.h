/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A GtkListView's lines: made by one function, filled by another, whatever the model. */
#pragma once

#include <gtk/gtk.h>

/* @owner: must not go before the list. @fill: @item NULL: nothing any more. */
void sp_lines_make(GtkListView *list, GtkWidget *(*make)(gpointer owner),
		   void (*fill)(GtkWidget *row, gpointer item), gpointer owner);
void sp_lines_show(GtkListView *list, GListModel *model);	/* NULL: nothing */
/* In dispose: nothing is shown any more; *@list becomes NULL. */
void sp_lines_end(GtkListView **list);
