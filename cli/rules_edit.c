/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sallyport rules edit: another rule in the place of one, from arguments or, where
 * there are none, from an editor.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "error.h"
#include "guard.h"
#include "output.h"
#include "password.h"
#include "rule_text.h"
#include "text.h"

static gboolean dry_run;

static const GOptionEntry entries[] = {
	{ "dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run, N_("Only show what would change"), NULL },
	SP_GUARD_ENTRY,
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage usage = {
	.command = "rules edit",
	.arguments = N_("ID [RULE…]"),
	.description = N_("Puts another rule in the place of one, which keeps its number. Without a rule,\n"
			  "an editor shows the one that is there ($VISUAL, $EDITOR, or sensible-editor)."),
	.entries = entries,
};

static char *editor_command(const char *path)
{
	const char *editor = g_getenv("VISUAL");
	g_autofree char *quoted = g_shell_quote(path);

	if (!editor || !*editor)
		editor = g_getenv("EDITOR");
	if (!editor || !*editor)
		editor = "sensible-editor";
	return g_strdup_printf("%s %s", editor, quoted);
}

static gboolean run_editor(const char *path, GError **error)
{
	g_autofree char *command = editor_command(path);
	char *argv[] = { "/bin/sh", "-c", command, NULL };
	int status;

	return g_spawn_sync(NULL, argv, NULL, G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL,
			    NULL, NULL, &status, error) &&
	       g_spawn_check_wait_status(status, error);
}

/* What a person makes of @text; NULL: an error. */
static char *edit_text(const char *text, GError **error)
{
	g_autofree char *path = NULL, *before = g_strconcat(text, "\n", NULL), *after = NULL;
	int fd = g_file_open_tmp("sallyport-XXXXXX.rules", &path, error);
	gboolean good;

	if (fd < 0)
		return NULL;
	close(fd);
	good = g_file_set_contents(path, before, -1, error) && run_editor(path, error) &&
	       g_file_get_contents(path, &after, NULL, error);
	g_unlink(path);
	return good ? g_steal_pointer(&after) : NULL;
}

/* The one rule in @text, in an array; NULL: an error. */
static GArray *check_text(const char *text, const char *name, guint32 owner, GError **error)
{
	g_autoptr(GArray) rules = sp_rule_text_parse(text, strlen(text), name, owner, error);

	if (!rules)
		return NULL;
	if (rules->len != 1) {
		sp_usage_error(error, _("one rule is wanted, not %u"), rules->len);
		return NULL;
	}
	return g_steal_pointer(&rules);
}

static gboolean send(GDBusConnection *bus, guint64 id, const struct sp_rule *rule, GError **error)
{
	const struct sp_guarded change = {
		.rules = rule, .rule_count = 1, .ids = &id, .id_count = 1,
		.what = SP_GUARDED_REPLACE,
	};
	char *text = sp_text_print_owned(rule);
	gboolean ok;

	ok = text && sp_guard_begin(bus, &change, error) &&
	     sp_call_rules_edit(bus, id, text, error);
	free(text);
	return ok;
}

/* As diff has it. */
static void show(GVariant *before, const struct sp_rule *after)
{
	char *text = sp_text_print(after, NULL);
	g_autofree char *lines = g_strdup_printf("- %s\n+ %s\n", sp_dict_string(before, "text"),
						 text ?: "");

	sp_output_put(lines);
	free(text);
}

static gboolean edit(GDBusConnection *bus, guint64 id, char **words, GError **error)
{
	g_autoptr(GVariant) rule = sp_call_rules_find(bus, id, error);
	g_autofree char *typed = NULL;
	g_autoptr(GArray) rules = NULL;
	const struct sp_rule *after;

	if (!rule)
		return FALSE;
	typed = *words ? sp_rule_text_join(words) : edit_text(sp_dict_string(rule, "text"), error);
	if (!typed)
		return FALSE;
	rules = check_text(typed, *words ? NULL : _("the edited rule"),
			  (guint32)sp_dict_number(rule, "owner"), error);
	if (!rules)
		return FALSE;
	after = &g_array_index(rules, struct sp_typed_rule, 0).rule;
	if (!dry_run)
		return send(bus, id, after, error);
	show(rule, after);
	return TRUE;
}

gboolean sp_rules_edit(int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;
	guint64 id;

	if (!sp_command_parse(&usage, &argc, &argv, error))
		return FALSE;
	if (argc < 2)
		return sp_usage_error(error, _("the number of a rule is missing; “sallyport rules list” shows them"));
	if (!sp_rules_parse_id(argv[1], &id, error) || !sp_guard_check(error))
		return FALSE;
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	return edit(bus, id, argv + 2, error);
}
