/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-flow-row.h. */
#include "sp-flow-row.h"

#include <glib/gi18n-lib.h>

#include "icon.h"
#include "sp-place-row.h"
#include "sp-plot.h"

/* Bytes a second that a plot is at least high for: less is next to nothing. */
#define LEAST 1024

struct _SpFlowRow {
	AdwBin parent;
	GtkTreeExpander *expander;
	SpPlaceRow *place;
	SpPlot *plot;
	GtkWidget *end;
	SpRules *rules;
	SpChanges *changes;
	SpFlow *flow;
	gulong handler;
};

G_DEFINE_FINAL_TYPE(SpFlowRow, sp_flow_row, ADW_TYPE_BIN)

static void on_end(SpFlowRow *self)
{
	g_autoptr(GArray) ids = sp_flow_ids(self->flow);

	sp_changes_end(self->changes, (const guint64 *)(void *)ids->data, ids->len);
}

/* What changes from second to second. */
static void show_counts(SpFlowRow *self)
{
	g_autofree char *detail = sp_flow_detail(self->flow, self->rules);

	sp_place_row_set_detail(self->place, detail);
	sp_plot_set(self->plot, sp_flow_rates_in(self->flow), sp_flow_rates_out(self->flow),
		    SP_FLOW_RATES, _("Traffic in and out lately"));
}

static void show(SpFlowRow *self)
{
	gboolean program = sp_flow_is_program(self->flow);
	g_autoptr(GIcon) icon = program ? sp_icon_of(sp_flow_program(self->flow)) : NULL;
	g_autofree char *title = sp_flow_title(self->flow);
	/* TRANSLATORS: name of a button; %s is a connection, or a program */
	g_autofree char *end = g_strdup_printf(_("End: %s"), title);

	sp_place_row_set(self->place, icon, title, "");
	sp_place_row_offer(self->place, sp_flow_draft(self->flow, SP_ALLOW),
			   sp_flow_draft(self->flow, SP_DENY));
	gtk_accessible_update_property(GTK_ACCESSIBLE(self->end), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       end, -1);
	show_counts(self);
}

static void let_go(SpFlowRow *self)
{
	if (self->flow)
		g_clear_signal_handler(&self->handler, self->flow);
	g_clear_object(&self->flow);
}

static void sp_flow_row_dispose(GObject *object)
{
	SpFlowRow *self = SP_FLOW_ROW(object);

	let_go(self);
	g_clear_object(&self->rules);
	g_clear_object(&self->changes);
	G_OBJECT_CLASS(sp_flow_row_parent_class)->dispose(object);
}

static void sp_flow_row_class_init(SpFlowRowClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_flow_row_dispose;
	g_type_ensure(SP_TYPE_PLACE_ROW);
	g_type_ensure(SP_TYPE_PLOT);
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-flow-row.ui");
	gtk_widget_class_bind_template_child(widget, SpFlowRow, expander);
	gtk_widget_class_bind_template_child(widget, SpFlowRow, place);
	gtk_widget_class_bind_template_child(widget, SpFlowRow, plot);
	gtk_widget_class_bind_template_child(widget, SpFlowRow, end);
	gtk_widget_class_bind_template_callback(widget, on_end);
}

static void sp_flow_row_init(SpFlowRow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
	sp_plot_set_kind(self->plot, SP_PLOT_TRAFFIC);
	sp_plot_set_least(self->plot, LEAST);
	sp_place_row_add_first(self->place, GTK_WIDGET(self->plot));
	sp_place_row_add_last(self->place, self->end);
	sp_place_row_act(self->place, "win.add");
}

GtkWidget *sp_flow_row_new(SpRules *rules, SpChanges *changes)
{
	SpFlowRow *self = g_object_new(SP_TYPE_FLOW_ROW, NULL);

	self->rules = g_object_ref(rules);
	self->changes = g_object_ref(changes);
	return GTK_WIDGET(self);
}

void sp_flow_row_set(SpFlowRow *self, GtkTreeListRow *row)
{
	let_go(self);
	gtk_tree_expander_set_list_row(self->expander, row);
	if (!row)
		return;
	self->flow = gtk_tree_list_row_get_item(row);
	self->handler = g_signal_connect_swapped(self->flow, "changed", G_CALLBACK(show_counts), self);
	show(self);
}
