/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far the answer reaches: one of the scopes that are offered, narrow to wide. */
#pragma once

#include <gtk/gtk.h>

#include "request.h"

#define SP_TYPE_SCOPE_CHOOSER (sp_scope_chooser_get_type())
G_DECLARE_FINAL_TYPE(SpScopeChooser, sp_scope_chooser, SP, SCOPE_CHOOSER, GtkBox)

GtkWidget *sp_scope_chooser_new(void);
/*
 * What each of @asks offers. @several: they are of a list, whose words are used. The same
 * scope stays chosen where it can. FALSE: it is what was offered before; else "changed".
 */
gboolean sp_scope_chooser_set(SpScopeChooser *self, GListModel *asks, gboolean several);
const char *sp_scope_chooser_get(SpScopeChooser *self);	/* its name; "": the narrowest of each */
