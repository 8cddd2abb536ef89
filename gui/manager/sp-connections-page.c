/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See sp-connections-page.h. It asks each second, less often where there is very much to
 * tell, and only while somebody looks. How many
 * connections there are in all is no secret: what is not listed is the others'.
 */
#include "sp-connections-page.h"

#include <glib/gi18n-lib.h>

#include "follow.h"
#include "sp-flow-row.h"
#include "sp-lines.h"

/* Connections that are asked for each second; twice as many every other, and so on. */
#define PER_SECOND 400

struct _SpConnectionsPage {
	AdwBin parent;
	SpFlows *flows;
	SpQuery *status;	/* for the number of all */
	SpRules *rules;
	SpChanges *changes;
	guint timer, ticks;
	SpPage *page;
	SpLines *list;
	GtkLabel *summary, *others_label;
	GtkWidget *others;
	GtkToggleButton *all;
};

G_DEFINE_FINAL_TYPE(SpConnectionsPage, sp_connections_page, ADW_TYPE_BIN)

static guint count_listed(SpConnectionsPage *self)
{
	GPtrArray *programs = sp_items_array(self->flows);
	guint count = 0;

	for (guint i = 0; i < programs->len; i++)
		count += sp_items_array(programs->pdata[i])->len;
	return count;
}

static void refresh(SpConnectionsPage *self)
{
	sp_flows_refresh(self->flows);
	sp_query_refresh(self->status);
}

static gboolean on_timer(gpointer data)
{
	SpConnectionsPage *self = data;

	if (++self->ticks % (1 + count_listed(self) / PER_SECOND) == 0)
		refresh(self);
	return G_SOURCE_CONTINUE;
}

static void sp_connections_page_map(GtkWidget *widget)
{
	SpConnectionsPage *self = SP_CONNECTIONS_PAGE(widget);

	GTK_WIDGET_CLASS(sp_connections_page_parent_class)->map(widget);
	refresh(self);
	self->timer = g_timeout_add_seconds(1, on_timer, self);
}

static void sp_connections_page_unmap(GtkWidget *widget)
{
	g_clear_handle_id(&SP_CONNECTIONS_PAGE(widget)->timer, g_source_remove);
	GTK_WIDGET_CLASS(sp_connections_page_parent_class)->unmap(widget);
}

/* No password, or not any more: back to one's own. */
static void on_query(SpConnectionsPage *self)
{
	SpQuery *query = sp_flows_query(self->flows);

	if (gtk_toggle_button_get_active(self->all) &&
	    (sp_query_is_stale(query) || sp_query_state(query) == SP_QUERY_LOCKED))
		gtk_toggle_button_set_active(self->all, FALSE);
}

/* Connections of everybody; 0: not known. */
static guint count_all(SpConnectionsPage *self)
{
	g_autoptr(GVariant) status = NULL, tables = NULL;
	guint32 fill = 0, size;

	if (sp_query_state(self->status) != SP_QUERY_READY)
		return 0;
	status = g_variant_get_child_value(sp_query_result(self->status), 0);
	tables = g_variant_lookup_value(status, "tables", G_VARIANT_TYPE("a{s(uu)}"));
	if (tables)
		g_variant_lookup(tables, "flows", "(uu)", &fill, &size);
	return fill;
}

static void show_others(SpConnectionsPage *self)
{
	gboolean all = gtk_toggle_button_get_active(self->all);
	guint listed = count_listed(self), there = count_all(self);
	guint others = there > listed ? there - listed : 0;
	g_autofree char *text = g_strdup_printf(ngettext("System and others: %u connection",
							 "System and others: %u connections", others),
						others);

	gtk_label_set_text(self->others_label, all ? _("Everybody’s connections are shown") : text);
	gtk_button_set_label(GTK_BUTTON(self->all), all ? _("Only Mine") : _("Unlock…"));
	gtk_widget_set_visible(self->others, all || others > 0);
}

static void on_all(SpConnectionsPage *self)
{
	if (!self->flows)
		return;		/* the template is just being filled */
	sp_flows_show_all(self->flows, gtk_toggle_button_get_active(self->all));
	show_others(self);
}

static void show_summary(SpConnectionsPage *self)
{
	guint count = g_list_model_get_n_items(G_LIST_MODEL(self->flows));
	g_autofree char *text = g_strdup_printf(ngettext("%u program uses the network",
							 "%u programs use the network", count), count);

	gtk_label_set_text(self->summary, count ? text : "");
}

static GtkWidget *make_row(gpointer data)
{
	SpConnectionsPage *self = data;

	return sp_flow_row_new(self->rules, self->changes);
}

static void fill_row(GtkWidget *row, gpointer item)
{
	sp_flow_row_set(SP_FLOW_ROW(row), item);
}

static GListModel *flows_of(gpointer item, gpointer data)
{
	return sp_flow_is_program(item) ? G_LIST_MODEL(g_object_ref(item)) : NULL;
}

static void sp_connections_page_dispose(GObject *object)
{
	SpConnectionsPage *self = SP_CONNECTIONS_PAGE(object);

	sp_lines_end(&self->list);
	g_clear_handle_id(&self->timer, g_source_remove);
	g_clear_object(&self->flows);
	g_clear_object(&self->status);
	g_clear_object(&self->rules);
	g_clear_object(&self->changes);
	G_OBJECT_CLASS(sp_connections_page_parent_class)->dispose(object);
}

static void sp_connections_page_class_init(SpConnectionsPageClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_connections_page_dispose;
	widget->map = sp_connections_page_map;
	widget->unmap = sp_connections_page_unmap;
	g_type_ensure(SP_TYPE_PAGE);
	g_type_ensure(SP_TYPE_LINES);
	gtk_widget_class_set_template_from_resource(widget,
		"/org/sallyport/ui/sp-connections-page.ui");
	gtk_widget_class_bind_template_child(widget, SpConnectionsPage, page);
	gtk_widget_class_bind_template_child(widget, SpConnectionsPage, list);
	gtk_widget_class_bind_template_child(widget, SpConnectionsPage, summary);
	gtk_widget_class_bind_template_child(widget, SpConnectionsPage, all);
	gtk_widget_class_bind_template_child(widget, SpConnectionsPage, others);
	gtk_widget_class_bind_template_child(widget, SpConnectionsPage, others_label);
	gtk_widget_class_bind_template_callback(widget, on_all);
}

static void sp_connections_page_init(SpConnectionsPage *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_connections_page_new(SpFlows *flows, SpRules *rules, SpChanges *changes)
{
	SpConnectionsPage *self = g_object_new(SP_TYPE_CONNECTIONS_PAGE, NULL);
	g_autoptr(GtkTreeListModel) tree = NULL;

	self->flows = g_object_ref(flows);
	self->status = sp_query_new(sp_changes_link(changes), "Manager", "GetStatus",
				    g_variant_new("()"));
	sp_query_sleep(sp_flows_query(flows));	/* until the page is mapped */
	sp_query_sleep(self->status);
	self->rules = g_object_ref(rules);
	self->changes = g_object_ref(changes);
	tree = gtk_tree_list_model_new(G_LIST_MODEL(g_object_ref(flows)), FALSE, FALSE, flows_of,
				       NULL, NULL);
	sp_lines_make(self->list, make_row, fill_row, self);
	sp_lines_show(self->list, G_LIST_MODEL(tree));
	g_signal_connect_object(flows, "items-changed", G_CALLBACK(show_summary), self,
				G_CONNECT_SWAPPED);
	g_signal_connect_object(sp_flows_query(flows), "changed", G_CALLBACK(on_query), self,
				G_CONNECT_SWAPPED);
	g_signal_connect_object(sp_flows_query(flows), "changed", G_CALLBACK(show_others), self,
				G_CONNECT_SWAPPED);
	g_signal_connect_object(self->status, "changed", G_CALLBACK(show_others), self,
				G_CONNECT_SWAPPED);
	show_others(self);
	sp_follow(self->page, sp_flows_query(flows), G_LIST_MODEL(flows));
	return GTK_WIDGET(self);
}
