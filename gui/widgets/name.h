/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names for screen readers where GTK leaves them out. */
#pragma once

#include <gtk/gtk.h>

/*
 * Of a GtkMenuButton or GtkDropDown the button within has the focus, and GTK 4.8 tells its
 * class for a name: it is @name from now on.
 */
void sp_name_within(gpointer widget, const char *name);
