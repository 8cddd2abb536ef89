/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can go wrong between a client and the daemon: one error domain, its
 * messages for people (they say what to do), and the exit codes of programs.
 */
#pragma once

#include <glib.h>

#define SP_CLIENT_ERROR (sp_client_error_quark())
GQuark sp_client_error_quark(void);

enum sp_client_error {
	SP_CLIENT_ERROR_FAILED,
	SP_CLIENT_ERROR_USAGE,
	SP_CLIENT_ERROR_NOT_AUTHORISED,
	SP_CLIENT_ERROR_NOT_REACHABLE,
	SP_CLIENT_ERROR_NOT_READY,
	SP_CLIENT_ERROR_NO_SUCH_RULE,
	SP_CLIENT_ERROR_NO_SUCH_QUESTION,
	SP_CLIENT_ERROR_INVALID_RULE,
	SP_CLIENT_ERROR_NOT_OFFERED,
	SP_CLIENT_ERROR_NOT_SAVED,
	SP_CLIENT_ERROR_LIMIT,
	SP_CLIENT_ERROR_NO_SUCH_CHANGE,
	SP_CLIENT_ERROR_NO_SUCH_FLOW,
	SP_CLIENT_ERROR_NO_SUCH_NETWORK,
	SP_CLIENT_ERROR_CONFLICT,
};

/* Written in sallyport(1): never change a value. */
enum sp_exit {
	SP_EXIT_OK = 0,
	SP_EXIT_ERROR = 1,
	SP_EXIT_USAGE = 2,
	SP_EXIT_NOT_AUTHORISED = 3,
	SP_EXIT_NOT_REACHABLE = 4,
	SP_EXIT_NOT_FOUND = 5,
	SP_EXIT_INVALID_RULE = 6,
	SP_EXIT_NOT_SAVED = 7,
	SP_EXIT_CONFLICT = 8,
};

/* Once, before the first call: the daemon's error names become our domain. */
void sp_client_error_register(void);

/* Turns an error of the bus into one of ours, its message ready to be shown. */
void sp_client_error_translate(GError **error);

enum sp_exit sp_client_error_exit(const GError *error);
