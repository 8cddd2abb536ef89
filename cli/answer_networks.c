/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks that nobody named, asked about by whoever answers questions: once each. */
#include "answer.h"

#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "width.h"

struct sp_answer_networks {
	struct sp_answer *answer;
	GDBusConnection *bus;
	GCancellable *cancel;
	GHashTable *asked;	/* ids */
	guint changed;
};

static void ask(struct sp_answer_networks *networks, GVariant *network)
{
	g_autofree char *title = sp_width_harmless(sp_dict_string(network, "title")), *line = NULL;
	g_autofree const char **devices = NULL;

	g_variant_lookup(network, "devices", "^a&s", &devices);
	if (!devices || !devices[0] ||
	    !g_hash_table_add(networks->asked, g_strdup(sp_dict_string(network, "id"))))
		return;
	line = g_strdup_printf(_("Which network is “%s”? Say so with: sallyport networks name %s home "
				 "(or public, or another name)"), title, devices[0]);
	networks->answer->face->say(networks->answer, line);
}

static void on_list(GObject *bus, GAsyncResult *result, gpointer data)
{
	g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result,
								  NULL);
	g_autoptr(GVariant) list = NULL;

	if (!reply)	/* it may not be seen, or nobody is there any more to take it */
		return;
	list = g_variant_get_child_value(reply, 0);
	for (gsize i = 0; i < g_variant_n_children(list); i++) {
		g_autoptr(GVariant) network = g_variant_get_child_value(list, i);

		if (sp_dict_flag(network, "asks"))
			ask(data, network);
	}
}

static void look(struct sp_answer_networks *networks)
{
	g_dbus_connection_call(networks->bus, SP_BUS_NAME, SP_BUS_PATH, SP_BUS_NAME ".Networks",
			       "List", NULL, G_VARIANT_TYPE("(aa{sv})"),
			       G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, networks->cancel, on_list,
			       networks);
}

static void on_changed(GDBusConnection *bus, const char *sender, const char *path,
		       const char *interface, const char *signal, GVariant *args, gpointer data)
{
	look(data);
}

void sp_answer_networks_begin(struct sp_answer_networks *networks)
{
	if (!networks->changed)
		networks->changed = g_dbus_connection_signal_subscribe(networks->bus, SP_BUS_NAME,
			SP_BUS_NAME ".Networks", "Changed", SP_BUS_PATH, NULL,
			G_DBUS_SIGNAL_FLAGS_NONE, on_changed, networks, NULL);
	look(networks);
}

struct sp_answer_networks *sp_answer_networks_new(struct sp_answer *answer, GDBusConnection *bus)
{
	struct sp_answer_networks *networks = g_new0(struct sp_answer_networks, 1);

	networks->answer = answer;
	networks->bus = g_object_ref(bus);
	networks->cancel = g_cancellable_new();
	networks->asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return networks;
}

void sp_answer_networks_free(struct sp_answer_networks *networks)
{
	g_cancellable_cancel(networks->cancel);
	if (networks->changed)
		g_dbus_connection_signal_unsubscribe(networks->bus, networks->changed);
	g_hash_table_unref(networks->asked);
	g_object_unref(networks->cancel);
	g_object_unref(networks->bus);
	g_free(networks);
}
