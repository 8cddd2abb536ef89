/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon as a whole: its parts, made in order and taken down in reverse. */
#pragma once

#include "config.h"
#include "starter.h"

struct sp_daemon_options {
	const struct sp_config *config;
	/* Where rules.d/ and lists/ are: with the configuration. */
	const char *policy_folder;
	/* "system", "session", "none", or an address */
	const char *bus;
	/* Its folder is the configuration's. */
	struct sp_starter_places starter;
	/* The file of programs that run other people's code. */
	const char *runners;
};

/* Runs until told to stop (SIGTERM, SIGINT). FALSE: could not start. */
gboolean sp_daemon_run(const struct sp_daemon_options *options, GError **error);
