/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How large a window may be: by the size of text, and of the screens there are. */
#pragma once

#include <gtk/gtk.h>

/* How much wider for larger text: 1 at the usual size, within reason. */
double sp_fit_text(GtkWidget *widget);
/* So high it fits on every screen, beside the desktop's own bars; px. */
int sp_fit_height(GtkWidget *widget);
/* @changed with @object, as long as that lives, when one of them may be another. */
void sp_fit_watch(GtkWidget *widget, GCallback changed, gpointer object);
