/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See fit.h. Under Wayland a window is not told where it will be, and it can be
 * moved: the smallest screen counts.
 */
#include "fit.h"

#define TEXT_MAX	1.6
#define BARS		10	/* of a screen's height one of so many parts is theirs */

double sp_fit_text(GtkWidget *widget)
{
	int dpi = 0;

	g_object_get(gtk_widget_get_settings(widget), "gtk-xft-dpi", &dpi, NULL);
	return dpi > 0 ? CLAMP(dpi / (double)PANGO_SCALE / 96, 1, TEXT_MAX) : 1;
}

static GListModel *monitors_of(GtkWidget *widget)
{
	return gdk_display_get_monitors(gtk_widget_get_display(widget));
}

int sp_fit_height(GtkWidget *widget)
{
	GListModel *monitors = monitors_of(widget);
	int least = G_MAXINT;

	for (guint i = 0; i < g_list_model_get_n_items(monitors); i++) {
		g_autoptr(GdkMonitor) monitor = g_list_model_get_item(monitors, i);
		GdkRectangle at;

		gdk_monitor_get_geometry(monitor, &at);
		least = MIN(least, at.height);
	}
	return least - least / BARS;
}

void sp_fit_watch(GtkWidget *widget, GCallback changed, gpointer object)
{
	g_signal_connect_object(gtk_widget_get_settings(widget), "notify::gtk-xft-dpi", changed,
				object, G_CONNECT_SWAPPED);
	g_signal_connect_object(monitors_of(widget), "items-changed", changed, object,
				G_CONNECT_SWAPPED);
}
