/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See manager.h. One look at a time: the active connections, then for each of them its
 * properties, its settings, its devices' names. A look that was overtaken by news
 * is thrown away and begun again.
 */
#include "manager.h"

#include <stdlib.h>
#include <string.h>
#include "sentence.h"

#define NM		"org.freedesktop.NetworkManager"
#define NM_PATH		"/org/freedesktop/NetworkManager"
#define ACTIVE		NM ".Connection.Active"
#define PROPERTIES	"org.freedesktop.DBus.Properties"
#define ACTIVATED	2u
#define PAUSE		100u	/* ms: signals come in crowds */

struct sp_manager {
	GDBusConnection *bus;
	guint watch, signals[2], timer;
	gboolean there, asked;		/* is there a NetworkManager; is that known */
	struct look *look;		/* under way */
	GArray *connections;		/* struct sp_connection */
	void (*changed)(void *data);
	void *data;
};

/* It belongs to its calls, and to the manager while it is the latest. */
struct look {
	guint calls;			/* under way */
	struct sp_manager *manager;	/* NULL: overtaken */
	GCancellable *cancel;
	GDBusConnection *bus;
	GPtrArray *actives;		/* struct active */
};

struct active {
	struct look *look;
	struct sp_connection connection;	/* no device yet */
	gboolean activated;
	GPtrArray *devices;			/* names */
};

static void connection_clear(void *data)
{
	g_free(((struct sp_connection *)data)->title);
}

static void active_free(void *data)
{
	struct active *active = data;

	connection_clear(&active->connection);
	g_ptr_array_unref(active->devices);
	g_free(active);
}

static void look_free(struct look *look)
{
	g_ptr_array_unref(look->actives);
	g_object_unref(look->cancel);
	g_object_unref(look->bus);
	g_free(look);
}

/* --- the end of a look --------------------------------------------------------------- */

static void add_connection(struct sp_manager *manager, const struct active *active,
			   const char *device)
{
	struct sp_connection connection = active->connection;

	g_strlcpy(connection.device, device, sizeof(connection.device));
	connection.title = g_strdup(active->connection.title);
	g_array_append_val(manager->connections, connection);
}

static void adopt(struct sp_manager *manager, const struct look *look)
{
	g_array_set_size(manager->connections, 0);
	for (guint i = 0; i < look->actives->len; i++) {
		const struct active *active = g_ptr_array_index(look->actives, i);

		for (guint j = 0; active->activated && j < active->devices->len; j++)
			add_connection(manager, active, g_ptr_array_index(active->devices, j));
	}
	manager->changed(manager->data);
}

static void end_call(struct look *look)
{
	struct sp_manager *manager = look->manager;

	if (--look->calls)
		return;
	if (manager) {
		manager->look = NULL;
		adopt(manager, look);
	}
	look_free(look);
}

static void abandon(struct sp_manager *manager)
{
	struct look *look = g_steal_pointer(&manager->look);

	if (!look)
		return;
	look->manager = NULL;
	g_cancellable_cancel(look->cancel);
}

/* --- its steps ----------------------------------------------------------------------- */

static void call(struct look *look, const char *path, const char *interface, const char *method,
		 GVariant *arguments, const char *reply, GAsyncReadyCallback ready, void *data)
{
	look->calls++;
	g_dbus_connection_call(look->bus, NM, path, interface, method, arguments,
			       G_VARIANT_TYPE(reply), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
			       look->cancel, ready, data);
}

static GVariant *reply_of(GObject *bus, GAsyncResult *result)
{
	return g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result, NULL);
}

static void on_device(GObject *bus, GAsyncResult *result, void *data)
{
	g_autoptr(GVariant) reply = reply_of(bus, result), value = NULL;
	struct active *active = data;

	if (reply)
		g_variant_get(reply, "(v)", &value);
	if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_STRING) &&
	    active->devices->len < SP_CONNECTIONS_MAX)
		g_ptr_array_add(active->devices, g_variant_dup_string(value, NULL));
	end_call(active->look);
}

static gboolean is_proven(GVariant *settings)
{
	static const char *const proving[] = { "wpa-psk", "sae", "wpa-eap", "wpa-eap-suite-b-192" };
	g_autoptr(GVariant) wifi = NULL, x = NULL, connection = NULL;
	const char *management = "", *type = "";

	connection = g_variant_lookup_value(settings, "connection", G_VARIANT_TYPE_VARDICT);
	wifi = g_variant_lookup_value(settings, "802-11-wireless-security", G_VARIANT_TYPE_VARDICT);
	x = g_variant_lookup_value(settings, "802-1x", G_VARIANT_TYPE_VARDICT);
	if (connection)
		g_variant_lookup(connection, "type", "&s", &type);
	if (!strcmp(type, "gsm") || !strcmp(type, "cdma"))
		return TRUE;
	if (!strcmp(type, "802-3-ethernet"))
		return x != NULL;
	if (strcmp(type, "802-11-wireless") || !wifi)
		return FALSE;
	g_variant_lookup(wifi, "key-mgmt", "&s", &management);
	for (guint i = 0; i < G_N_ELEMENTS(proving); i++)
		if (!strcmp(management, proving[i]))
			return TRUE;
	return FALSE;
}

static void on_settings(GObject *bus, GAsyncResult *result, void *data)
{
	g_autoptr(GVariant) reply = reply_of(bus, result), settings = NULL;
	struct active *active = data;

	if (reply) {
		settings = g_variant_get_child_value(reply, 0);
		active->connection.proven = is_proven(settings);
	}
	end_call(active->look);
}

static void ask_devices(struct active *active, GVariant *properties)
{
	g_autoptr(GVariant) devices = g_variant_lookup_value(properties, "Devices",
							     G_VARIANT_TYPE_OBJECT_PATH_ARRAY);

	for (gsize i = 0; devices && i < MIN(g_variant_n_children(devices), SP_CONNECTIONS_MAX); i++) {
		const char *path;

		g_variant_get_child(devices, i, "&o", &path);
		call(active->look, path, PROPERTIES, "Get",
		     g_variant_new("(ss)", NM ".Device", "Interface"), "(v)", on_device, active);
	}
}

static void read_active(struct active *active, GVariant *properties)
{
	const char *uuid = "", *id = "", *settings = NULL;
	gboolean vpn = FALSE;
	guint32 state = 0;

	g_variant_lookup(properties, "Uuid", "&s", &uuid);
	g_variant_lookup(properties, "Id", "&s", &id);
	g_variant_lookup(properties, "State", "u", &state);
	g_variant_lookup(properties, "Vpn", "b", &vpn);
	g_variant_lookup(properties, "Connection", "&o", &settings);
	/* A VPN names the device that it goes over. */
	active->activated = state == ACTIVATED && !vpn && g_uuid_string_is_valid(uuid);
	if (!active->activated)
		return;
	g_strlcpy(active->connection.uuid, uuid, sizeof(active->connection.uuid));
	active->connection.title = sp_text_literal(id, MIN(strlen(id), 100));
	if (settings)
		call(active->look, settings, NM ".Settings.Connection", "GetSettings", NULL,
		     "(a{sa{sv}})", on_settings, active);
	ask_devices(active, properties);
}

static void on_active(GObject *bus, GAsyncResult *result, void *data)
{
	g_autoptr(GVariant) reply = reply_of(bus, result), properties = NULL;
	struct active *active = data;

	if (reply) {
		properties = g_variant_get_child_value(reply, 0);
		read_active(active, properties);
	}
	end_call(active->look);
}

static void on_actives(GObject *bus, GAsyncResult *result, void *data)
{
	g_autoptr(GVariant) reply = reply_of(bus, result), value = NULL;
	struct look *look = data;

	if (reply)
		g_variant_get(reply, "(v)", &value);
	for (gsize i = 0; value && g_variant_is_of_type(value, G_VARIANT_TYPE_OBJECT_PATH_ARRAY) &&
			  i < MIN(g_variant_n_children(value), SP_CONNECTIONS_MAX); i++) {
		struct active *active = g_new0(struct active, 1);
		const char *path;

		active->look = look;
		active->devices = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(look->actives, active);
		g_variant_get_child(value, i, "&o", &path);
		call(look, path, PROPERTIES, "GetAll", g_variant_new("(s)", ACTIVE), "(a{sv})",
		     on_active, active);
	}
	end_call(look);
}

static gboolean begin(void *data)
{
	struct sp_manager *manager = data;
	struct look *look = g_new0(struct look, 1);

	manager->timer = 0;
	manager->look = look;
	look->manager = manager;
	look->cancel = g_cancellable_new();
	look->bus = g_object_ref(manager->bus);
	look->actives = g_ptr_array_new_with_free_func(active_free);
	call(look, NM_PATH, PROPERTIES, "Get", g_variant_new("(ss)", NM, "ActiveConnections"),
	     "(v)", on_actives, look);
	return G_SOURCE_REMOVE;
}

static void look_again(struct sp_manager *manager)
{
	abandon(manager);
	if (manager->there && !manager->timer)
		manager->timer = g_timeout_add(PAUSE, begin, manager);
}

/* --- the manager --------------------------------------------------------------------- */

void sp_manager_forget(struct sp_manager *manager, const char *device)
{
	for (guint i = manager ? manager->connections->len : 0; i; i--)
		if (!strcmp(g_array_index(manager->connections, struct sp_connection, i - 1).device,
			    device))
			g_array_remove_index(manager->connections, i - 1);
	if (manager)
		look_again(manager);
}

static void on_signal(GDBusConnection *bus, const char *sender, const char *path,
		      const char *interface, const char *signal, GVariant *arguments, void *data)
{
	g_autoptr(GVariant) changed = NULL;

	if (!g_variant_is_of_type(arguments, G_VARIANT_TYPE("(sa{sv}as)")))
		return;
	changed = g_variant_get_child_value(arguments, 1);
	if (g_variant_lookup(changed, "ActiveConnections", "ao", NULL) ||
	    g_variant_lookup(changed, "State", "u", NULL) ||
	    g_variant_lookup(changed, "Devices", "ao", NULL))
		look_again(data);
}

static void on_appeared(GDBusConnection *bus, const char *name, const char *owner, void *data)
{
	struct sp_manager *manager = data;

	manager->there = manager->asked = TRUE;
	look_again(manager);
}

static void on_vanished(GDBusConnection *bus, const char *name, void *data)
{
	struct sp_manager *manager = data;

	manager->there = FALSE;
	manager->asked = TRUE;
	g_clear_handle_id(&manager->timer, g_source_remove);
	abandon(manager);
	g_array_set_size(manager->connections, 0);
	manager->changed(manager->data);
}

static guint subscribe(struct sp_manager *manager, const char *interface)
{
	return g_dbus_connection_signal_subscribe(manager->bus, NM, PROPERTIES,
						  "PropertiesChanged", NULL, interface,
						  G_DBUS_SIGNAL_FLAGS_NONE, on_signal, manager,
						  NULL);
}

struct sp_manager *sp_manager_new(GDBusConnection *bus, void (*changed)(void *data), void *data)
{
	struct sp_manager *manager = g_new0(struct sp_manager, 1);

	manager->bus = g_object_ref(bus);
	manager->changed = changed;
	manager->data = data;
	manager->connections = g_array_new(FALSE, FALSE, sizeof(struct sp_connection));
	g_array_set_clear_func(manager->connections, connection_clear);
	manager->signals[0] = subscribe(manager, NM);
	manager->signals[1] = subscribe(manager, ACTIVE);
	manager->watch = g_bus_watch_name_on_connection(bus, NM, G_BUS_NAME_WATCHER_FLAGS_NONE,
							on_appeared, on_vanished, manager, NULL);
	return manager;
}

void sp_manager_free(struct sp_manager *manager)
{
	if (!manager)
		return;
	g_bus_unwatch_name(manager->watch);
	for (guint i = 0; i < G_N_ELEMENTS(manager->signals); i++)
		g_dbus_connection_signal_unsubscribe(manager->bus, manager->signals[i]);
	g_clear_handle_id(&manager->timer, g_source_remove);
	abandon(manager);
	g_array_unref(manager->connections);
	g_object_unref(manager->bus);
	g_free(manager);
}

gboolean sp_manager_is_busy(const struct sp_manager *manager)
{
	return !manager->asked || manager->look || manager->timer;
}

const struct sp_connection *sp_manager_find(const struct sp_manager *manager,
					    const char *device)
{
	for (guint i = 0; manager && i < manager->connections->len; i++) {
		const struct sp_connection *one =
			&g_array_index(manager->connections, struct sp_connection, i);

		if (!strcmp(one->device, device))
			return one;
	}
	return NULL;
}
