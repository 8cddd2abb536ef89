/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page's list of lines, which scrolls: made by one function, filled by another,
 * whatever the model. Property "label": its name for a screen reader; "activatable":
 * lines can be pressed. A line of a tree that has others below it unfolds then, and
 * folds; for others there is
 *
 *	activated(item)
 */
#pragma once

#include <adwaita.h>

#define SP_TYPE_LINES (sp_lines_get_type())
G_DECLARE_FINAL_TYPE(SpLines, sp_lines, SP, LINES, AdwBin)

GtkWidget *sp_lines_new(void);
/* @owner: must not go before the list. @fill: @item NULL: nothing any more. */
void sp_lines_make(SpLines *self, GtkWidget *(*make)(gpointer owner),
		   void (*fill)(GtkWidget *row, gpointer item), gpointer owner);
void sp_lines_show(SpLines *self, GListModel *model);	/* NULL: nothing */
/* What a line of a tree, or of none, is about; a reference. */
gpointer sp_lines_item(gpointer line);
/* In the owner's dispose: nothing is shown any more; *@lines becomes NULL. */
void sp_lines_end(SpLines **lines);
