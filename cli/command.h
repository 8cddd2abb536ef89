/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands: a table that finds them, the options they share, and how they end.
 * A command returns FALSE with an error; what that means for people and for
 * the exit code is decided here alone.
 */
#pragma once

#include <glib.h>

struct sp_command {
	const char *name;
	const char *summary;	/* N_() */
	gboolean (*run)(int argc, char **argv, GError **error);
};

/*
 * Runs the command of @commands (ending in a NULL name) that argv[1] names.
 * @parent: "sallyport" or "sallyport rules". Without one: the usage, an error.
 */
gboolean sp_command_run(const char *parent, const struct sp_command *commands,
			int argc, char **argv, GError **error);

struct sp_usage {
	const char *command;		/* "rules add" */
	const char *arguments;		/* "[ID…]", or NULL: takes none */
	const char *description;	/* N_(), whole sentences, or NULL */
	const GOptionEntry *entries;	/* or NULL */
};

/*
 * Parses options, also those all commands have; --help ends the program.
 * What remains are argv[0] and the arguments.
 */
gboolean sp_command_parse(const struct sp_usage *usage, int *argc, char ***argv,
			  GError **error);

/* --all: root means all users without saying so. */
gboolean sp_command_sees_all(gboolean asked);

/* Sets a usage error. Returns FALSE. */
gboolean sp_usage_error(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The program: returns its exit code. */
int sp_cli_main(int argc, char **argv);

/* The commands, a file each. */
gboolean sp_answer(int argc, char **argv, GError **error);
gboolean sp_confirm(int argc, char **argv, GError **error);
gboolean sp_connections(int argc, char **argv, GError **error);
gboolean sp_doctor(int argc, char **argv, GError **error);
gboolean sp_explain_flow(int argc, char **argv, GError **error);
gboolean sp_log(int argc, char **argv, GError **error);
gboolean sp_networks(int argc, char **argv, GError **error);
gboolean sp_mode(int argc, char **argv, GError **error);
gboolean sp_rules(int argc, char **argv, GError **error);
gboolean sp_rules_add(int argc, char **argv, GError **error);
gboolean sp_rules_check(int argc, char **argv, GError **error);
gboolean sp_rules_edit(int argc, char **argv, GError **error);
gboolean sp_rules_export(int argc, char **argv, GError **error);
gboolean sp_rules_import(int argc, char **argv, GError **error);
gboolean sp_rules_list(int argc, char **argv, GError **error);
gboolean sp_rules_remove(int argc, char **argv, GError **error);
gboolean sp_status(int argc, char **argv, GError **error);
gboolean sp_forget(int argc, char **argv, GError **error);
gboolean sp_totals(int argc, char **argv, GError **error);
gboolean sp_undo(int argc, char **argv, GError **error);
gboolean sp_watch(int argc, char **argv, GError **error);

/* The number of a rule on the command line. */
gboolean sp_rules_parse_id(const char *text, guint64 *id, GError **error);
