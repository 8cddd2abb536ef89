/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Something odd about the rules, and a button that mends it. */
#pragma once

#include <gtk/gtk.h>

#include "changes.h"
#include "findings.h"

#define SP_TYPE_ODDITY_ROW (sp_oddity_row_get_type())
G_DECLARE_FINAL_TYPE(SpOddityRow, sp_oddity_row, SP, ODDITY_ROW, GtkBox)

GtkWidget *sp_oddity_row_new(SpChanges *changes);
void sp_oddity_row_set(SpOddityRow *self, SpOddity *oddity);	/* NULL: none */
