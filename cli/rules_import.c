/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport rules import and export: many rules at once, as text or JSON. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "guard.h"
#include "output.h"
#include "password.h"
#include "rule_file.h"
#include "rule_json.h"
#include "rule_text.h"

static gboolean json, all, dry_run;

static const GOptionEntry import_entries[] = {
	{ "dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run, N_("Only show what would change"), NULL },
	SP_GUARD_ENTRY,
	{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Standard input is JSON"), NULL },
	G_OPTION_ENTRY_NULL
};

static const GOptionEntry export_entries[] = {
	{ "all", 'a', 0, G_OPTION_ARG_NONE, &all, N_("Of all users, too"), NULL },
	{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Write JSON, one array"), NULL },
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage import_usage = {
	.command = "rules import",
	.arguments = N_("FILE | -"),
	.description = N_("Adds the rules of a file that are not there yet: all of them, or none and\n"
			  "an error. What would change is shown first. A name that ends in .json\n"
			  "is JSON."),
	.entries = import_entries,
};

static const struct sp_usage export_usage = {
	.command = "rules export",
	.description = N_("Writes the rules of the system and your own, but for those in the\n"
			  "administrator's files. “rules import” reads it."),
	.entries = export_entries,
};

static void put_change(const struct sp_rule *rule, enum sp_import what, const struct sp_rule *there)
{
	static const char marks[] = { [SP_IMPORT_NEW] = '+', [SP_IMPORT_SAME] = '=', [SP_IMPORT_OTHER] = '~' };
	char *text = sp_text_print(rule, NULL);
	g_autoptr(GString) line = g_string_new(NULL);

	g_string_append_printf(line, "%c %s", marks[what], text ? text : "");
	if (what == SP_IMPORT_SAME)
		g_string_append_printf(line, _("   (is rule %" PRIu64 ")"), there->id);
	else if (what == SP_IMPORT_OTHER)
		g_string_append_printf(line, _("   (newer than rule %" PRIu64 ", about the same)"),
				       there->id);
	g_string_append_c(line, '\n');
	sp_output_put(line->str);
	free(text);
}

/* Shows what would change; those that are to be added: struct sp_typed_rule. */
static GArray *compare(const GArray *there, const GArray *more)
{
	GArray *fresh = g_array_new(FALSE, FALSE, sizeof(struct sp_typed_rule));
	g_autofree struct sp_rule *old = sp_rule_file_array(there), *new = sp_rule_file_array(more);
	g_autofree enum sp_import *what = g_new0(enum sp_import, more->len + 1);
	g_autofree const struct sp_rule **which = g_new0(const struct sp_rule *, more->len + 1);

	if (!sp_import_try(old, there->len, new, more->len, what, which))
		g_error("no memory");
	for (guint i = 0; i < more->len; i++) {
		struct sp_typed_rule typed = { .rule = new[i], .line = i + 1 };

		put_change(&new[i], what[i], which[i]);
		if (what[i] != SP_IMPORT_SAME)
			g_array_append_val(fresh, typed);
	}
	return fresh;
}

gboolean sp_rules_import(int argc, char **argv, GError **error)
{
	guint32 owner = geteuid() == 0 ? SP_SYSTEM : (guint32)getuid();
	g_autoptr(GArray) more = NULL, there = NULL, fresh = NULL;
	g_autoptr(GDBusConnection) bus = NULL;

	if (!sp_command_parse(&import_usage, &argc, &argv, error))
		return FALSE;
	if (argc != 2)
		return sp_usage_error(error, _("one file is wanted, or “-” for standard input"));
	if (!sp_guard_check(error))
		return FALSE;
	more = sp_rule_file_read(argv[1], owner, json, error);
	if (!more)
		return FALSE;
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	there = sp_rule_file_fetch(bus, sp_command_sees_all(FALSE), error);
	if (!there)
		return FALSE;
	fresh = compare(there, more);
	return dry_run || sp_rules_send(bus, fresh, error);
}

static gboolean put_text(const GArray *rules)
{
	for (guint i = 0; i < rules->len; i++) {
		char *text = sp_text_print_owned(&g_array_index(rules, struct sp_read_rule, i).rule);
		g_autofree char *line = g_strdup_printf("%s\n", text ? text : "");

		free(text);
		if (!sp_output_put(line))
			return FALSE;
	}
	return TRUE;
}

static void put_json(const GArray *rules)
{
	g_autofree const struct sp_rule **pointers = g_new0(const struct sp_rule *, rules->len + 1);
	char *text;

	for (guint i = 0; i < rules->len; i++)
		pointers[i] = &g_array_index(rules, struct sp_read_rule, i).rule;
	text = sp_json_rules(pointers, rules->len);
	if (!text)
		g_error("no memory");
	sp_output_put(text);
	free(text);
}

static void drop_files(GArray *rules)
{
	for (guint i = rules->len; i > 0; i--)
		if (g_array_index(rules, struct sp_read_rule, i - 1).file)
			g_array_remove_index(rules, i - 1);
}

gboolean sp_rules_export(int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;
	g_autoptr(GArray) rules = NULL;

	if (!sp_command_parse(&export_usage, &argc, &argv, error))
		return FALSE;
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	rules = sp_rule_file_fetch(bus, sp_command_sees_all(all), error);
	if (!rules)
		return FALSE;
	drop_files(rules);
	if (json)
		put_json(rules);
	else
		put_text(rules);
	return TRUE;
}
