/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See manager_test.h. */
#include "manager_test.h"

struct gui_firewall *firewall;
SpLink *link_to;

void manager_start(void)
{
	firewall = gui_firewall_new();
	adw_init();
	link_to = sp_link_new();
	while (sp_link_state(link_to) == SP_LINK_WAITING)
		g_main_context_iteration(NULL, TRUE);
}

void manager_stop(void)
{
	g_clear_object(&link_to);
	gui_firewall_free(firewall);
}

GVariant *list_of(GVariant *first, GVariant *second, GVariant *third)
{
	GVariant *const dicts[] = { first, second, third };
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < 3; i++)
		if (dicts[i])
			g_variant_builder_add_value(&list, dicts[i]);
	return g_variant_builder_end(&list);
}

GVariant *reply_of(GVariant *list)
{
	return g_variant_new_tuple(&list, 1);
}

GtkWidget *shown(GtkWidget *from, const char *text)
{
	if (!gtk_widget_get_mapped(from))
		return NULL;
	if (GTK_IS_LABEL(from) && g_strcmp0(gtk_label_get_text(GTK_LABEL(from)), text) == 0)
		return from;
	for (GtkWidget *w = gtk_widget_get_first_child(from); w; w = gtk_widget_get_next_sibling(w)) {
		GtkWidget *found = shown(w, text);

		if (found)
			return found;
	}
	return NULL;
}

void wait_for_shown(GtkWidget *from, const char *text)
{
	while (!shown(from, text))
		g_main_context_iteration(NULL, TRUE);
}

void wait_for_label(GtkWidget *from, const char *text)
{
	while (!widgets_label(from, text))
		g_main_context_iteration(NULL, TRUE);
}
