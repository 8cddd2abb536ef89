/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls on the daemon. Plain calls and not generated proxies: the interfaces
 * have no properties, and every call wants the same flags, no time limit and
 * the same translation of errors.
 */
#include "bus.h"

#include <glib/gi18n-lib.h>

#include "error.h"

/* Whoever sets SALLYPORT_NO_PASSWORD (completions do) rather has an error than a dialog. */
static GDBusCallFlags call_flags(void)
{
	GDBusCallFlags flags = G_DBUS_CALL_FLAGS_NO_AUTO_START;

	if (!g_getenv("SALLYPORT_NO_PASSWORD"))
		flags |= G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION;
	return flags;
}

GDBusConnection *sp_bus_connect(GError **error)
{
	g_autoptr(GError) cause = NULL;
	GDBusConnection *bus;

	sp_client_error_register();
	bus = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, &cause);
	if (!bus) {
		g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NOT_REACHABLE,
			    _("the system bus can't be reached: %s"), cause->message);
		return NULL;
	}
	g_dbus_connection_set_exit_on_close(bus, FALSE);
	return bus;
}

GVariant *sp_bus_call(GDBusConnection *bus, const char *interface,
		      const char *method, GVariant *args,
		      const GVariantType *reply, GError **error)
{
	g_autofree char *full = g_strdup_printf("%s.%s", SP_BUS_NAME, interface);
	GError *cause = NULL;
	GVariant *result;

	result = g_dbus_connection_call_sync(bus, SP_BUS_NAME, SP_BUS_PATH, full,
					     method, args, reply, call_flags(),
					     G_MAXINT, NULL, &cause);
	if (!result) {
		sp_client_error_translate(&cause);
		g_propagate_error(error, cause);
	}
	return result;
}

void sp_bus_call_async(GDBusConnection *bus, const char *interface,
		       const char *method, GVariant *args,
		       GAsyncReadyCallback ready, gpointer data)
{
	g_autofree char *full = g_strdup_printf("%s.%s", SP_BUS_NAME, interface);

	g_dbus_connection_call(bus, SP_BUS_NAME, SP_BUS_PATH, full, method, args,
			       NULL, call_flags(), G_MAXINT, NULL, ready, data);
}

GVariant *sp_bus_call_finish(GObject *bus, GAsyncResult *result, GError **error)
{
	GError *cause = NULL;
	GVariant *reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus),
							result, &cause);

	if (!reply) {
		sp_client_error_translate(&cause);
		g_propagate_error(error, cause);
	}
	return reply;
}
