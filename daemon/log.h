/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's log: to the journal with fields where stderr is the journal,
 * else to stderr. Nothing is logged per packet. What an outsider can cause
 * goes through a limit.
 */
#pragma once

#include <glib.h>
#include "rule.h"

/* A class of messages that may come often: at most @burst in @seconds. */
struct sp_log_limit {
	unsigned burst, seconds;
	gint64 since;
	unsigned count, suppressed;
};

#define SP_LOG_LIMIT(b, s)	{ .burst = (b), .seconds = (s) }

/* May a message of this class be written now? */
gboolean sp_log_may(struct sp_log_limit *limit);

void sp_log_info(const char *format, ...) G_GNUC_PRINTF(1, 2);
void sp_log_warn(const char *format, ...) G_GNUC_PRINTF(1, 2);
void sp_log_error(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* A rule was added or removed (@what) by @uid, by way of @how. */
void sp_log_rule(const char *what, const struct sp_rule *rule, guint32 uid,
		 const char *how);
/* The mode is another; @until: µs of CLOCK_REALTIME, 0: without an end. */
void sp_log_mode(const char *mode, guint32 uid, const char *reason, gint64 until);
/* What became (@what) of @uid's guarded changes. */
void sp_log_guard(const char *what, guint32 uid, const char *how);
/* @device leads to another network than before; @name "": nobody named it. @id: or NULL. */
void sp_log_network(const char *device, const char *name, const char *id);
/* @uid called a network @name; "": it has none any more. */
void sp_log_network_named(const char *id, const char *name, guint32 uid);
/* @sender (@uid) was refused @method. */
void sp_log_refused(const char *method, const char *sender, guint32 uid,
		    const char *why);

/* At the daemon's end: what was left out and not written yet. */
void sp_log_stop(void);

/* What a rule with "log" decided about a flow; texts are harmless. */
struct sp_log_decision {
	guint64 rule;
	const char *action;	/* "allow" */
	gboolean in;
	const char *program;
	guint32 uid;
	const char *protocol, *remote, *host;	/* host "": none is known */
	guint remote_port, local_port;
	guint flows;		/* that are decided so, alike in all but the caller's port */
};
void sp_log_decision(const struct sp_log_decision *decision);
/* @count more decisions of @rule were not written. */
void sp_log_left_out(guint64 rule, guint count);
