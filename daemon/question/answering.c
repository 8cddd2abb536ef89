/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is answered. Carrying an answer out takes time, so it names its question by id: the
 * question may go meanwhile.
 */
#include "questions_private.h"

#include <string.h>
#include "errors.h"
#include "point.h"

/* An answer that is being carried out. */
struct answering {
	struct sp_questions *questions;
	guint64 id;
	struct sp_agent *by;	/* compared only: it may be gone */
	enum sp_action action;
	gboolean once;
	GError *error;		/* what the answerer will be told */
	sp_answer_done done;
	void *data;
};

static struct sp_question *answered_question(const struct answering *answering)
{
	return g_hash_table_lookup(answering->questions->by_id, &answering->id);
}

/* Takes @answering. */
static void answer_end(struct answering *answering)
{
	struct sp_question *question = answered_question(answering);

	if (question)
		sp_question_close(question, answering->by, "answered");
	answering->done(answering->error, answering->data);
	g_clear_error(&answering->error);
	g_free(answering);
}

static void settle(struct answering *answering);

static void on_settled(int error, void *data)
{
	struct answering *answering = data;

	if (error && !answering->error)
		answering->error = g_error_new(SP_ERROR, SP_ERROR_NOT_READY,
					       "the answer could not be carried out: %s",
					       g_strerror(error));
	if (error)
		answer_end(answering);
	else
		settle(answering);
}

/*
 * Answers the flows that wait still, of the question and those that follow it: all of them
 * where no rule was made; where one was, those that came meanwhile or that another rule
 * still asks about.
 */
static void settle(struct answering *answering)
{
	struct sp_question *question = answered_question(answering);

	if (question)
		question = sp_question_unanswered(question);
	if (!question) {
		answer_end(answering);
		return;
	}
	sp_link_answer(answering->questions->link,
		       (const uint64_t *)(void *)question->pending->data,
		       question->pending->len, answering->action, SP_BY_ANSWER,
		       answering->once, on_settled, answering);
	sp_question_drop_flows(question);
}

static void on_saved(const GError *error, const guint64 *ids, gsize count, void *data)
{
	struct answering *answering = data;

	if (error) {
		answering->error = g_error_copy(error);
		/* What the person said holds for what waits, saved or not. */
		answering->once = count == 0;
		if (!count)
			g_prefix_error(&answering->error, "answered for now only: ");
	}
	settle(answering);
}

/* Removes what said something about exactly the same flows. */
static void add_replaced(struct sp_questions *questions, const struct sp_rule *rule,
			 GArray *changes)
{
	gsize count;
	const struct sp_rule *rules = sp_policy_rules(questions->policy, &count);

	for (gsize i = 0; i < count; i++) {
		struct sp_change change = { .kind = SP_CHANGE_REMOVE };
		struct sp_rule same = rules[i];

		same.action = rule->action;
		if (rules[i].floor || rules[i].owner != rule->owner ||
		    !sp_rule_same_match(&same, rule))
			continue;
		sp_rule_init(&change.rule);
		change.rule.id = rules[i].id;
		g_array_append_val(changes, change);
	}
}

static gboolean has_room(struct sp_questions *questions, const struct sp_rule *rule,
			 GError **error)
{
	gsize count;

	sp_policy_rules(questions->policy, &count);
	if (count < SP_POLICY_RULES_MAX &&
	    (rule->owner == SP_SYSTEM ||
	     sp_policy_count_of(questions->policy, rule->owner) < SP_POLICY_OWN_MAX))
		return TRUE;
	g_set_error(error, SP_ERROR, SP_ERROR_LIMIT, "there are too many rules");
	return FALSE;
}

/* What was answered is what is asked now. */
static gboolean is_as_asked(const struct sp_given *given, const char *token, GError **error)
{
	if (!sp_given_token_was(given, token))
		return TRUE;
	g_set_error_literal(error, SP_ERROR, SP_ERROR_NOT_OFFERED,
			    "the question has changed meanwhile");
	return FALSE;
}

struct chosen {
	enum sp_action action;
	enum sp_scope scope;
	gboolean version;
	enum sp_lifetime lifetime;
};

static gboolean choose(const struct sp_offer *offer, const char *action, const char *scope,
		       const char *lifetime, struct chosen *chosen, GError **error)
{
	const char *what = NULL;

	chosen->action = !strcmp(action, "allow") ? SP_ALLOW : SP_DENY;
	if (strcmp(action, "allow") && strcmp(action, "deny"))
		what = "action";
	else if (!sp_offer_find_scope(offer, scope, &chosen->scope, &chosen->version))
		what = "scope";
	else if (!sp_offer_find_lifetime(offer, lifetime, &chosen->lifetime))
		what = "lifetime";
	if (what)
		g_set_error(error, SP_ERROR, SP_ERROR_NOT_OFFERED,
			    "the question does not offer this %s", what);
	return !what;
}

/* What is said of one address is not said of the host's others. */
static struct answering *answering_begin(struct sp_question *question, struct sp_given *given,
					 const struct chosen *chosen)
{
	struct answering *answering = g_new0(struct answering, 1);

	if (chosen->scope == SP_SCOPE_ADDRESS)
		sp_question_disband(question);
	sp_question_enter(question, SP_QUESTION_ANSWERING);
	for (guint i = 0; i < question->followers->len; i++)
		sp_question_enter(question->followers->pdata[i], SP_QUESTION_ANSWERING);
	g_clear_handle_id(&question->timer, g_source_remove);
	answering->questions = question->questions;
	answering->id = question->id;
	answering->by = given->agent;
	answering->action = chosen->action;
	return answering;
}

gboolean sp_questions_would_allow(struct sp_questions *questions, const struct sp_peer *peer,
				  guint64 id, const char *token, const char *action,
				  const char *scope, const char *lifetime, struct sp_rule *rule,
				  GError **error)
{
	struct sp_question *question;
	struct chosen chosen;
	struct sp_given *given = sp_questions_find(questions, peer, id, token, &question, error);

	if (!given || !is_as_asked(given, token, error) ||
	    !choose(&given->offer, action, scope, lifetime, &chosen, error) ||
	    chosen.lifetime == SP_LIFETIME_ONCE || chosen.action != SP_ALLOW)
		return FALSE;
	sp_offer_rule(&given->offer, chosen.scope, chosen.version, chosen.lifetime, chosen.action,
		      sp_agent_uid(given->agent), rule);
	return TRUE;
}

gboolean sp_questions_answer(struct sp_questions *questions, const struct sp_peer *peer,
			     guint64 id, const char *token, const char *action,
			     const char *scope, const char *lifetime,
			     sp_answer_done done, void *data, GError **error)
{
	struct sp_change change = { .kind = SP_CHANGE_ADD };
	struct sp_question *question;
	struct answering *answering;
	struct chosen chosen;
	struct sp_given *given;
	GArray *changes;

	given = sp_questions_find(questions, peer, id, token, &question, error);
	if (!given || !is_as_asked(given, token, error) ||
	    !choose(&given->offer, action, scope, lifetime, &chosen, error))
		return FALSE;
	sp_point("answered");
	if (chosen.lifetime == SP_LIFETIME_ONCE) {
		answering = answering_begin(question, given, &chosen);
		answering->once = TRUE;
		answering->done = done;
		answering->data = data;
		settle(answering);
		return TRUE;
	}
	sp_offer_rule(&given->offer, chosen.scope, chosen.version, chosen.lifetime, chosen.action,
		      sp_agent_uid(given->agent), &change.rule);
	if (!has_room(questions, &change.rule, error)) {
		sp_rule_clear(&change.rule);
		return FALSE;
	}
	answering = answering_begin(question, given, &chosen);
	answering->done = done;
	answering->data = data;
	changes = sp_changes_new();
	add_replaced(questions, &change.rule, changes);
	g_array_append_val(changes, change);
	sp_policy_change(questions->policy, changes, sp_agent_uid(given->agent), SP_HOW_ANSWER,
			 TRUE, on_saved, answering);
	return TRUE;
}

gboolean sp_questions_dismiss(struct sp_questions *questions, const struct sp_peer *peer,
			      guint64 id, const char *token, GError **error)
{
	struct sp_question *question;
	struct sp_given *given;

	given = sp_questions_find(questions, peer, id, token, &question, error);
	if (!given)
		return FALSE;
	sp_snooze_add(questions->snooze, &question->key);
	for (guint i = 0; i < question->followers->len; i++) {
		const struct sp_question *follower = question->followers->pdata[i];

		sp_snooze_add(questions->snooze, &follower->key);
	}
	sp_question_refuse(question, question->outcome, SP_BY_ANSWER, given->agent, "dismissed");
	return TRUE;
}
