/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands: found, run, and their end told. */
#include "command.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "error.h"
#include "output.h"
#include "password.h"

static const struct sp_command commands[] = {
	{ "status", N_("Show whether this machine is protected"), sp_status },
	{ "rules", N_("List, add, change and remove rules"), sp_rules },
	{ "mode", N_("Show or set the mode: normal, learn, lockdown, off"), sp_mode },
	{ "networks", N_("Show which networks this machine is in, and name them"), sp_networks },
	{ "confirm", N_("Keep a change that would be taken back"), sp_confirm },
	{ "undo", N_("Undo a change of the rules, or do it again"), sp_undo },
	{ "answer", N_("Answer the firewall's questions in this terminal"), sp_answer },
	{ "log", N_("Show what was decided lately"), sp_log },
	{ "totals", N_("Show how much programs connected, and where to"), sp_totals },
	{ "forget", N_("Remove your history"), sp_forget },
	{ "watch", N_("Show what is decided, as it happens"), sp_watch },
	{ "connections", N_("Show which connections are open, or end some"), sp_connections },
	{ "explain", N_("Say what the rules decide about a flow, and why"), sp_explain_flow },
	{ "doctor", N_("Say what is wrong, and what to do about it"), sp_doctor },
	{ NULL, NULL, NULL },
};

gboolean sp_command_sees_all(gboolean asked)
{
	return asked || geteuid() == 0;
}

gboolean sp_usage_error(GError **error, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error_literal(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_USAGE, message);
	return FALSE;
}

static void put_help(const char *parent, const struct sp_command *table)
{
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_append_printf(text, _("Usage: %s COMMAND [OPTION…] [ARGUMENT…]\n\nCommands:\n"),
			       parent);
	for (; table->name; table++)
		g_string_append_printf(text, "  %-11s %s\n", table->name, _(table->summary));
	g_string_append_printf(text, _("\n“%s COMMAND --help” says more about a command; see sallyport(1).\n"),
			       parent);
	sp_output_put(text->str);
}

static const struct sp_command *find(const struct sp_command *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static gboolean is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
}

gboolean sp_command_run(const char *parent, const struct sp_command *table,
			int argc, char **argv, GError **error)
{
	const struct sp_command *command;

	if (argc < 2) {
		g_set_prgname(parent);
		return sp_usage_error(error, _("a command is missing"));
	}
	if (is_help(argv[1])) {
		put_help(parent, table);
		return TRUE;
	}
	command = find(table, argv[1]);
	if (!command) {
		g_set_prgname(parent);
		return sp_usage_error(error, _("there is no command “%s”"), argv[1]);
	}
	return command->run(argc - 1, argv + 1, error);
}

static gboolean no_colour(const char *name, const char *value, gpointer data,
			  GError **error)
{
	sp_output_no_colour();
	return TRUE;
}

static const GOptionEntry common[] = {
	{ "no-color", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, no_colour,
	  N_("Write without colour"), NULL },
	G_OPTION_ENTRY_NULL
};

gboolean sp_command_parse(const struct sp_usage *usage, int *argc, char ***argv,
			  GError **error)
{
	g_autoptr(GOptionContext) context = g_option_context_new(usage->arguments);
	g_autofree char *name = g_strconcat("sallyport ", usage->command, NULL);

	g_set_prgname(name);
	g_option_context_set_translation_domain(context, GETTEXT_PACKAGE);
	if (usage->entries)
		g_option_context_add_main_entries(context, usage->entries, GETTEXT_PACKAGE);
	g_option_context_add_main_entries(context, common, GETTEXT_PACKAGE);
	if (usage->description)
		g_option_context_set_description(context, _(usage->description));
	if (!g_option_context_parse(context, argc, argv, error))
		return FALSE;
	if (!usage->arguments && *argc > 1)
		return sp_usage_error(error, _("“%s” is one argument too many"), (*argv)[1]);
	return TRUE;
}

/* Options before the command: --no-color and --version. */
static int skip_globals(int argc, char **argv, gboolean *version)
{
	int first = 1;

	for (; first < argc && argv[first][0] == '-'; first++) {
		if (!strcmp(argv[first], "--version"))
			*version = TRUE;
		else if (!strcmp(argv[first], "--no-color"))
			sp_output_no_colour();
		else
			break;
	}
	return first;
}

static enum sp_exit tell(const GError *error)
{
	enum sp_exit code = sp_client_error_exit(error);

	g_printerr("sallyport: %s\n", error->message);
	if (code == SP_EXIT_USAGE)
		g_printerr(_("“%s --help” says how it is used.\n"), g_get_prgname());
	return code;
}

int sp_cli_main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	gboolean version = FALSE, ok = TRUE;
	int skip;

	g_set_prgname("sallyport");
	sp_output_init();
	skip = skip_globals(argc, argv, &version) - 1;
	if (version)
		sp_output_put("sallyport " SALLYPORT_VERSION "\n");
	else
		ok = sp_command_run("sallyport", commands, argc - skip, argv + skip, &error);
	sp_password_stop();
	if (ok)
		ok = sp_output_finish(&error);
	return ok ? SP_EXIT_OK : (int)tell(error);
}
