/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See known_networks.h. */
#include "known_networks.h"

#include "bus.h"

#define INTERFACE SP_BUS_NAME ".Networks"

struct sp_known_networks {
	GDBusConnection *bus;
	GCancellable *cancel;	/* of calls under way */
	guint changed;		/* the subscription; 0: none */
	void (*listed)(GVariant *networks, void *data);
	void *data;
};

static void on_list(GObject *bus, GAsyncResult *result, gpointer data)
{
	g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result,
								  NULL);
	g_autoptr(GVariant) networks = NULL;
	struct sp_known_networks *list = data;

	if (!reply)	/* it may not be seen, or nobody is there any more to take it */
		return;
	networks = g_variant_get_child_value(reply, 0);
	list->listed(networks, list->data);
}

static void look(struct sp_known_networks *list)
{
	g_dbus_connection_call(list->bus, SP_BUS_NAME, SP_BUS_PATH, INTERFACE, "List", NULL,
			       G_VARIANT_TYPE("(aa{sv})"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
			       list->cancel, on_list, list);
}

static void on_changed(GDBusConnection *bus, const char *sender, const char *path,
		       const char *interface, const char *signal, GVariant *args, gpointer data)
{
	look(data);
}

void sp_known_networks_begin(struct sp_known_networks *list)
{
	if (!list->changed)
		list->changed = g_dbus_connection_signal_subscribe(list->bus, SP_BUS_NAME, INTERFACE,
			"Changed", SP_BUS_PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_changed, list,
			NULL);
	look(list);
}

struct sp_known_networks *sp_known_networks_new(GDBusConnection *bus,
						void (*listed)(GVariant *networks, void *data),
						void *data)
{
	struct sp_known_networks *list = g_new0(struct sp_known_networks, 1);

	list->bus = g_object_ref(bus);
	list->cancel = g_cancellable_new();
	list->listed = listed;
	list->data = data;
	return list;
}

void sp_known_networks_free(struct sp_known_networks *list)
{
	g_cancellable_cancel(list->cancel);
	if (list->changed)
		g_dbus_connection_signal_unsubscribe(list->bus, list->changed);
	g_object_unref(list->cancel);
	g_object_unref(list->bus);
	g_free(list);
}
