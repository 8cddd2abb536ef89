/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One of several questions: where to, and whether an answer to all means it, too. */
#pragma once

#include <gtk/gtk.h>

#include "request.h"

#define SP_TYPE_REQUEST_ROW (sp_request_row_get_type())
G_DECLARE_FINAL_TYPE(SpRequestRow, sp_request_row, SP, REQUEST_ROW, GtkListBoxRow)

/* @checkable: with a check mark, bound to the question's "chosen". */
GtkWidget *sp_request_row_new(SpRequest *ask, gboolean checkable);
SpRequest *sp_request_row_request(SpRequestRow *self);	/* borrowed */
