/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See networks.h. A network is asked about once by an agent, however often it is met. */
#include "networks.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "bus.h"
#include "calls.h"
#include "error.h"
#include "known_networks.h"

struct sp_networks {
	GDBusConnection *bus;
	struct sp_notifier *notifier;
	GCancellable *cancel;	/* of calls under way */
	struct sp_known_networks *list;
	GHashTable *asked;	/* ids */
	char *id;		/* that is asked about now, or NULL */
};

static void on_named(GObject *bus, GAsyncResult *result, gpointer data)
{
	GError *error = NULL;
	g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result,
								  &error);
	struct sp_networks *networks = data;
	struct sp_note note = { .summary = _("The network was not named") };

	if (error && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
		sp_client_error_translate(&error);
		note.body = error->message;
		sp_notifier_show(networks->notifier, SP_NETWORKS_KEY, &note);
	}
	g_clear_error(&error);
}

/* However long a password takes. */
static void call(struct sp_networks *networks, const char *method, GVariant *arguments,
		 GAsyncReadyCallback ready)
{
	g_dbus_connection_call(networks->bus, SP_BUS_NAME, SP_BUS_PATH, SP_BUS_NAME ".Networks",
			       method, arguments, NULL,
			       G_DBUS_CALL_FLAGS_NO_AUTO_START |
			       G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION,
			       G_MAXINT, networks->cancel, ready, networks);
}

void sp_networks_chosen(struct sp_networks *networks, const char *action)
{
	g_autofree char *id = g_steal_pointer(&networks->id);

	if (!id)
		return;
	if (!strcmp(action, "ignore"))
		call(networks, "Ignore", g_variant_new("(s)", id), on_named);
	else if (!strcmp(action, "home") || !strcmp(action, "public"))
		call(networks, "Name", g_variant_new("(ss)", id, action), on_named);
}

static void ask(struct sp_networks *networks, GVariant *network)
{
	const char *const actions[] = {
		"home", _("Home"), "public", _("Public"), "ignore", _("Not now"), NULL,
	};
	g_autofree char *summary = g_strdup_printf(_("Which network is “%s”?"),
						   sp_dict_string(network, "title"));
	const struct sp_note note = {
		.summary = summary,
		.body = _("Rules that say “network home” hold only in networks with that name. Until "
			  "this one has a name they allow nothing here."),
		.actions = actions,
	};

	g_free(networks->id);
	networks->id = g_strdup(sp_dict_string(network, "id"));
	g_hash_table_add(networks->asked, g_strdup(networks->id));
	sp_notifier_show(networks->notifier, SP_NETWORKS_KEY, &note);
}

static gboolean is_new(const struct sp_networks *networks, GVariant *network)
{
	return sp_dict_flag(network, "asks") &&
	       !g_hash_table_contains(networks->asked, sp_dict_string(network, "id"));
}

/* What is asked about may have been named meanwhile, or left. */
static gboolean is_over(const struct sp_networks *networks, GVariant *list)
{
	for (gsize i = 0; networks->id && i < g_variant_n_children(list); i++) {
		g_autoptr(GVariant) network = g_variant_get_child_value(list, i);

		if (!strcmp(sp_dict_string(network, "id"), networks->id))
			return !sp_dict_flag(network, "asks");
	}
	return networks->id != NULL;
}

static void on_list(GVariant *list, void *data)
{
	struct sp_networks *networks = data;

	if (is_over(networks, list)) {
		g_clear_pointer(&networks->id, g_free);
		sp_notifier_close(networks->notifier, SP_NETWORKS_KEY);
	}
	for (gsize i = 0; !networks->id && i < g_variant_n_children(list); i++) {
		g_autoptr(GVariant) network = g_variant_get_child_value(list, i);

		if (is_new(networks, network))
			ask(networks, network);
	}
}

void sp_networks_begin(struct sp_networks *networks)
{
	sp_known_networks_begin(networks->list);
}

struct sp_networks *sp_networks_new(GDBusConnection *bus, struct sp_notifier *notifier)
{
	struct sp_networks *networks = g_new0(struct sp_networks, 1);

	networks->bus = g_object_ref(bus);
	networks->notifier = notifier;
	networks->list = sp_known_networks_new(bus, on_list, networks);
	networks->cancel = g_cancellable_new();
	networks->asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return networks;
}

void sp_networks_free(struct sp_networks *networks)
{
	if (!networks)
		return;
	g_cancellable_cancel(networks->cancel);
	sp_known_networks_free(networks->list);
	g_hash_table_unref(networks->asked);
	g_object_unref(networks->cancel);
	g_object_unref(networks->bus);
	g_free(networks->id);
	g_free(networks);
}
