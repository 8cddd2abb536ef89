/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See link.h. set_state() alone changes the state. */
#include "link.h"

#include <string.h>

#include "bus.h"
#include "error.h"

/* Until the bus is looked for again. */
#define RETRY_SECONDS 3

struct _SpLink {
	GObject parent;
	enum sp_link_state state;
	GDBusConnection *bus;
	GCancellable *cancel;	/* of the search for a bus */
	guint name, heard, retry;
};

G_DEFINE_FINAL_TYPE(SpLink, sp_link, G_TYPE_OBJECT)

enum { CHANGED, HEARD, SIGNALS };

static guint signals[SIGNALS];

static void set_state(SpLink *self, enum sp_link_state state)
{
	if (self->state == state)
		return;
	self->state = state;
	g_signal_emit(self, signals[CHANGED], 0);
}

static void on_signal(GDBusConnection *bus, const char *sender, const char *path,
		      const char *interface, const char *member, GVariant *parameters,
		      gpointer data)
{
	const char *last = strrchr(interface, '.');

	if (last)
		g_signal_emit(data, signals[HEARD], g_quark_from_string(last + 1), member,
			      parameters);
}

static void on_appeared(GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
	SpLink *self = data;

	set_state(self, SP_LINK_WAITING);	/* a new daemon, even if none was missed */
	set_state(self, SP_LINK_PRESENT);
}

static void on_vanished(GDBusConnection *bus, const char *name, gpointer data)
{
	set_state(data, SP_LINK_ABSENT);
}

static void find_bus(SpLink *self);

static gboolean on_retry(gpointer data)
{
	SpLink *self = data;

	self->retry = 0;
	find_bus(self);
	return G_SOURCE_REMOVE;
}

static void lose_bus(SpLink *self)
{
	g_clear_handle_id(&self->name, g_bus_unwatch_name);
	g_clear_handle_id(&self->retry, g_source_remove);
	if (self->bus) {
		g_dbus_connection_signal_unsubscribe(self->bus, self->heard);
		g_signal_handlers_disconnect_by_data(self->bus, self);
	}
	g_clear_object(&self->bus);
}

static void look_again(SpLink *self)
{
	lose_bus(self);
	self->retry = g_timeout_add_seconds(RETRY_SECONDS, on_retry, self);
	set_state(self, SP_LINK_ABSENT);
}

static void on_closed(GDBusConnection *bus, gboolean vanished, GError *error, SpLink *self)
{
	look_again(self);
}

static void use_bus(SpLink *self, GDBusConnection *bus)
{
	self->bus = bus;
	g_dbus_connection_set_exit_on_close(bus, FALSE);
	g_signal_connect(bus, "closed", G_CALLBACK(on_closed), self);
	self->heard = g_dbus_connection_signal_subscribe(bus, SP_BUS_NAME, NULL, NULL, SP_BUS_PATH,
							 NULL, G_DBUS_SIGNAL_FLAGS_NONE,
							 on_signal, self, NULL);
	self->name = g_bus_watch_name_on_connection(bus, SP_BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
						    on_appeared, on_vanished, self, NULL);
}

static void on_bus(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GError) error = NULL;
	GDBusConnection *bus = g_bus_get_finish(result, &error);

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;		/* @data is gone */
	if (bus)
		use_bus(data, bus);
	else
		look_again(data);
}

static void find_bus(SpLink *self)
{
	g_bus_get(G_BUS_TYPE_SYSTEM, self->cancel, on_bus, self);
}

static void sp_link_dispose(GObject *object)
{
	SpLink *self = SP_LINK(object);

	g_cancellable_cancel(self->cancel);
	lose_bus(self);
	G_OBJECT_CLASS(sp_link_parent_class)->dispose(object);
}

static void sp_link_finalize(GObject *object)
{
	g_object_unref(SP_LINK(object)->cancel);
	G_OBJECT_CLASS(sp_link_parent_class)->finalize(object);
}

static void sp_link_class_init(SpLinkClass *class)
{
	GType type = G_TYPE_FROM_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_link_dispose;
	G_OBJECT_CLASS(class)->finalize = sp_link_finalize;
	signals[CHANGED] = g_signal_new("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
					G_TYPE_NONE, 0);
	signals[HEARD] = g_signal_new("heard", type, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0,
				      NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
				      G_TYPE_VARIANT);
	sp_client_error_register();
}

static void sp_link_init(SpLink *self)
{
	self->cancel = g_cancellable_new();
	find_bus(self);
}

SpLink *sp_link_new(void)
{
	return g_object_new(SP_TYPE_LINK, NULL);
}

enum sp_link_state sp_link_state(SpLink *self)
{
	return self->state;
}

void sp_link_call(SpLink *self, const char *interface, const char *method, GVariant *args,
		  gboolean ask, GCancellable *cancellable, GAsyncReadyCallback ready,
		  gpointer data)
{
	g_autofree char *full = g_strdup_printf("%s.%s", SP_BUS_NAME, interface);
	GDBusCallFlags flags = G_DBUS_CALL_FLAGS_NO_AUTO_START;

	g_return_if_fail(self->bus);
	if (ask)
		flags |= G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION;
	/* No limit of time: a person may have to find a password. */
	g_dbus_connection_call(self->bus, SP_BUS_NAME, SP_BUS_PATH, full, method, args, NULL,
			       flags, G_MAXINT, cancellable, ready, data);
}

GVariant *sp_link_call_finish(GObject *source, GAsyncResult *result, GError **error)
{
	GError *cause = NULL;
	GVariant *reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &cause);

	if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
		g_error_free(cause);
	} else if (cause) {
		sp_client_error_translate(&cause);
		g_propagate_error(error, cause);
	}
	return reply;
}
