/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See style.h. Colours of light and dark come from libadwaita's names for them. */
#include "style.h"

#include <adwaita.h>

static GtkStyleProvider *provider(const char *resource)
{
	GtkCssProvider *style = gtk_css_provider_new();

	gtk_css_provider_load_from_resource(style, resource);
	return GTK_STYLE_PROVIDER(style);
}

static void follow_contrast(AdwStyleManager *manager, GParamSpec *spec, GtkStyleProvider *more)
{
	GdkDisplay *display = adw_style_manager_get_display(manager);

	if (!display)
		display = gdk_display_get_default();
	if (adw_style_manager_get_high_contrast(manager))
		gtk_style_context_add_provider_for_display(display, more,
							   GTK_STYLE_PROVIDER_PRIORITY_APPLICATION + 1);
	else
		gtk_style_context_remove_provider_for_display(display, more);
}

void sp_style_load(void)
{
	AdwStyleManager *manager = adw_style_manager_get_default();
	g_autoptr(GtkStyleProvider) style = provider("/org/sallyport/ui/style.css");
	GtkStyleProvider *more = provider("/org/sallyport/ui/style-contrast.css");

	gtk_style_context_add_provider_for_display(gdk_display_get_default(), style,
						   GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
	g_signal_connect_data(manager, "notify::high-contrast", G_CALLBACK(follow_contrast), more,
			      (GClosureNotify)(void (*)(void))g_object_unref, 0);
	follow_contrast(manager, NULL, more);
}
