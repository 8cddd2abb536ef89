/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See log.h. GLib's structured writer knows journal from terminal. */
#define G_LOG_DOMAIN "sallyportd"
#include "log.h"

#include <inttypes.h>
#include <stdlib.h>
#include "text.h"

/* Explained in data/sallyport.catalog. */
#define MESSAGE_RULE	"d2c8c7d4a9a24bd5a7f1c9e3b46d0f11"
#define MESSAGE_REFUSED	"6f0b7a2e53f94c61b5f7f6c2e8d1a922"
#define MESSAGE_MODE	"0a9d3f1b7c5e4e2f9b8a6d4c2e1f3a33"
#define MESSAGE_GUARD	"5e4c1d7f8b3a4906a2c5d8e9f7b61c44"
#define MESSAGE_DECISION "c41f8e2a7d3b4f60952e6b0ad8f7315e"
#define MESSAGE_NETWORK	"c1f7a0d94e6b4d58b3e2f6a7908d1e55"
#define MESSAGE_NAMED	"97b2e4c63d1f4a0f8c5b7e9a2d60f466"

gboolean sp_log_may(struct sp_log_limit *limit)
{
	gint64 now = g_get_monotonic_time();

	if (now - limit->since > (gint64)limit->seconds * G_USEC_PER_SEC) {
		limit->since = now;
		limit->count = 0;
	}
	if (limit->count++ < limit->burst) {
		if (limit->suppressed)
			sp_log_warn("%u messages of the next kind were suppressed",
				    limit->suppressed);
		limit->suppressed = 0;
		return TRUE;
	}
	limit->suppressed++;
	return FALSE;
}

#define SP_LOG_AT(level, format)					\
	do {								\
		va_list ap;						\
		va_start(ap, format);					\
		g_autofree char *message = g_strdup_vprintf(format, ap);	\
		va_end(ap);						\
		g_log_structured(G_LOG_DOMAIN, level, "MESSAGE", "%s", message); \
	} while (0)

void sp_log_info(const char *format, ...)
{
	SP_LOG_AT(G_LOG_LEVEL_MESSAGE, format);
}

void sp_log_warn(const char *format, ...)
{
	SP_LOG_AT(G_LOG_LEVEL_WARNING, format);
}

void sp_log_error(const char *format, ...)
{
	SP_LOG_AT(G_LOG_LEVEL_CRITICAL, format);
}

/* Only MESSAGE is a format; the other fields are strings as they are. */
void sp_log_rule(const char *what, const struct sp_rule *rule, guint32 uid,
		 const char *how)
{
	char *text = sp_text_print(rule, NULL);
	g_autofree char *event = g_strdup_printf("rule-%s", what);
	g_autofree char *id = g_strdup_printf("%" PRIu64, rule->id);
	g_autofree char *user = g_strdup_printf("%u", uid);

	g_log_structured(G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
			 "MESSAGE_ID", MESSAGE_RULE,
			 "SALLYPORT_EVENT", event,
			 "SALLYPORT_RULE", id,
			 "SALLYPORT_UID", user,
			 "SALLYPORT_HOW", how,
			 "MESSAGE", "rule %s %s by uid %u (%s): %s",
			 id, what, uid, how, text ? text : "?");
	free(text);
}

static char *time_text(gint64 time)
{
	g_autoptr(GDateTime) at = g_date_time_new_from_unix_local(time / G_USEC_PER_SEC);

	return at ? g_date_time_format(at, " until %Y-%m-%d %H:%M:%S") : g_strdup("");
}

void sp_log_mode(const char *mode, guint32 uid, const char *reason, gint64 until)
{
	g_autofree char *user = g_strdup_printf("%u", uid);
	g_autofree char *end = until ? time_text(until) : g_strdup("");

	g_log_structured(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING,
			 "MESSAGE_ID", MESSAGE_MODE,
			 "SALLYPORT_EVENT", "mode",
			 "SALLYPORT_MODE", mode,
			 "SALLYPORT_UID", user,
			 "SALLYPORT_REASON", reason,
			 "MESSAGE", "the mode is %s%s, set by uid %u%s%s",
			 mode, end, uid, *reason ? ": " : "", reason);
}

void sp_log_guard(const char *what, guint32 uid, const char *how)
{
	g_autofree char *user = g_strdup_printf("%u", uid);

	g_log_structured(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING,
			 "MESSAGE_ID", MESSAGE_GUARD,
			 "SALLYPORT_EVENT", "guard",
			 "SALLYPORT_UID", user,
			 "SALLYPORT_HOW", how,
			 "MESSAGE", "changes of uid %u (%s): %s", uid, how, what);
}

void sp_log_network(const char *device, const char *name, const char *id)
{
	static struct sp_log_limit limit = SP_LOG_LIMIT(20, 60);

	if (!sp_log_may(&limit))
		return;
	g_log_structured(G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
			 "MESSAGE_ID", MESSAGE_NETWORK,
			 "SALLYPORT_EVENT", "network",
			 "SALLYPORT_DEVICE", device,
			 "SALLYPORT_NETWORK", name,
			 "SALLYPORT_NETWORK_ID", id ? id : "",
			 "MESSAGE", "%s leads to %s%s (%s)", device,
			 *name ? "the network " : "a network that nobody named", name,
			 id ? id : "nothing is known about it");
}

void sp_log_network_named(const char *id, const char *name, guint32 uid)
{
	g_autofree char *user = g_strdup_printf("%u", uid);

	g_log_structured(G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
			 "MESSAGE_ID", MESSAGE_NAMED,
			 "SALLYPORT_EVENT", "network-named",
			 "SALLYPORT_UID", user,
			 "SALLYPORT_NETWORK", name,
			 "SALLYPORT_NETWORK_ID", id,
			 "MESSAGE", "the network %s %s%s, by uid %u", id,
			 *name ? "is called " : "has no name", name, uid);
}

/* Written at the latest when their time is over: no other may follow. */
static struct sp_log_limit refusals = SP_LOG_LIMIT(20, 60);
static guint refusals_timer;

static void write_left_out(void)
{
	g_autofree char *number = g_strdup_printf("%u", refusals.suppressed);

	if (!refusals.suppressed)
		return;
	refusals.suppressed = 0;
	g_log_structured(G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
			 "MESSAGE_ID", MESSAGE_REFUSED,
			 "SALLYPORT_EVENT", "refusals-left-out",
			 "SALLYPORT_COUNT", number,
			 "MESSAGE", "%s more refusals in the last minute were not written", number);
}

static gboolean on_refusals(void *data)
{
	refusals_timer = 0;
	write_left_out();
	return G_SOURCE_REMOVE;
}

void sp_log_stop(void)
{
	g_clear_handle_id(&refusals_timer, g_source_remove);
	write_left_out();
}

void sp_log_refused(const char *method, const char *sender, guint32 uid,
		    const char *why)
{
	g_autofree char *user = g_strdup_printf("%u", uid);

	if (!sp_log_may(&refusals)) {
		if (!refusals_timer)
			refusals_timer = g_timeout_add_seconds(refusals.seconds, on_refusals, NULL);
		return;
	}
	g_log_structured(G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
			 "MESSAGE_ID", MESSAGE_REFUSED,
			 "SALLYPORT_EVENT", "refused",
			 "SALLYPORT_METHOD", method,
			 "SALLYPORT_SENDER", sender,
			 "SALLYPORT_UID", user,
			 "MESSAGE", "%s refused to %s (uid %u): %s",
			 method, sender, uid, why);
}

/* The other end, its name, and the port that a rule calls the port. */
static char *place_text(const struct sp_log_decision *decision)
{
	GString *text = g_string_new(decision->in ? "from " : "to ");

	g_string_append(text, decision->remote);
	if (*decision->host)
		g_string_append_printf(text, " (%s)", decision->host);
	if (decision->in && decision->local_port)
		g_string_append_printf(text, " to port %u", decision->local_port);
	else if (!decision->in && decision->remote_port)
		g_string_append_printf(text, " port %u", decision->remote_port);
	return g_string_free(text, FALSE);
}

void sp_log_decision(const struct sp_log_decision *decision)
{
	g_autofree char *place = place_text(decision);
	g_autofree char *id = g_strdup_printf("%" PRIu64, decision->rule);
	g_autofree char *user = g_strdup_printf("%u", decision->uid);
	g_autofree char *remote_port = g_strdup_printf("%u", decision->remote_port);
	g_autofree char *local_port = g_strdup_printf("%u", decision->local_port);
	g_autofree char *flows = g_strdup_printf("%u", decision->flows);
	g_autofree char *times = decision->flows > 1 ? g_strdup_printf(", %u times", decision->flows) :
						       g_strdup("");
	const char *direction = decision->in ? "in" : "out";

	g_log_structured(G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
			 "MESSAGE_ID", MESSAGE_DECISION,
			 "SALLYPORT_EVENT", "decision",
			 "SALLYPORT_RULE", id,
			 "SALLYPORT_ACTION", decision->action,
			 "SALLYPORT_DIRECTION", direction,
			 "SALLYPORT_PROGRAM", decision->program,
			 "SALLYPORT_UID", user,
			 "SALLYPORT_PROTOCOL", decision->protocol,
			 "SALLYPORT_REMOTE", decision->remote,
			 "SALLYPORT_REMOTE_PORT", remote_port,
			 "SALLYPORT_LOCAL_PORT", local_port,
			 "SALLYPORT_HOST", decision->host,
			 "SALLYPORT_COUNT", flows,
			 "MESSAGE", "rule %s: %s %s, %s of uid %u, %s %s%s",
			 id, decision->action, direction, decision->program, decision->uid,
			 decision->protocol, place, times);
}

void sp_log_left_out(guint64 rule, guint count)
{
	g_autofree char *id = g_strdup_printf("%" PRIu64, rule);
	g_autofree char *number = g_strdup_printf("%u", count);

	g_log_structured(G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
			 "MESSAGE_ID", MESSAGE_DECISION,
			 "SALLYPORT_EVENT", "decisions-left-out",
			 "SALLYPORT_RULE", id,
			 "SALLYPORT_COUNT", number,
			 "MESSAGE", "rule %s: %s more decisions in the last minute were not written",
			 id, number);
}
