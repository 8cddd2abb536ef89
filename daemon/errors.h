/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors that a caller on the bus is told, by name. */
#pragma once

#include <gio/gio.h>

enum sp_error {
	SP_ERROR_NOT_AUTHORIZED,
	SP_ERROR_INTERACTION,	/* a password is wanted, and nobody may be asked for it */
	SP_ERROR_INVALID_RULE,
	SP_ERROR_NO_SUCH_RULE,
	SP_ERROR_NO_SUCH_QUESTION,
	SP_ERROR_NOT_OFFERED,
	SP_ERROR_NOT_SAVED,
	SP_ERROR_LIMIT,
	SP_ERROR_NOT_READY,
	SP_ERROR_INVALID_ARGUMENT,
	SP_ERROR_NO_SUCH_CHANGE,
	SP_ERROR_NO_SUCH_FLOW,
	SP_ERROR_NO_SUCH_NETWORK,
	SP_ERROR_CONFLICT,	/* a rule is not any more what an undo wants it to be */
};

#define SP_ERROR sp_error_quark()
GQuark sp_error_quark(void);

/* Answers @invocation with @error; takes both. */
void sp_error_return(GDBusMethodInvocation *invocation, GError *error);
