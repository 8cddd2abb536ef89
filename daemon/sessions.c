/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sessions.h. Where there is no logind there are no such rules. */
#include "sessions.h"

#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-login.h>
#include "log.h"

/* How often they are looked at where they can't be watched; s. */
#define UNWATCHED 10

struct sp_sessions {
	struct sp_policy *policy;
	sd_login_monitor *monitor;	/* NULL: there is no logind, or no inotify left */
	guint source;
};

static gboolean is_bound(const struct sp_rule *rule)
{
	return rule->bound == SP_BOUND_SESSION && rule->session;
}

static gboolean has_ended(const struct sp_rule *rule)
{
	char *state = NULL;
	gboolean ended;

	if (!is_bound(rule))
		return FALSE;
	ended = sd_session_get_state(rule->session, &state) < 0 || strcmp(state, "closing") == 0;
	free(state);
	return ended;
}

static void on_removed(const GError *error, const guint64 *ids, gsize count, void *data)
{
	if (error)
		sp_log_warn("rules of a session that has ended: %s", error->message);
}

static void remove_ended(struct sp_sessions *sessions)
{
	GArray *changes = sp_changes_new();
	gsize count;
	const struct sp_rule *rules = sp_policy_rules(sessions->policy, &count);

	for (gsize i = 0; i < count; i++) {
		struct sp_change one = { .kind = SP_CHANGE_REMOVE };

		if (!has_ended(&rules[i]))
			continue;
		sp_rule_init(&one.rule);
		one.rule.id = rules[i].id;
		g_array_append_val(changes, one);
	}
	if (changes->len)
		sp_policy_change(sessions->policy, changes, SP_SYSTEM, "expired", TRUE,
				 on_removed, NULL);
	else
		g_array_unref(changes);
}

static gboolean on_changed(int fd, GIOCondition condition, void *data)
{
	struct sp_sessions *sessions = data;

	sd_login_monitor_flush(sessions->monitor);
	remove_ended(sessions);
	return G_SOURCE_CONTINUE;
}

static gboolean any_bound(const struct sp_policy *policy)
{
	gsize count;
	const struct sp_rule *rules = sp_policy_rules(policy, &count);

	for (gsize i = 0; i < count; i++)
		if (is_bound(&rules[i]))
			return TRUE;
	return FALSE;
}

static gboolean on_unwatched(void *data)
{
	struct sp_sessions *sessions = data;

	if (any_bound(sessions->policy)) {
		remove_ended(sessions);
		return G_SOURCE_CONTINUE;
	}
	sessions->source = 0;
	return G_SOURCE_REMOVE;
}

void sp_sessions_rules_changed(struct sp_sessions *sessions)
{
	if (!sessions->source && any_bound(sessions->policy))
		sessions->source = g_timeout_add_seconds(UNWATCHED, on_unwatched, sessions);
}

struct sp_sessions *sp_sessions_new(struct sp_policy *policy)
{
	struct sp_sessions *sessions = g_new0(struct sp_sessions, 1);
	int error = sd_login_monitor_new("session", &sessions->monitor);

	sessions->policy = policy;
	if (error >= 0) {
		sessions->source = g_unix_fd_add(sd_login_monitor_get_fd(sessions->monitor),
						 G_IO_IN, on_changed, sessions);
	} else {
		sp_log_info("sessions are not watched, but looked at: %s", g_strerror(-error));
		sessions->monitor = NULL;
		sp_sessions_rules_changed(sessions);
	}
	remove_ended(sessions);
	return sessions;
}

void sp_sessions_free(struct sp_sessions *sessions)
{
	if (!sessions)
		return;
	g_clear_handle_id(&sessions->source, g_source_remove);
	sd_login_monitor_unref(sessions->monitor);
	g_free(sessions);
}
