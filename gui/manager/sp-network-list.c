/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-network-list.h. */
#include "sp-network-list.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "calls.h"
#include "query.h"

struct _SpNetworkList {
	AdwBin parent;
	SpChanges *changes;
	SpQuery *query;
	AdwPreferencesGroup *group;
	GPtrArray *rows;	/* of the group, borrowed */
	GVariant *list;		/* that they are of; NULL */
};

G_DEFINE_FINAL_TYPE(SpNetworkList, sp_network_list, ADW_TYPE_BIN)

/* What it is called now, if the daemon said no: the list tells of a change. */
static void on_named(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GtkWidget) row = data;

	if (!sp_changes_finish(SP_CHANGES(source), result, NULL))
		gtk_editable_set_text(GTK_EDITABLE(row), g_object_get_data(G_OBJECT(row), "name"));
}

static void on_apply(GtkWidget *row, SpNetworkList *self)
{
	g_autofree char *name = g_strstrip(g_strdup(gtk_editable_get_text(GTK_EDITABLE(row))));

	sp_changes_name_network(self->changes, g_object_get_data(G_OBJECT(row), "id"), name,
				on_named, g_object_ref(row));
}

/* "Office Wi-Fi (wlan0)"; where the machine is not in it: "(not here)". */
static char *title_of(GVariant *network)
{
	g_autofree const char **devices = NULL;
	g_autofree char *list = NULL;

	g_variant_lookup(network, "devices", "^a&s", &devices);
	list = devices && devices[0] ? g_strjoinv(", ", (char **)devices) : g_strdup(_("not here"));
	return g_strdup_printf("%s (%s)", sp_dict_string(network, "title"), list);
}

static void add_row(SpNetworkList *self, GVariant *network)
{
	GtkWidget *row = adw_entry_row_new();
	g_autofree char *title = title_of(network);

	adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
	adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), title);
	gtk_editable_set_text(GTK_EDITABLE(row), sp_dict_string(network, "name"));
	adw_entry_row_set_show_apply_button(ADW_ENTRY_ROW(row), TRUE);
	/* There may be nothing to know it by. */
	gtk_widget_set_sensitive(row, *sp_dict_string(network, "id") != '\0');
	g_object_set_data_full(G_OBJECT(row), "id", g_strdup(sp_dict_string(network, "id")), g_free);
	g_object_set_data_full(G_OBJECT(row), "name", g_strdup(sp_dict_string(network, "name")), g_free);
	g_signal_connect_object(row, "apply", G_CALLBACK(on_apply), self, 0);
	adw_preferences_group_add(self->group, row);
	g_ptr_array_add(self->rows, row);
}

static void show(SpNetworkList *self)
{
	gboolean ready = sp_query_state(self->query) == SP_QUERY_READY;
	g_autoptr(GVariant) list = ready ?
		g_variant_get_child_value(sp_query_result(self->query), 0) : NULL;

	/* What is the same stays: somebody may be typing. */
	if (list && self->list && g_variant_equal(list, self->list))
		return;
	g_clear_pointer(&self->list, g_variant_unref);
	self->list = list ? g_variant_ref(list) : NULL;
	for (guint i = 0; i < self->rows->len; i++)
		adw_preferences_group_remove(self->group, self->rows->pdata[i]);
	g_ptr_array_set_size(self->rows, 0);
	for (gsize i = 0; list && i < g_variant_n_children(list); i++) {
		g_autoptr(GVariant) network = g_variant_get_child_value(list, i);

		add_row(self, network);
	}
	gtk_widget_set_visible(GTK_WIDGET(self), self->rows->len > 0);
}

static void sp_network_list_dispose(GObject *object)
{
	SpNetworkList *self = SP_NETWORK_LIST(object);

	g_clear_object(&self->changes);
	g_clear_object(&self->query);
	g_clear_pointer(&self->rows, g_ptr_array_unref);
	g_clear_pointer(&self->list, g_variant_unref);
	G_OBJECT_CLASS(sp_network_list_parent_class)->dispose(object);
}

static void sp_network_list_class_init(SpNetworkListClass *class)
{
	G_OBJECT_CLASS(class)->dispose = sp_network_list_dispose;
}

static void sp_network_list_init(SpNetworkList *self)
{
	self->rows = g_ptr_array_new();
	self->group = ADW_PREFERENCES_GROUP(adw_preferences_group_new());
	adw_preferences_group_set_title(self->group, _("Networks"));
	adw_preferences_group_set_description(self->group,
		_("What you call them, such as home or public: what rules mean with “network”. An administrator’s password is asked for."));
	adw_bin_set_child(ADW_BIN(self), GTK_WIDGET(self->group));
	gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}

GtkWidget *sp_network_list_new(void)
{
	return g_object_new(SP_TYPE_NETWORK_LIST, NULL);
}

void sp_network_list_set(SpNetworkList *self, SpChanges *changes)
{
	self->changes = g_object_ref(changes);
	self->query = sp_query_new(sp_changes_link(changes), "Networks", "List", g_variant_new("()"));
	g_signal_connect_object(self->query, "changed", G_CALLBACK(show), self, G_CONNECT_SWAPPED);
	show(self);
}
