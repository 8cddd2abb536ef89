/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far the answer reaches: one of the scopes that are offered, narrow to wide. */
#pragma once

#include <gtk/gtk.h>

#include "request.h"

#define SP_TYPE_SCOPE_CHOOSER (sp_scope_chooser_get_type())
G_DECLARE_FINAL_TYPE(SpScopeChooser, sp_scope_chooser, SP, SCOPE_CHOOSER, GtkBox)

GtkWidget *sp_scope_chooser_new(void);
/*
 * What @first offers; of several questions, what each of them offers. The same
 * scope stays chosen where it can. Signal "changed".
 */
void sp_scope_chooser_set(SpScopeChooser *self, const struct sp_question *first,
			  GListModel *all);
const char *sp_scope_chooser_get(SpScopeChooser *self);	/* its name */
