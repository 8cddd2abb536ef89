/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See lines.h. */
#include "lines.h"

struct lines {
	GtkWidget *(*make)(gpointer owner);
	void (*fill)(GtkWidget *row, gpointer item);
	gpointer owner;
};

static void on_setup(GtkListItemFactory *factory, GtkListItem *line, const struct lines *lines)
{
	gtk_list_item_set_child(line, lines->make(lines->owner));
}

static void on_bind(GtkListItemFactory *factory, GtkListItem *line, const struct lines *lines)
{
	lines->fill(gtk_list_item_get_child(line), gtk_list_item_get_item(line));
}

static void on_unbind(GtkListItemFactory *factory, GtkListItem *line, const struct lines *lines)
{
	lines->fill(gtk_list_item_get_child(line), NULL);
}

void sp_lines_make(GtkListView *list, GtkWidget *(*make)(gpointer owner),
		   void (*fill)(GtkWidget *row, gpointer item), gpointer owner)
{
	g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new();
	struct lines *lines = g_new0(struct lines, 1);

	lines->make = make;
	lines->fill = fill;
	lines->owner = owner;
	g_object_set_data_full(G_OBJECT(factory), "lines", lines, g_free);
	g_signal_connect(factory, "setup", G_CALLBACK(on_setup), lines);
	g_signal_connect(factory, "bind", G_CALLBACK(on_bind), lines);
	g_signal_connect(factory, "unbind", G_CALLBACK(on_unbind), lines);
	gtk_list_view_set_factory(list, factory);
}

void sp_lines_show(GtkListView *list, GListModel *model)
{
	GtkNoSelection *selection = model ? gtk_no_selection_new(g_object_ref(model)) : NULL;

	gtk_list_view_set_model(list, GTK_SELECTION_MODEL(selection));
	g_clear_object(&selection);
}

void sp_lines_end(GtkListView **list)
{
	if (*list)
		gtk_list_view_set_model(*list, NULL);
	*list = NULL;
}
