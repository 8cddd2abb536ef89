/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shows "wide" where it has the room for it, else "narrow". "folded" tells which, for
 * others that have to make up for what is left out.
 */
#pragma once

#include <gtk/gtk.h>

#define SP_TYPE_FOLD (sp_fold_get_type())
G_DECLARE_FINAL_TYPE(SpFold, sp_fold, SP, FOLD, GtkWidget)

GtkWidget *sp_fold_new(void);
