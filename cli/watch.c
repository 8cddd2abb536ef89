/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records as they come. Watching goes on when the daemon comes back. Only
 * signals of the daemon count: @owner is its unique name while it is there.
 */
#include "watch.h"

#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "error.h"
#include "record.h"

struct watch {
	GDBusConnection *bus;
	const struct sp_watch_options *options;
	GMainLoop *loop;
	GError *error;		/* why it ended, NULL: nobody reads */
	char *owner;
	guint64 last;		/* serial of the last record shown */
	gboolean begun;		/* watched at least once */
	gboolean titled;
};

static void end(struct watch *watch, GError *error)
{
	if (error && !watch->error)
		watch->error = error;
	else
		g_clear_error(&error);
	g_main_loop_quit(watch->loop);
}

static void show(struct watch *watch, GVariant *records)
{
	gboolean titles = !watch->titled;

	watch->titled = TRUE;
	if (!sp_records_show(records, &watch->last, titles, TRUE, watch->options->json))
		end(watch, NULL);
}

static void records_came(GDBusConnection *bus, const char *sender, const char *path,
			 const char *interface, const char *signal, GVariant *args,
			 gpointer data)
{
	struct watch *watch = data;
	g_autoptr(GVariant) records = NULL;
	guint lost;

	if (g_strcmp0(sender, watch->owner) != 0 ||
	    !g_variant_is_of_type(args, G_VARIANT_TYPE("(aa{sv}u)")))
		return;
	g_variant_get(args, "(@aa{sv}u)", &records, &lost);
	show(watch, records);
	if (lost)
		g_printerr(ngettext("%u record was lost\n", "%u records were lost\n", lost), lost);
}

/* Signals first, then the past: what comes twice is left out by its serial. */
static gboolean begin(struct watch *watch, GError **error)
{
	g_autoptr(GVariant) past = NULL;

	if (!sp_call_history_watch(watch->bus, watch->options->all, error))
		return FALSE;
	if (!watch->begun && watch->options->past) {
		past = sp_call_history_recent(watch->bus, watch->options->past,
					      watch->options->all, error);
		if (!past)
			return FALSE;
		show(watch, past);
	}
	watch->begun = TRUE;
	return TRUE;
}

static void appeared(GDBusConnection *bus, const char *name, const char *owner,
		     gpointer data)
{
	struct watch *watch = data;
	GError *error = NULL;

	g_free(watch->owner);
	watch->owner = g_strdup(owner);
	if (watch->begun) {
		g_printerr(_("sallyportd is back\n"));
		watch->last = 0;	/* it may count from 1 again */
	}
	if (!begin(watch, &error))
		end(watch, error);
}

static void vanished(GDBusConnection *bus, const char *name, gpointer data)
{
	struct watch *watch = data;
	GError *error = g_error_new_literal(G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER, "");

	sp_client_error_translate(&error);
	g_clear_pointer(&watch->owner, g_free);
	if (!watch->begun || g_dbus_connection_is_closed(watch->bus)) {
		end(watch, error);
		return;
	}
	g_printerr(_("sallyportd went away; waiting for it\n"));
	g_error_free(error);
}

gboolean sp_watch_run(GDBusConnection *bus, const struct sp_watch_options *options,
		      GError **error)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	struct watch watch = { .bus = bus, .options = options, .loop = loop };
	guint signal, name;

	signal = g_dbus_connection_signal_subscribe(bus, SP_BUS_NAME, SP_BUS_NAME ".History",
						    "Records", SP_BUS_PATH, NULL,
						    G_DBUS_SIGNAL_FLAGS_NONE,
						    records_came, &watch, NULL);
	name = g_bus_watch_name_on_connection(bus, SP_BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
					      appeared, vanished, &watch, NULL);
	g_main_loop_run(loop);
	g_bus_unwatch_name(name);
	g_dbus_connection_signal_unsubscribe(bus, signal);
	g_free(watch.owner);
	if (!watch.error)
		return TRUE;
	g_propagate_error(error, watch.error);
	return FALSE;
}
