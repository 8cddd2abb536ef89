/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way to the daemon: the system bus and calls on it. Nothing here starts
 * the daemon: a firewall that was stopped stays so. Errors are of
 * SP_CLIENT_ERROR, ready to be shown.
 */
#pragma once

#include <gio/gio.h>

#define SP_BUS_NAME	"org.sallyport.Firewall1"
#define SP_BUS_PATH	"/org/sallyport/Firewall1"

/* The connection's end does not end the program. */
GDBusConnection *sp_bus_connect(GError **error);

/*
 * Calls @method of the interface SP_BUS_NAME.@interface. polkit may ask a
 * person for a password meanwhile, so this can take as long as that person.
 * @reply: the expected type, or NULL for any. @args: floating, or NULL.
 */
GVariant *sp_bus_call(GDBusConnection *bus, const char *interface,
		      const char *method, GVariant *args,
		      const GVariantType *reply, GError **error);
void sp_bus_call_async(GDBusConnection *bus, const char *interface,
		       const char *method, GVariant *args,
		       GAsyncReadyCallback ready, gpointer data);
GVariant *sp_bus_call_finish(GObject *bus, GAsyncResult *result, GError **error);
