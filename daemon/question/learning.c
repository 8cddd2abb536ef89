/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See learning.h. Rules are collected for a moment, and become one change of the policy,
 * one after the other: a browser's start is a hundred of them.
 */
#include "learning.h"

#include <string.h>
#include "log.h"
#include "offer.h"

#define COLLECT_MS	2000
#define HOSTS		10	/* of a program at one port; then any host there is one rule */

struct sp_learning {
	struct sp_policy *policy;
	GArray *changes;	/* SP_CHANGE_ADD, to be made */
	guint timer;
	gboolean busy;		/* a change is under way */
};

struct sp_learning *sp_learning_new(struct sp_policy *policy)
{
	struct sp_learning *learning = g_new0(struct sp_learning, 1);

	learning->policy = policy;
	learning->changes = sp_changes_new();
	return learning;
}

void sp_learning_free(struct sp_learning *learning)
{
	if (!learning)
		return;
	g_clear_handle_id(&learning->timer, g_source_remove);
	g_array_unref(learning->changes);
	g_free(learning);
}

gboolean sp_learning_wants(const struct sp_waiting *waiting, enum sp_runner runner, guint64 rule)
{
	const struct sallyport_flow *flow = &waiting->flow;

	return !rule && flow->direction == SALLYPORT_OUT && runner == SP_RUNNER_NONE &&
	       !sp_uid_is_system(flow->uid) && waiting->path_length &&
	       !(waiting->process_flags & SALLYPORT_PROCESS_TRACED);
}

gboolean sp_learning_takes(const struct sp_process *process, gboolean *unknown)
{
	*unknown = !process->package;
	return !*unknown && *process->package && !process->others_write &&
	       process->package_state != SP_PACKAGE_MODIFIED;
}

/* --- which rule ---------------------------------------------------------------------- */

static gboolean is_learned(const struct sp_rule *rule)
{
	return !rule->enabled && !g_strcmp0(rule->note, SP_LEARNED_NOTE);
}

static gboolean says_the_same(const struct sp_rule *rule, const struct sp_rule *other)
{
	struct sp_rule same = *other;

	same.action = rule->action;
	same.enabled = rule->enabled;
	return sp_rule_same_match(rule, &same);
}

static gboolean is_of_the_port(const struct sp_rule *rule, const struct sp_rule *other)
{
	return rule->owner == other->owner && rule->protocol == other->protocol &&
	       rule->remote_port.first == other->remote_port.first &&
	       !g_strcmp0(rule->program, other->program);
}

struct counts {
	guint owner, port;	/* rules that were learned, of the user; of his program at the port */
	gboolean known;		/* one says the same */
};

static void count(const struct sp_rule *other, const struct sp_rule *rule, struct counts *counts)
{
	counts->known |= says_the_same(rule, other);
	if (!is_learned(other) || other->owner != rule->owner)
		return;
	counts->owner++;
	counts->port += is_of_the_port(other, rule);
}

/* Among the rules there are, and those that soon will be. */
static struct counts count_all(const struct sp_learning *learning, const struct sp_rule *rule)
{
	struct counts counts = { 0 };
	gsize length;
	const struct sp_rule *rules = sp_policy_rules(learning->policy, &length);

	for (gsize i = 0; i < length; i++)
		count(&rules[i], rule, &counts);
	for (guint i = 0; i < learning->changes->len; i++)
		count(&g_array_index(learning->changes, struct sp_change, i).rule, rule, &counts);
	return counts;
}

/* FALSE: no rule can be made that stays, of this scope. */
static gboolean make_rule(const struct sp_offer *offer, enum sp_scope scope, struct sp_rule *rule)
{
	enum sp_lifetime always;

	if (!offer->lasting || !offer->offered[scope] || !offer->rules[scope].program ||
	    !sp_offer_find_lifetime(offer, "always", &always))
		return FALSE;
	sp_offer_rule(offer, scope, FALSE, always, SP_ALLOW, SP_SYSTEM, rule);
	rule->enabled = false;
	g_free(rule->note);
	rule->note = g_strdup(SP_LEARNED_NOTE);
	return TRUE;
}

/* --- keeping it ------------------------------------------------------------------------ */

static void begin(struct sp_learning *learning);

static void on_kept(const GError *error, const guint64 *ids, gsize number, void *data)
{
	struct sp_learning *learning = data;

	if (error)
		sp_log_warn("what was learned could not be kept: %s", error->message);
	learning->busy = FALSE;
	begin(learning);
}

static gboolean on_collected(void *data)
{
	struct sp_learning *learning = data;
	GArray *changes = g_steal_pointer(&learning->changes);

	learning->timer = 0;
	learning->changes = sp_changes_new();
	learning->busy = TRUE;
	sp_policy_change(learning->policy, changes, SP_SYSTEM, "learning", FALSE, on_kept, learning);
	return G_SOURCE_REMOVE;
}

static void begin(struct sp_learning *learning)
{
	if (learning->changes->len && !learning->busy && !learning->timer)
		learning->timer = g_timeout_add(COLLECT_MS, on_collected, learning);
}

/* Takes @rule. */
static void keep(struct sp_learning *learning, struct sp_rule *rule)
{
	struct sp_change change = { .kind = SP_CHANGE_ADD, .rule = *rule };

	g_array_append_val(learning->changes, change);
	begin(learning);
}

static gboolean has_room(const struct sp_learning *learning, const struct sp_rule *rule,
			 const struct counts *counts)
{
	gsize all;

	sp_policy_rules(learning->policy, &all);
	return counts->owner < SP_LEARNED_MAX && all + learning->changes->len < SP_POLICY_RULES_MAX &&
	       sp_policy_count_of(learning->policy, rule->owner) + learning->changes->len <
	       SP_POLICY_OWN_MAX;
}

void sp_learning_note(struct sp_learning *learning, const struct sp_waiting *waiting)
{
	struct sp_offer offer;
	struct sp_rule rule;
	struct counts counts = { .known = TRUE };
	gboolean made;

	sp_offer_init(&offer, waiting, NULL, FALSE, waiting->flow.uid);
	made = make_rule(&offer, SP_SCOPE_HOST_PORT, &rule) || make_rule(&offer, SP_SCOPE_HOST, &rule);
	if (made)
		counts = count_all(learning, &rule);
	if (!counts.known && counts.port >= HOSTS && offer.offered[SP_SCOPE_PORT]) {
		sp_rule_clear(&rule);
		made = make_rule(&offer, SP_SCOPE_PORT, &rule);
		counts.known = !made || count_all(learning, &rule).known;
	}
	if (!counts.known && has_room(learning, &rule, &counts))
		keep(learning, &rule);
	else if (made)
		sp_rule_clear(&rule);
	sp_offer_clear(&offer);
}
