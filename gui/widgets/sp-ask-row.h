/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One of several questions: where to, and whether an answer to all means it, too. */
#pragma once

#include <gtk/gtk.h>

#include "ask.h"

#define SP_TYPE_ASK_ROW (sp_ask_row_get_type())
G_DECLARE_FINAL_TYPE(SpAskRow, sp_ask_row, SP, ASK_ROW, GtkListBoxRow)

/* @checkable: with a check mark, bound to the question's "chosen". */
GtkWidget *sp_ask_row_new(SpAsk *ask, gboolean checkable);
SpAsk *sp_ask_row_ask(SpAskRow *self);	/* borrowed */
