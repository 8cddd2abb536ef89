/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See bus.h. Everything from @connection to @faces lives and goes together. */
#include "bus.h"

#include <string.h>
#include "dial.h"
#include "log.h"
#include "rule_import.h"

#define RETRY_FIRST	1u
#define RETRY_LAST	30u
#define FACES		6

struct sp_bus {
	const struct sp_parts *parts;
	char *address;
	GCancellable *cancel;		/* of what is under way */
	GDBusConnection *connection;	/* NULL: none */
	gulong closed;
	struct sp_face face;
	GDBusInterfaceSkeleton *faces[FACES];
	GDBusInterfaceSkeleton *manager, *rules, *networks;	/* three of them */
	guint retry, delay;
	gboolean named;
};

static void connect_to_bus(struct sp_bus *bus);

static void drop(struct sp_bus *bus)
{
	if (!bus->connection)
		return;
	g_signal_handler_disconnect(bus->connection, bus->closed);
	for (int i = 0; i < FACES; i++) {
		if (!bus->faces[i])
			continue;
		g_dbus_interface_skeleton_unexport(bus->faces[i]);
		g_signal_handlers_disconnect_by_data(bus->faces[i], &bus->face);
		g_clear_object(&bus->faces[i]);
	}
	bus->manager = bus->rules = bus->networks = NULL;
	bus->named = FALSE;
	g_clear_pointer(&bus->face.imports, sp_imports_free);
	sp_networks_set_bus(bus->parts->networks, NULL);
	g_clear_pointer(&bus->face.packaged, sp_packaged_unref);
	g_clear_pointer(&bus->face.peers, sp_peers_free);
	g_dbus_connection_close(bus->connection, NULL, NULL, NULL);
	g_clear_object(&bus->connection);
	bus->face.connection = NULL;
}

static gboolean on_retry(void *data)
{
	struct sp_bus *bus = data;

	bus->retry = 0;
	connect_to_bus(bus);
	return G_SOURCE_REMOVE;
}

static void try_later(struct sp_bus *bus, const char *why)
{
	static struct sp_log_limit limit = SP_LOG_LIMIT(3, 600);

	if (sp_log_may(&limit))
		sp_log_info("not on the bus: %s", why);
	drop(bus);
	if (!bus->retry)
		bus->retry = g_timeout_add_seconds(bus->delay, on_retry, bus);
	bus->delay = MIN(bus->delay * 2, RETRY_LAST);
}

static void on_closed(GDBusConnection *connection, gboolean vanished, GError *error,
		      void *data)
{
	struct sp_bus *bus = data;

	try_later(bus, error ? error->message : "the connection was closed");
}

static void on_named(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = NULL;
	struct sp_bus *bus = data;
	guint32 code;

	reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (!bus->connection)		/* closed before the answer came */
		return;
	if (!reply) {
		try_later(bus, error->message);
		return;
	}
	g_variant_get(reply, "(u)", &code);
	if (code != 1 && code != 4) {
		try_later(bus, "the name is taken");
		return;
	}
	bus->named = TRUE;
	bus->delay = RETRY_FIRST;
	sp_log_info("on the bus as %s", SP_BUS_NAME);
}

static void request_name(struct sp_bus *bus)
{
	const guint32 do_not_queue = 4;

	g_dbus_connection_call(bus->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
			       "org.freedesktop.DBus", "RequestName",
			       g_variant_new("(su)", SP_BUS_NAME, do_not_queue),
			       G_VARIANT_TYPE("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, bus->cancel,
			       on_named, bus);
}

static gboolean export(struct sp_bus *bus, GError **error)
{
	bus->faces[0] = bus->manager = sp_face_manager(&bus->face);
	bus->faces[1] = bus->rules = sp_face_rules(&bus->face);
	bus->faces[2] = sp_face_questions(&bus->face);
	bus->faces[3] = sp_face_history(&bus->face);
	bus->faces[4] = sp_face_flows(&bus->face);
	bus->faces[5] = bus->networks = sp_face_networks(&bus->face);
	for (int i = 0; i < FACES; i++)
		if (!g_dbus_interface_skeleton_export(bus->faces[i], bus->connection,
						      SP_BUS_PATH, error))
			return FALSE;
	return TRUE;
}

static void on_connected(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	struct sp_bus *bus = data;
	GDBusConnection *connection = g_dbus_connection_new_finish(result, &error);

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (!connection) {
		try_later(bus, error->message);
		return;
	}
	g_dbus_connection_set_exit_on_close(connection, FALSE);
	bus->connection = connection;
	bus->closed = g_signal_connect(connection, "closed", G_CALLBACK(on_closed), bus);
	bus->face.connection = connection;
	bus->face.peers = sp_peers_new(connection);
	bus->face.imports = sp_imports_new();
	bus->face.packaged = sp_packaged_new(connection, bus->parts->link);
	sp_networks_set_bus(bus->parts->networks, connection);
	if (export(bus, &error))
		request_name(bus);
	else
		try_later(bus, error->message);
}

static void on_stream(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GIOStream) stream = sp_dial_finish(result, &error);
	struct sp_bus *bus = data;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (stream)
		g_dbus_connection_new(stream, NULL, G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
				      NULL, bus->cancel, on_connected, bus);
	else
		try_later(bus, error->message);
}

static void connect_to_bus(struct sp_bus *bus)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *address = bus->address ? g_strdup(bus->address) :
		g_dbus_address_get_for_bus_sync(G_BUS_TYPE_SYSTEM, NULL, &error);

	if (!address) {
		try_later(bus, error->message);
		return;
	}
	sp_dial(address, bus->cancel, on_stream, bus);
}

struct sp_bus *sp_bus_new(const char *address, const struct sp_parts *parts)
{
	struct sp_bus *bus = g_new0(struct sp_bus, 1);

	bus->parts = parts;
	bus->face.parts = parts;
	bus->address = g_strdup(address);
	bus->cancel = g_cancellable_new();
	bus->delay = RETRY_FIRST;
	connect_to_bus(bus);
	return bus;
}

void sp_bus_close(struct sp_bus *bus)
{
	if (!bus)
		return;
	g_cancellable_cancel(bus->cancel);
	if (bus->face.peers)
		sp_peers_close(bus->face.peers);
}

void sp_bus_free(struct sp_bus *bus)
{
	if (!bus)
		return;
	sp_bus_close(bus);
	if (bus->retry)
		g_source_remove(bus->retry);
	if (bus->connection)
		g_dbus_connection_flush_sync(bus->connection, NULL, NULL);
	drop(bus);
	g_object_unref(bus->cancel);
	g_free(bus->address);
	g_free(bus);
}

void sp_bus_rules_changed(struct sp_bus *bus)
{
	if (bus->rules && bus->named)
		sp_face_rules_changed(bus->rules);
}

void sp_bus_networks_changed(struct sp_bus *bus)
{
	if (bus->networks && bus->named)
		sp_face_networks_changed(bus->networks);
}

void sp_bus_state_changed(struct sp_bus *bus)
{
	if (bus->manager && bus->named)
		sp_face_state_changed(bus->manager);
}
