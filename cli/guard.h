/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes that the daemon takes back unless they are confirmed: where the command line
 * says so, or where one would end the ssh connection over which it is made.
 */
#pragma once

#include <gio/gio.h>
#include "rule.h"

extern char *sp_guard_within;	/* of --confirm-within; NULL: not given */

#define SP_GUARD_ENTRY \
	{ "confirm-within", 0, 0, G_OPTION_ARG_STRING, &sp_guard_within, \
	  N_("Take it back unless “sallyport confirm” comes in time (1s to 10m; 0s: never)"), \
	  N_("DURATION") }

/* What is about to be changed. */
struct sp_guarded {
	const struct sp_rule *rules;	/* that are added (of an undo with ids), or the one that replaces */
	gsize rule_count;
	const guint64 *ids;		/* of rules that are changed */
	gsize id_count;
	enum {
		SP_GUARDED_NOTHING,	/* with @ids */
		SP_GUARDED_REMOVE,
		SP_GUARDED_REPLACE,
		SP_GUARDED_ENABLE,
		SP_GUARDED_DISABLE,
	} what;
	const char *mode;		/* that is to be set; NULL: it stays */
	GVariant *network;		/* that is to be called @network_name; NULL: none */
	const char *network_name;
	gboolean unknown;		/* it can't be told */
};

/* Of --confirm-within: FALSE with a usage error. */
gboolean sp_guard_check(GError **error);
/*
 * Before a change: has what follows on @bus guarded, where it is to be, and says so on
 * standard error, since nothing may be seen afterwards.
 */
gboolean sp_guard_begin(GDBusConnection *bus, const struct sp_guarded *change, GError **error);
/* The ssh connection we are used over, if the change may end it; else NULL. */
char *sp_guard_cut_off(GDBusConnection *bus, const struct sp_guarded *change);
/* Will it look at what is changed? Else that need not be found out. */
gboolean sp_guard_looks(void);
