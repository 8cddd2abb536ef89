/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate: every method call comes through sp_call_enter(), which looks it up
 * in the table (methods.h), and goes on only if its caller may. A call is
 * answered exactly once, with sp_call_return() or sp_call_fail(), which end it.
 */
#pragma once

#include <gio/gio.h>
#include "effect.h"
#include "peers.h"

#define SP_CALLS_OF_PEER	16	/* under way at once */
#define SP_CALLS_OF_USER	64
#define SP_LOOKS_OF_USER	4

struct sp_call;
typedef void (*sp_call_next)(struct sp_call *call, void *data);

/* Takes @invocation. @granted is called where the caller may; else it is told. */
void sp_call_enter(struct sp_peers *peers, GDBusMethodInvocation *invocation,
		   sp_call_next granted, void *data);
/*
 * May the caller make a change with this effect? If not it is told, and @data freed.
 * @what: the change in words, for the password's dialog.
 */
void sp_call_effect(struct sp_call *call, enum sp_effect effect, const char *what,
		    sp_call_next granted, void *data, GDestroyNotify refused);

/* The same with a polkit action, beside the one that the method takes. */
void sp_call_also(struct sp_call *call, const char *action, const char *message,
		  const char *what, sp_call_next granted, void *data, GDestroyNotify refused);

/*
 * Before the call looks into the store: what it finds may be much, and is kept while its
 * caller types a password. FALSE: too many of his do; he was told.
 */
gboolean sp_call_look(struct sp_call *call);

guint32 sp_call_uid(const struct sp_call *call);
struct sp_peer *sp_call_peer(const struct sp_call *call);
/* Was it granted a change of more than its caller's own, or is it root's? */
gboolean sp_call_is_privileged(const struct sp_call *call);
GVariant *sp_call_arguments(const struct sp_call *call);
gboolean sp_call_all(const struct sp_call *call);	/* option "all", granted */

/* A bus throws out whoever sends more than 32 MiB. */
#define SP_CALL_REPLY_MAX	(24u << 20)

/*
 * @value: a tuple or NULL; floating is taken. What is larger than SP_CALL_REPLY_MAX
 * is an error.
 */
void sp_call_return(struct sp_call *call, GVariant *value);
/* @code: enum sp_error. */
void sp_call_fail(struct sp_call *call, int code, const char *format, ...)
	G_GNUC_PRINTF(3, 4);
void sp_call_fail_with(struct sp_call *call, const GError *error);
