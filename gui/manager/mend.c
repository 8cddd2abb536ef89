/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mend.h. */
#include "mend.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "calls.h"

#define SYSTEMD		"org.freedesktop.systemd1"
#define SYSTEMD_PATH	"/org/freedesktop/systemd1"

enum sp_mend sp_mend_for(const struct sp_finding *finding, GVariant *status)
{
	gboolean daemon = strcmp(finding->check, "daemon") == 0;

	if (finding->level == SP_FINDING_GOOD)
		return SP_MEND_NOTHING;
	if (daemon && !status)
		return SP_MEND_START_SERVICE;
	if (daemon && strcmp(sp_dict_string(status, "mode"), "off") == 0)
		return SP_MEND_TURN_ON;
	return strcmp(finding->check, "agents") == 0 ? SP_MEND_START_AGENT : SP_MEND_NOTHING;
}

const char *sp_mend_label(enum sp_mend mend)
{
	switch (mend) {
	case SP_MEND_NOTHING:
		return NULL;
	case SP_MEND_START_SERVICE:
	case SP_MEND_START_AGENT:
		return _("Start");
	case SP_MEND_TURN_ON:
		return _("Turn On");
	}
	return NULL;
}

/* A unit that is to be started, on its way. */
struct start {
	SpChanges *changes;
	const char *unit;
};

static void start_end(struct start *start, GError *error)
{
	if (error) {
		g_dbus_error_strip_remote_error(error);
		sp_changes_tell(start->changes, error);
	} else {
		sp_changes_tell_done(start->changes, _("Started"));
	}
	g_clear_error(&error);
	g_object_unref(start->changes);
	g_free(start);
}

static void on_started(GObject *source, GAsyncResult *result, gpointer data)
{
	GError *error = NULL;
	g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result,
								  &error);

	start_end(data, error);
}

static void on_bus(GObject *source, GAsyncResult *result, gpointer data)
{
	struct start *start = data;
	GError *error = NULL;
	g_autoptr(GDBusConnection) bus = g_bus_get_finish(result, &error);

	if (!bus) {
		start_end(start, error);
		return;
	}
	g_dbus_connection_call(bus, SYSTEMD, SYSTEMD_PATH, SYSTEMD ".Manager", "StartUnit",
			       g_variant_new("(ss)", start->unit, "replace"), NULL,
			       G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, G_MAXINT, NULL,
			       on_started, start);
}

static void start(GBusType bus, const char *unit, SpChanges *changes)
{
	struct start *start = g_new0(struct start, 1);

	start->changes = g_object_ref(changes);
	start->unit = unit;
	g_bus_get(bus, NULL, on_bus, start);
}

void sp_mend(enum sp_mend mend, SpChanges *changes)
{
	switch (mend) {
	case SP_MEND_NOTHING:
		break;
	case SP_MEND_START_SERVICE:
		start(G_BUS_TYPE_SYSTEM, "sallyportd.service", changes);
		break;
	case SP_MEND_START_AGENT:
		start(G_BUS_TYPE_SESSION, "sallyport-agent.service", changes);
		break;
	case SP_MEND_TURN_ON:
		sp_changes_mode(changes, "normal", 0, NULL, NULL);
		break;
	}
}
