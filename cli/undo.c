/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport undo: turns changes of rules round, does them again, shows them. */
#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "format.h"
#include "guard.h"
#include "output.h"
#include "password.h"
#include "table.h"
#include "undo_guard.h"

#define LIST_MAX	1000

static gboolean redo, list, json, all, dry_run;
static gint64 change;
static int number = 20;

static const GOptionEntry entries[] = {
	{ "redo", 'r', 0, G_OPTION_ARG_NONE, &redo, N_("Do again what was undone"), NULL },
	{ "change", 'c', 0, G_OPTION_ARG_INT64, &change, N_("This change, not the latest"), N_("N") },
	{ "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, N_("Only show what would be done"), NULL },
	SP_GUARD_ENTRY,
	{ "list", 'l', 0, G_OPTION_ARG_NONE, &list, N_("Only show the latest changes"), NULL },
	{ "number", 'n', 0, G_OPTION_ARG_INT, &number,
	  N_("How many of them (default 20, at most 1000)"), N_("N") },
	{ "all", 'a', 0, G_OPTION_ARG_NONE, &all, N_("Of all users, too"), NULL },
	{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Write JSON, a line for each rule"), NULL },
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage usage = {
	.command = "undo",
	.description = N_("Undoes your latest change of the rules, or with --redo does again the one that\n"
			  "was undone last. A rule that was changed since is not touched: an error."),
	.entries = entries,
};

static void show_json(GVariant *list_of)
{
	GVariantIter iter;
	GVariant *entry;

	g_variant_iter_init(&iter, list_of);
	while ((entry = g_variant_iter_next_value(&iter))) {
		sp_output_put_json(entry);
		g_variant_unref(entry);
	}
}

/* "− before" and "+ after", as diff has it. */
static void show_side(GVariant *entry, const char *key, const char *sign, enum sp_style style)
{
	g_autoptr(GString) line = g_string_new(NULL);
	g_autofree char *text = NULL;

	if (!*sp_dict_string(entry, key))
		return;
	text = g_strdup_printf("%s %" G_GUINT64_FORMAT ": %s\n", sign,
			       sp_dict_number(entry, "rule"), sp_dict_string(entry, key));
	sp_style_append(line, text, style, sp_output_colour());
	sp_output_put(line->str);
}

/* What was done to the rules: of an undo, the change the other way round. */
static void show_done(GVariant *list_of)
{
	GVariantIter iter;
	GVariant *entry;

	g_variant_iter_init(&iter, list_of);
	while ((entry = g_variant_iter_next_value(&iter))) {
		show_side(entry, redo ? "before" : "after", "-", SP_STYLE_BAD);
		show_side(entry, redo ? "after" : "before", "+", SP_STYLE_GOOD);
		g_variant_unref(entry);
	}
}

static void show_heading(GVariant *entry)
{
	g_autofree char *time = sp_format_time((gint64)sp_dict_number(entry, "time"),
					       g_get_real_time());
	g_autofree char *who = sp_format_owner((guint32)sp_dict_number(entry, "maker"));
	g_autofree char *line = NULL;

	/* number of the change, when, who, in which way, undone or not */
	line = g_strdup_printf(_("change %" PRIu64 ", %s, %s, %s%s\n"),
			       sp_dict_number(entry, "change"), time, who,
			       sp_dict_string(entry, "how"),
			       sp_dict_flag(entry, "undone") ? _(" (undone)") : "");
	sp_output_put(line);
}

static void show_list(GVariant *list_of)
{
	GVariantIter iter;
	GVariant *entry;
	guint64 last = 0;

	g_variant_iter_init(&iter, list_of);
	while ((entry = g_variant_iter_next_value(&iter))) {
		if (sp_dict_number(entry, "change") != last)
			show_heading(entry);
		last = sp_dict_number(entry, "change");
		show_side(entry, "before", "  -", SP_STYLE_BAD);
		show_side(entry, "after", "  +", SP_STYLE_GOOD);
		g_variant_unref(entry);
	}
	if (!last)
		sp_output_put(_("No rule has been changed.\n"));
}

static gboolean check_options(GError **error)
{
	if (number < 1 || number > LIST_MAX)
		return sp_usage_error(error, _("the number of changes must be between 1 and %d"), LIST_MAX);
	if (change < 0)
		return sp_usage_error(error, _("a change has a number greater than 0; --list shows them"));
	if (list && (redo || change || dry_run || sp_guard_within))
		return sp_usage_error(error, _("--list only shows: it is not used together with --redo, "
					       "--change, --dry-run or --confirm-within"));
	return sp_guard_check(error);
}

static GVariant *undo(GDBusConnection *bus, GError **error)
{
	guint64 which = (guint64)change;

	if (!dry_run && !sp_undo_guard(bus, redo, &which, error))
		return NULL;
	return sp_call_rules_undo(bus, redo, which, dry_run, error);
}

gboolean sp_undo(int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;
	g_autoptr(GVariant) found = NULL;

	if (!sp_command_parse(&usage, &argc, &argv, error) || !check_options(error))
		return FALSE;
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	found = list ? sp_call_rules_journal(bus, (guint)number, sp_command_sees_all(all), error) :
		       undo(bus, error);
	if (!found)
		return FALSE;
	if (json)
		show_json(found);
	else if (list)
		show_list(found);
	else
		show_done(found);
	return TRUE;
}
