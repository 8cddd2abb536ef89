/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See quits.h. In a round one question after the other is asked, so it is bounded. */
#include "quits.h"

#include <errno.h>
#include "log.h"

#define INTERVAL 10	/* s */

struct candidate {
	guint64 rule, process, cgroup;
};

struct sp_quits {
	struct sp_policy *policy;
	struct sp_link *link;
	guint timer;
	GArray *round;		/* struct candidate; NULL: none is under way */
	guint at;		/* who is asked about */
	GArray *ended;		/* struct sp_change, of this round */
};

static GArray *candidates(const struct sp_policy *policy)
{
	GArray *found = g_array_new(FALSE, FALSE, sizeof(struct candidate));
	gsize count;
	const struct sp_rule *rules = sp_policy_rules(policy, &count);

	for (gsize i = 0; i < count; i++) {
		struct candidate one = { rules[i].id, rules[i].process, rules[i].cgroup };

		if (rules[i].bound == SP_BOUND_PROGRAM)
			g_array_append_val(found, one);
	}
	return found;
}

static void on_removed(const GError *error, const guint64 *ids, gsize count, void *data)
{
	if (error)
		sp_log_warn("rules of a program that has quit: %s", error->message);
}

static void finish(struct sp_quits *quits)
{
	GArray *ended = g_steal_pointer(&quits->ended);

	g_clear_pointer(&quits->round, g_array_unref);
	if (ended->len)
		sp_policy_change(quits->policy, ended, SP_SYSTEM, "expired", TRUE, on_removed, NULL);
	else
		g_array_unref(ended);
	sp_quits_rules_changed(quits);
}

static void ask(struct sp_quits *quits);

/* Anything but these two: the kernel can't say; later. */
static void on_answer(int error, void *data)
{
	struct sp_quits *quits = data;
	struct sp_change one = { .kind = SP_CHANGE_REMOVE };

	if (error == ENOENT) {
		sp_rule_init(&one.rule);
		one.rule.id = g_array_index(quits->round, struct candidate, quits->at).rule;
		g_array_append_val(quits->ended, one);
	}
	quits->at = error && error != ENOENT ? quits->round->len : quits->at + 1;
	ask(quits);
}

static void ask(struct sp_quits *quits)
{
	const struct candidate *one;

	if (quits->at >= quits->round->len) {
		finish(quits);
		return;
	}
	one = &g_array_index(quits->round, struct candidate, quits->at);
	sp_link_lives(quits->link, one->process, one->cgroup, on_answer, quits);
}

static gboolean on_timer(void *data)
{
	struct sp_quits *quits = data;

	quits->timer = 0;
	if (sp_link_state(quits->link) != SP_LINK_RUNNING) {
		sp_quits_rules_changed(quits);
		return G_SOURCE_REMOVE;
	}
	quits->round = candidates(quits->policy);
	quits->ended = sp_changes_new();
	quits->at = 0;
	ask(quits);
	return G_SOURCE_REMOVE;
}

void sp_quits_rules_changed(struct sp_quits *quits)
{
	g_autoptr(GArray) found = quits->timer || quits->round ? NULL : candidates(quits->policy);

	if (found && found->len)
		quits->timer = g_timeout_add_seconds(INTERVAL, on_timer, quits);
}

struct sp_quits *sp_quits_new(struct sp_policy *policy, struct sp_link *link)
{
	struct sp_quits *quits = g_new0(struct sp_quits, 1);

	quits->policy = policy;
	quits->link = link;
	sp_quits_rules_changed(quits);
	return quits;
}

void sp_quits_free(struct sp_quits *quits)
{
	if (!quits)
		return;
	g_clear_handle_id(&quits->timer, g_source_remove);
	g_free(quits);
}
