/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport rules: list, show, remove, enable, disable; add and edit have their own files. */
#include <stdlib.h>
#include <string.h>

#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "format.h"
#include "guard.h"
#include "output.h"
#include "password.h"
#include "rules_unused.h"
#include "table.h"
#include "text.h"

#define DAYS_MAX 3650
#define NOT_ASKED G_MININT

static gboolean json, sentences, all;
static int unused_days = NOT_ASKED;

static const GOptionEntry list_entries[] = {
	{ "sentences", 's', 0, G_OPTION_ARG_NONE, &sentences,
	  N_("Show rules in plain words"), NULL },
	{ "all", 'a', 0, G_OPTION_ARG_NONE, &all, N_("Of all users, too"), NULL },
	{ "unused", 'u', 0, G_OPTION_ARG_INT, &unused_days,
	  N_("Only those that decided nothing for so many days"), N_("DAYS") },
	{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Write JSON, a line for each rule"), NULL },
	G_OPTION_ENTRY_NULL
};

static const GOptionEntry show_entries[] = {
	{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Write JSON, a line for each rule"), NULL },
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage list_usage = {
	.command = "rules list",
	.description = N_("Shows the rules of the system and your own."),
	.entries = list_entries,
};

static const struct sp_usage show_usage = {
	.command = "rules show",
	.arguments = N_("ID…"),
	.description = N_("Shows all that is known of rules."),
	.entries = show_entries,
};

static const GOptionEntry change_entries[] = {
	SP_GUARD_ENTRY,
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage enable_usage = {
	.command = "rules enable",
	.arguments = N_("ID…"),
	.description = N_("Switches rules on: all of them, or none and an error. A rule that was restored\n"
			  "from an older copy is confirmed."),
	.entries = change_entries,
};

static const struct sp_usage disable_usage = {
	.command = "rules disable",
	.arguments = N_("ID…"),
	.description = N_("Switches rules off without removing them: all of them, or none and an error."),
	.entries = change_entries,
};

static const struct sp_usage remove_usage = {
	.command = "rules remove",
	.arguments = N_("ID…"),
	.description = N_("Removes rules by their number: all of them, or none and an error."),
	.entries = change_entries,
};

/* The rule without what has a column of its own. */
static char *short_text(GVariant *rule)
{
	const char *text = sp_dict_string(rule, "text");
	struct sp_text_error ignored;
	struct sp_rule parsed;
	char *canonical, *copy;

	if (sp_text_parse(text, strlen(text), SP_SYSTEM, NULL, &parsed, &ignored) != 1)
		return g_strdup(text);
	parsed.owner = SP_SYSTEM;
	parsed.enabled = true;
	parsed.expires = 0;
	canonical = sp_text_print(&parsed, NULL);
	copy = g_strdup(canonical ? canonical : text);
	free(canonical);
	sp_rule_clear(&parsed);
	return copy;
}

static const char *state_text(GVariant *rule)
{
	gboolean confirmed = TRUE;

	g_variant_lookup(rule, "confirmed", "b", &confirmed);
	return !sp_dict_flag(rule, "enabled") ? _("off") : confirmed ? _("on") : _("asks");
}

static void add_row(struct sp_table *table, GVariant *rule)
{
	gboolean enabled = sp_dict_flag(rule, "enabled");
	enum sp_style style = enabled ? SP_STYLE_PLAIN : SP_STYLE_DIM;
	g_autofree char *id = g_strdup_printf("%" G_GUINT64_FORMAT, sp_dict_number(rule, "id"));
	g_autofree char *owner = sp_format_owner((guint32)sp_dict_number(rule, "owner"));
	g_autofree char *until = sp_format_time((gint64)sp_dict_number(rule, "expires"),
						g_get_real_time());
	g_autofree char *text = sentences ? g_strdup(sp_dict_string(rule, "sentence"))
					  : short_text(rule);

	sp_table_add(table, id, style);
	sp_table_add(table, state_text(rule), style);
	sp_table_add(table, text, style);
	sp_table_add(table, owner, style);
	sp_table_add(table, until, style);
}

static void show(GVariant *rules)
{
	const struct sp_column columns[] = {
		{ .title = _("ID"), .right = TRUE },
		{ .title = _("On") },
		{ .title = _("Rule"), .min = 20, .elastic = TRUE },
		{ .title = _("Owner"), .min = 6, .elastic = TRUE, .optional = 1 },
		{ .title = _("Until") },
	};
	struct sp_table *table = sp_table_new(columns, G_N_ELEMENTS(columns));
	g_autofree char *text = NULL;
	GVariantIter iter;
	GVariant *rule;

	g_variant_iter_init(&iter, rules);
	while ((rule = g_variant_iter_next_value(&iter))) {
		add_row(table, rule);
		g_variant_unref(rule);
	}
	text = sp_table_text(table, sp_output_width(), TRUE, sp_output_colour());
	sp_output_put(text);
	sp_table_free(table);
}

static void show_json(GVariant *rules)
{
	GVariantIter iter;
	GVariant *rule;

	g_variant_iter_init(&iter, rules);
	while ((rule = g_variant_iter_next_value(&iter))) {
		sp_output_put_json(rule);
		g_variant_unref(rule);
	}
}

static GVariant *fetch(GDBusConnection *bus, GError **error)
{
	g_autoptr(GVariant) rules = sp_call_rules_list(bus, sp_command_sees_all(all), error);

	if (!rules || unused_days == NOT_ASKED)
		return g_steal_pointer(&rules);
	return sp_rules_unused(rules, (guint)unused_days);
}

gboolean sp_rules_list(int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;
	g_autoptr(GVariant) rules = NULL;

	if (!sp_command_parse(&list_usage, &argc, &argv, error))
		return FALSE;
	if (unused_days != NOT_ASKED && (unused_days < 1 || unused_days > DAYS_MAX))
		return sp_usage_error(error, _("--unused wants a number of days from 1 to %d"), DAYS_MAX);
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	rules = fetch(bus, error);
	if (!rules)
		return FALSE;
	if (json)
		show_json(rules);
	else if (g_variant_n_children(rules))
		show(rules);
	else
		sp_output_put(_("There are no rules.\n"));
	return TRUE;
}

gboolean sp_rules_parse_id(const char *text, guint64 *id, GError **error)
{
	return g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT64, id, NULL) ||
	       sp_usage_error(error, _("“%s” is no number of a rule; “sallyport rules list” shows them"),
			      text);
}

static GArray *parse_ids(int argc, char **argv, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint64));

	if (argc < 2) {
		sp_usage_error(error, _("the number of a rule is missing; “sallyport rules list” shows them"));
		return NULL;
	}
	for (int i = 1; i < argc; i++) {
		guint64 id;

		if (!sp_rules_parse_id(argv[i], &id, error))
			return NULL;
		g_array_append_val(ids, id);
	}
	return g_steal_pointer(&ids);
}

/* The same method for all rules that the command line names. */
static gboolean change_rules(const struct sp_usage *usage, const char *method, int what,
			     int argc, char **argv, GError **error)
{
	struct sp_guarded change = { .what = what };
	g_autoptr(GDBusConnection) bus = NULL;
	g_autoptr(GArray) ids = NULL;

	if (!sp_command_parse(usage, &argc, &argv, error))
		return FALSE;
	ids = parse_ids(argc, argv, error);
	if (!ids || !sp_guard_check(error))
		return FALSE;
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	change.ids = (const guint64 *)(void *)ids->data;
	change.id_count = ids->len;
	return sp_guard_begin(bus, &change, error) &&
	       sp_call_rules(bus, method, change.ids, change.id_count, error);
}

gboolean sp_rules_remove(int argc, char **argv, GError **error)
{
	return change_rules(&remove_usage, "Remove", SP_GUARDED_REMOVE, argc, argv, error);
}

static gboolean enable(int argc, char **argv, GError **error)
{
	return change_rules(&enable_usage, "Enable", SP_GUARDED_ENABLE, argc, argv, error);
}

static gboolean disable(int argc, char **argv, GError **error)
{
	return change_rules(&disable_usage, "Disable", SP_GUARDED_DISABLE, argc, argv, error);
}

static void put_field(const char *name, const char *value)
{
	g_autofree char *line = g_strdup_printf("  %-9s %s\n", name, value);

	if (*value)
		sp_output_put(line);
}

static void show_one(GVariant *rule)
{
	gint64 now = g_get_real_time();
	g_autofree char *head = g_strdup_printf("%" G_GUINT64_FORMAT ": %s\n", sp_dict_number(rule, "id"),
						sp_dict_string(rule, "text"));
	g_autofree char *owner = sp_format_owner((guint32)sp_dict_number(rule, "owner"));
	g_autofree char *maker = sp_format_owner((guint32)sp_dict_number(rule, "maker"));
	g_autofree char *created = sp_format_time((gint64)sp_dict_number(rule, "created"), now);
	g_autofree char *until = sp_format_time((gint64)sp_dict_number(rule, "expires"), now);

	sp_output_put(head);
	put_field(_("says"), sp_dict_string(rule, "sentence"));
	put_field(_("is"), state_text(rule));
	put_field(_("owner"), owner);
	put_field(_("made by"), maker);
	put_field(_("made"), created);
	put_field(_("until"), until);
}

static gboolean show_rules(GDBusConnection *bus, const GArray *ids, GError **error)
{
	for (guint i = 0; i < ids->len; i++) {
		g_autoptr(GVariant) rule = sp_call_rules_find(bus, g_array_index(ids, guint64, i), error);

		if (!rule)
			return FALSE;
		if (json)
			sp_output_put_json(rule);
		else
			show_one(rule);
	}
	return TRUE;
}

static gboolean show_command(int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;
	g_autoptr(GArray) ids = NULL;

	if (!sp_command_parse(&show_usage, &argc, &argv, error))
		return FALSE;
	ids = parse_ids(argc, argv, error);
	if (!ids)
		return FALSE;
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	return show_rules(bus, ids, error);
}

static const struct sp_command commands[] = {
	{ "list", N_("Show the rules"), sp_rules_list },
	{ "show", N_("Show all about a rule"), show_command },
	{ "add", N_("Add rules"), sp_rules_add },
	{ "edit", N_("Change a rule"), sp_rules_edit },
	{ "remove", N_("Remove rules"), sp_rules_remove },
	{ "enable", N_("Switch rules on"), enable },
	{ "disable", N_("Switch rules off"), disable },
	{ "import", N_("Add the rules of a file"), sp_rules_import },
	{ "export", N_("Write the rules, as text or JSON"), sp_rules_export },
	{ "check", N_("Say what is wrong or odd about files of rules"), sp_rules_check },
	{ NULL, NULL, NULL },
};

gboolean sp_rules(int argc, char **argv, GError **error)
{
	return sp_command_run("sallyport rules", commands, argc, argv, error);
}
