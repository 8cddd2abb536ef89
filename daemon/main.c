/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyportd: reads the command line and the configuration, and starts. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include "daemon.h"

static char *config_path, *state, *bus;
static gboolean version;

static const GOptionEntry entries[] = {
	{ "config", 0, 0, G_OPTION_ARG_FILENAME, &config_path,
	  "Read FILE instead of " SP_CONFIG_PATH, "FILE" },
	{ "state", 0, 0, G_OPTION_ARG_FILENAME, &state,
	  "Keep the rules in DIR, whatever the configuration says", "DIR" },
	{ "bus", 0, 0, G_OPTION_ARG_STRING, &bus,
	  "Use this bus: system, session, none or an address", "BUS" },
	{ "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL },
	G_OPTION_ENTRY_NULL
};

static gboolean read_options(int argc, char **argv, GError **error)
{
	g_autoptr(GOptionContext) context = g_option_context_new("- the Sallyport firewall's daemon");

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, error))
		return FALSE;
	if (argc > 1) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "\"%s\" is not expected", argv[1]);
		return FALSE;
	}
	return TRUE;
}

static gboolean run(GError **error)
{
	const char *path = config_path ? config_path : SP_CONFIG_PATH;
	g_autofree char *folder = g_path_get_dirname(path);
	struct sp_config config;
	struct sp_daemon_options options = {
		.config = &config,
		.policy_folder = folder,
		.bus = bus ? bus : "system",
		.runners = SP_RUNNERS,
		.starter = { .rules = SP_STARTER_RULES, .ssh = SP_STARTER_SSH },
	};
	gboolean good;

	sp_config_init(&config);
	good = sp_config_load(&config, path, error);
	if (good && state) {
		g_free(config.folder);
		config.folder = g_canonicalize_filename(state, NULL);
	}
	good = good && sp_daemon_run(&options, error);
	sp_config_clear(&config);
	return good;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	setlocale(LC_ALL, "");
	if (!read_options(argc, argv, &error)) {
		fprintf(stderr, "sallyportd: %s\n", error->message);
		return 2;
	}
	if (version) {
		puts("sallyportd " SALLYPORT_VERSION);
		return EXIT_SUCCESS;
	}
	if (!run(&error)) {
		fprintf(stderr, "sallyportd: %s\n", error->message);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
