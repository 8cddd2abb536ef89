/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a method of the daemon says, kept up to date: asked again when the daemon
 * comes back, and when its interface signals "Changed". Nobody is asked for a
 * password unless by sp_query_unlock(). Emits "changed" for a new state or result.
 */
#pragma once

#include "link.h"

enum sp_query_state {
	SP_QUERY_WAITING,
	SP_QUERY_ABSENT,	/* no daemon */
	SP_QUERY_LOCKED,	/* a password is wanted */
	SP_QUERY_FAILED,	/* sp_query_message() says why */
	SP_QUERY_READY,
};

#define SP_TYPE_QUERY (sp_query_get_type())
G_DECLARE_FINAL_TYPE(SpQuery, sp_query, SP, QUERY, GObject)

/* @args: floating, or NULL; then sp_query_set_args() begins. */
SpQuery *sp_query_new(SpLink *link, const char *interface, const char *method, GVariant *args);
/* Asks anew, with @ask for a password if need be; what was there before stays until then. */
void sp_query_set_args(SpQuery *self, GVariant *args, gboolean ask);
void sp_query_refresh(SpQuery *self);
/* Nobody looks yet: asks nothing before the next sp_query_refresh() or _set_args(). */
void sp_query_sleep(SpQuery *self);
/* Asks anew, and polkit the person for a password. */
void sp_query_unlock(SpQuery *self);
/* What was asked further, to the same end, failed. */
void sp_query_fail(SpQuery *self, const GError *error);

enum sp_query_state sp_query_state(SpQuery *self);
GVariant *sp_query_result(SpQuery *self);	/* the reply, a tuple; NULL if not ready */
const char *sp_query_message(SpQuery *self);	/* of the last error; NULL */
/* Ready, but the daemon wants a password before it says what is new. */
gboolean sp_query_is_stale(SpQuery *self);
