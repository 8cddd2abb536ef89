/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport log and sallyport watch: what was decided, and what is. */
#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "error.h"
#include "flow_text.h"
#include "output.h"
#include "password.h"
#include "record.h"
#include "watch.h"

static gboolean json, follow, all, flows;
static int number = 20;

#define COMMON_ENTRIES \
	{ "all", 'a', 0, G_OPTION_ARG_NONE, &all, N_("Of all users, too"), NULL }, \
	{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Write JSON, a line for each record"), NULL }

static const GOptionEntry log_entries[] = {
	{ "number", 'n', 0, G_OPTION_ARG_INT, &number,
	  N_("How many records (default 20, at most 1000)"), N_("N") },
	{ "follow", 'f', 0, G_OPTION_ARG_NONE, &follow, N_("Go on with what happens now"), NULL },
	{ "flows", 0, 0, G_OPTION_ARG_NONE, &flows,
	  N_("Write lines for “rules check --flows”"), NULL },
	COMMON_ENTRIES,
	G_OPTION_ENTRY_NULL
};

static const GOptionEntry watch_entries[] = {
	COMMON_ENTRIES,
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage log_usage = {
	.command = "log",
	.description = N_("Shows the latest records of your programs' connections, oldest first."),
	.entries = log_entries,
};

static const struct sp_usage watch_usage = {
	.command = "watch",
	.description = N_("Shows what is decided about your programs' connections, until interrupted."),
	.entries = watch_entries,
};

static gboolean watch(GDBusConnection *bus, guint past, GError **error)
{
	struct sp_watch_options options = {
		.past = past, .all = sp_command_sees_all(all), .json = json,
	};

	return sp_watch_run(bus, &options, error);
}

static gboolean show_recent(GDBusConnection *bus, GError **error)
{
	g_autoptr(GVariant) records = sp_call_history_recent(bus, (guint)number,
							    sp_command_sees_all(all), error);
	guint64 last = 0;

	if (!records)
		return FALSE;
	if (flows)
		sp_flows_put(records);
	else if (!json && !g_variant_n_children(records))
		sp_output_put(_("Nothing has been recorded yet.\n"));
	else
		sp_records_show(records, &last, TRUE, FALSE, json);
	return TRUE;
}

gboolean sp_log(int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;

	if (!sp_command_parse(&log_usage, &argc, &argv, error))
		return FALSE;
	if (number < 1 || number > SP_RECENT_MAX)
		return sp_usage_error(error, _("the number of records must be between 1 and %d"),
				      SP_RECENT_MAX);
	if (flows && (follow || json))
		return sp_usage_error(error, _("--flows can't be used with --follow or --json"));
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	return follow ? watch(bus, (guint)number, error) : show_recent(bus, error);
}

gboolean sp_watch(int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;

	if (!sp_command_parse(&watch_usage, &argc, &argv, error))
		return FALSE;
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	return watch(bus, 0, error);
}
