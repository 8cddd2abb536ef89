/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See front.h. "auto" is the caller's session, or, for a unit of the user's, his display. */
#include "front.h"

#define LOGIND		"org.freedesktop.login1"
#define SESSION_PATH	"/org/freedesktop/login1/session/auto"
#define PROPERTIES	"org.freedesktop.DBus.Properties"

struct sp_front {
	GDBusConnection *bus;
	GCancellable *cancel;
	guint signal;
	gboolean front;
	sp_front_changed changed;
	void *data;
};

static void on_active(GObject *bus, GAsyncResult *result, gpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result,
								  &error);
	struct sp_front *front = data;
	g_autoptr(GVariant) value = NULL;
	gboolean active = TRUE;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (reply)
		g_variant_get(reply, "(v)", &value);
	if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN))
		active = g_variant_get_boolean(value);
	if (active == front->front)
		return;
	front->front = active;
	front->changed(active, front->data);
}

static void look(struct sp_front *front)
{
	g_dbus_connection_call(front->bus, LOGIND, SESSION_PATH, PROPERTIES, "Get",
			       g_variant_new("(ss)", LOGIND ".Session", "Active"),
			       G_VARIANT_TYPE("(v)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
			       front->cancel, on_active, front);
}

static void on_seat_changed(GDBusConnection *bus, const char *sender, const char *path,
			    const char *interface, const char *signal, GVariant *args,
			    gpointer data)
{
	look(data);
}

struct sp_front *sp_front_new(GDBusConnection *bus, sp_front_changed changed, void *data)
{
	struct sp_front *front = g_new0(struct sp_front, 1);

	front->bus = g_object_ref(bus);
	front->cancel = g_cancellable_new();
	front->front = TRUE;
	front->changed = changed;
	front->data = data;
	front->signal = g_dbus_connection_signal_subscribe(bus, LOGIND, PROPERTIES,
		"PropertiesChanged", NULL, LOGIND ".Seat", G_DBUS_SIGNAL_FLAGS_NONE,
		on_seat_changed, front, NULL);
	look(front);
	return front;
}

void sp_front_free(struct sp_front *front)
{
	if (!front)
		return;
	g_cancellable_cancel(front->cancel);
	g_dbus_connection_signal_unsubscribe(front->bus, front->signal);
	g_object_unref(front->cancel);
	g_object_unref(front->bus);
	g_free(front);
}
