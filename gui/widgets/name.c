/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See name.h. */
#include "name.h"

void sp_name_within(gpointer widget, const char *name)
{
	GtkWidget *button = gtk_widget_get_first_child(widget);

	gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       name, -1);
	if (button)
		gtk_accessible_update_property(GTK_ACCESSIBLE(button),
					       GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}
