/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-traffic-cell.h. */
#include "sp-traffic-cell.h"

#include "format.h"
#include "icon.h"
#include "sp-place-row.h"
#include "traffic.h"

struct _SpTrafficCell {
	GtkWidget parent;
	GtkTreeExpander *expander;
	SpPlaceRow *row;
	SpTraffic *traffic;	/* NULL: nothing */
	gulong handler;		/* of it */
};

G_DEFINE_FINAL_TYPE(SpTrafficCell, sp_traffic_cell, GTK_TYPE_WIDGET)

static void let_go(SpTrafficCell *self)
{
	if (self->traffic)
		g_clear_signal_handler(&self->handler, self->traffic);
	g_clear_object(&self->traffic);
}

static void sp_traffic_cell_dispose(GObject *object)
{
	let_go(SP_TRAFFIC_CELL(object));
	g_clear_pointer((GtkWidget **)&SP_TRAFFIC_CELL(object)->expander, gtk_widget_unparent);
	G_OBJECT_CLASS(sp_traffic_cell_parent_class)->dispose(object);
}

static void sp_traffic_cell_class_init(SpTrafficCellClass *class)
{
	G_OBJECT_CLASS(class)->dispose = sp_traffic_cell_dispose;
	gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
}

static void sp_traffic_cell_init(SpTrafficCell *self)
{
	self->expander = GTK_TREE_EXPANDER(gtk_tree_expander_new());
	self->row = SP_PLACE_ROW(sp_place_row_new());
	gtk_widget_set_hexpand(GTK_WIDGET(self->row), TRUE);
	gtk_tree_expander_set_child(self->expander, GTK_WIDGET(self->row));
	gtk_widget_set_parent(GTK_WIDGET(self->expander), GTK_WIDGET(self));
}

GtkWidget *sp_traffic_cell_new(void)
{
	return g_object_new(SP_TYPE_TRAFFIC_CELL, NULL);
}

static void show_counts(SpTrafficCell *self)
{
	g_autofree char *detail = sp_traffic_detail(self->traffic);

	sp_place_row_set_detail(self->row, detail);
}

static void show(SpTrafficCell *self)
{
	SpTraffic *traffic = self->traffic;
	gboolean place = sp_traffic_is_place(traffic);
	g_autoptr(GIcon) icon = place ? NULL : sp_icon_of(sp_traffic_program(traffic));
	g_autofree char *title = place ? sp_traffic_title(traffic) :
				 g_strdup(sp_format_program(sp_traffic_program(traffic)));
	g_autofree char *detail = sp_traffic_detail(traffic);

	sp_place_row_set(self->row, icon, title, detail);
	sp_place_row_offer(self->row, sp_traffic_draft(traffic, SP_ALLOW),
			   sp_traffic_draft(traffic, SP_DENY));
}

void sp_traffic_cell_set(SpTrafficCell *self, GtkTreeListRow *row)
{
	let_go(self);
	gtk_tree_expander_set_list_row(self->expander, row);
	if (!row)
		return;
	self->traffic = gtk_tree_list_row_get_item(row);
	self->handler = g_signal_connect_swapped(self->traffic, "changed", G_CALLBACK(show_counts),
						 self);
	show(self);
}
