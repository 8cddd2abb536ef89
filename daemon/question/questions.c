/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See questions.h. A question belongs to @by_id; @by_key and @by_pending point
 * to it, and hold only questions that are not CLOSED. What is carried out over
 * time (an answer) names its question by id, so that it may go meanwhile.
 */
#include "questions.h"

#include <stdlib.h>
#include <string.h>
#include "errors.h"
#include "log.h"
#include "point.h"
#include "question.h"
#include "snooze.h"

#define GRACED_MAX	256u
/* A question that somebody holds lives so long after it was asked; one that is
 * let go has at least so much left. µs. */
#define HOLD_MAX	(5 * 60 * G_USEC_PER_SEC)
#define LET_GO_MIN	(10 * G_USEC_PER_SEC)

struct sp_questions {
	const struct sp_config *config;
	struct sp_link *link;
	struct sp_policy *policy;
	struct sp_agents *agents;
	const struct sp_history *history;
	struct sp_index *index;
	const struct sp_runners *runners;	/* NULL: not known */
	struct sp_snooze *snooze;
	GHashTable *by_id;		/* id → question */
	GHashTable *by_key;		/* key → question */
	GHashTable *by_pending;		/* number of a flow → question */
	GHashTable *graced;		/* uid → end of its grace, monotonic */
	guint64 last;
};

/* Forgets its flows: they are answered, or gone. */
static void drop_flows(struct sp_question *question)
{
	for (guint i = 0; i < question->pending->len; i++)
		g_hash_table_remove(question->questions->by_pending,
				    &g_array_index(question->pending, guint64, i));
	g_array_set_size(question->pending, 0);
}

/* The end of every question. */
static void close_question(struct sp_question *question, const struct sp_agent *except,
			   const char *reason)
{
	struct sp_questions *questions = question->questions;

	sp_question_enter(question, SP_QUESTION_CLOSED);
	drop_flows(question);
	sp_question_cancel(question, except, reason);
	g_hash_table_remove(questions->by_key, &question->key);
	g_hash_table_remove(questions->by_id, &question->id);	/* frees it */
}

/* Its flows are refused and it is over. */
static void refuse(struct sp_question *question, enum sp_action action,
		   enum sp_record_by by, const struct sp_agent *except, const char *reason)
{
	if (question->pending->len)	/* one that was held can have outlived them */
		sp_link_answer(question->questions->link,
			       (const uint64_t *)(void *)question->pending->data,
			       question->pending->len, action, by, FALSE, NULL, NULL);
	close_question(question, except, reason);
}

static void refuse_flow(struct sp_questions *questions, const struct sp_waiting *waiting,
			enum sp_action action, enum sp_record_by by)
{
	sp_link_answer(questions->link, &waiting->pending, 1, action, by, FALSE, NULL, NULL);
}

static void add_flow(struct sp_question *question, guint64 pending)
{
	guint64 *key = g_memdup2(&pending, sizeof(pending));

	g_array_append_val(question->pending, pending);
	g_hash_table_insert(question->questions->by_pending, key, question);
}

/* How long flows of @uid may still wait for an agent to come; µs. */
static gint64 grace_left(struct sp_questions *questions, guint32 uid)
{
	gint64 now = g_get_monotonic_time();
	gint64 *end = g_hash_table_lookup(questions->graced, GUINT_TO_POINTER(uid));

	if (!questions->config->grace || sp_uid_is_system(uid))
		return 0;
	if (end)
		return MAX(*end - now, 0);
	if (g_hash_table_size(questions->graced) >= GRACED_MAX)
		return 0;
	end = g_new(gint64, 1);
	*end = now + questions->config->grace * G_USEC_PER_SEC;
	g_hash_table_insert(questions->graced, GUINT_TO_POINTER(uid), end);
	return *end - now;
}

static void give_to_all(struct sp_question *question)
{
	struct sp_agents *agents = question->questions->agents;

	for (guint i = 0; i < sp_agents_count(agents); i++) {
		struct sp_agent *agent = sp_agents_get(agents, i);

		if (sp_agent_entitled(agent, question->key.uid))
			sp_question_give(question, agent);
	}
}

static gboolean on_grace_over(void *data)
{
	struct sp_question *question = data;

	question->timer = 0;
	refuse(question, question->questions->config->nobody, SP_BY_NOBODY, NULL, "expired");
	return G_SOURCE_REMOVE;
}

static void set_timer(struct sp_question *question, gint64 microseconds, GSourceFunc call)
{
	if (question->timer)
		g_source_remove(question->timer);
	question->timer = g_timeout_add(MAX(microseconds / 1000, 1), call, question);
}

/* Nobody has it: a little later somebody may, or it is over. */
static void nobody_has_it(struct sp_question *question)
{
	struct sp_questions *questions = question->questions;
	gboolean full = sp_agents_any(questions->agents, question->key.uid);
	gint64 left = full ? 0 : grace_left(questions, question->key.uid);

	if (full)
		refuse(question, question->outcome, SP_BY_LIMIT, NULL, "gone");
	else if (left)
		set_timer(question, MIN(left, question->deadline - g_get_real_time()),
			  on_grace_over);
	else
		refuse(question, questions->config->nobody, SP_BY_NOBODY, NULL, "gone");
}

/* All that there is, after it was asked about. */
static void described_late(struct sp_question *question, struct sp_process *process)
{
	sp_process_free(question->process);
	question->process = process;
	if (question->state == SP_QUESTION_OPEN && process->others_write && *question->waiting->hash)
		sp_question_renew(question);	/* more is offered */
	else
		sp_question_update(question);
}

static void on_described(struct sp_process *process, gboolean last, void *data)
{
	struct sp_question *question = data;

	if (last)
		question->query = NULL;
	if (question->state != SP_QUESTION_NEW) {
		described_late(question, process);
		return;
	}
	question->process = process;
	sp_past_of(question->questions->history, question->waiting, &question->past);
	sp_question_enter(question, SP_QUESTION_OPEN);
	give_to_all(question);
	sp_point("given");
	if (!question->given->len)
		nobody_has_it(question);
}

static gboolean on_deadline(void *data)
{
	struct sp_question *question = data;

	question->timer = 0;
	refuse(question, question->outcome, SP_BY_DEADLINE, NULL, "expired");
	return G_SOURCE_REMOVE;
}

static gboolean is_pinned(const struct sp_rule *rule, const struct sp_waiting *waiting)
{
	return rule->enabled && rule->action == SP_ALLOW && rule->hash && rule->program &&
	       (rule->owner == SP_SYSTEM || rule->owner == waiting->flow.uid) &&
	       strlen(rule->program) == waiting->path_length &&
	       !memcmp(rule->program, waiting->path, waiting->path_length);
}

/* Do rules allow what had this path, none of them what is there now? */
gboolean sp_question_is_changed(const struct sp_question *question)
{
	const struct sp_waiting *waiting = question->waiting;
	gboolean changed = FALSE;
	gsize count;
	const struct sp_rule *rule = sp_policy_rules(question->questions->policy, &count);

	for (gsize i = 0; *waiting->hash && i < count; i++, rule++) {
		if (!is_pinned(rule, waiting))
			continue;
		if (!strcmp(rule->hash, waiting->hash))
			return FALSE;
		changed = TRUE;
	}
	return changed;
}

/* By the last part of its path, which is proven. */
static enum sp_runner runner_of(const struct sp_questions *questions,
				const struct sp_waiting *waiting)
{
	const char *slash = strrchr(waiting->path, '/');

	return slash ? sp_runners_find(questions->runners, slash + 1) : SP_RUNNER_NONE;
}

static void make_question(struct sp_questions *questions, const struct sp_question_key *key,
			  struct sp_waiting *waiting, guint64 rule)
{
	const struct sp_rule *ask = rule ? sp_policy_decider(questions->policy, rule) : NULL;
	struct sp_question *question;

	question = sp_question_new(++questions->last, key, waiting, ask);
	question->questions = questions;
	question->runner = runner_of(questions, waiting);
	question->outcome = questions->config->outcome;
	question->deadline = question->created +
			     (gint64)questions->config->deadline * G_USEC_PER_SEC;
	g_hash_table_insert(questions->by_id, &question->id, question);
	g_hash_table_insert(questions->by_key, &question->key, question);
	add_flow(question, waiting->pending);
	set_timer(question, (gint64)questions->config->deadline * G_USEC_PER_SEC, on_deadline);
	question->query = sp_process_query(waiting, questions->index, on_described, question);
}

void sp_questions_ask(struct sp_questions *questions, struct sp_waiting *waiting,
		      guint64 rule)
{
	const struct sp_config *config = questions->config;
	guint32 uid = waiting->flow.uid;
	struct sp_question_key key;
	struct sp_question *question;

	sp_question_key_of(&waiting->flow, &waiting->image, &key);
	question = g_hash_table_lookup(questions->by_key, &key);
	if (g_hash_table_contains(questions->by_pending, &waiting->pending)) {
		free(waiting);
		return;
	}
	if (question && question->pending->len < SP_QUESTION_FLOWS) {
		add_flow(question, waiting->pending);
		sp_question_update(question);
	} else if (question || g_hash_table_size(questions->by_id) >= SP_QUESTIONS_MAX) {
		refuse_flow(questions, waiting, config->outcome, SP_BY_LIMIT);
	} else if (sp_snooze_has(questions->snooze, &key)) {
		refuse_flow(questions, waiting, config->outcome, SP_BY_ANSWER);
	} else if (!sp_agents_any(questions->agents, uid) && !grace_left(questions, uid)) {
		refuse_flow(questions, waiting, config->nobody, SP_BY_NOBODY);
	} else {
		make_question(questions, &key, waiting, rule);
		return;
	}
	free(waiting);
}

static gboolean has_news(struct sp_question *question, const struct sp_late *late)
{
	struct sp_waiting *waiting = question->waiting;
	gboolean named = late->host.origin != waiting->host.origin ||
			 strcmp(late->host.name, waiting->host.name) != 0;
	gboolean summed = *late->hash && !*waiting->hash;

	waiting->host = late->host;
	if (summed)
		memcpy(waiting->hash, late->hash, sizeof(waiting->hash));
	/* A sum that changes neither what is said nor what is offered is a detail. */
	return named || (summed && ((question->process && question->process->others_write) ||
				    sp_question_is_changed(question)));
}

void sp_questions_late(struct sp_questions *questions, const struct sp_late *late)
{
	struct sp_question *question = g_hash_table_lookup(questions->by_pending, &late->pending);

	if (!question || question->state > SP_QUESTION_OPEN)
		return;
	if (!has_news(question, late))
		sp_question_update(question);
	else if (question->state == SP_QUESTION_OPEN)
		sp_question_renew(question);
}

static const char *gone_text(enum sp_gone_reason reason)
{
	switch (reason) {
	case SP_GONE_RULE:
		return "rule";
	case SP_GONE_ANSWERED:
		return "answered";
	case SP_GONE_ENDED:
		return "gone";
	case SP_GONE_EXPIRED:
		return "expired";
	}
	return "gone";
}

void sp_questions_gone(struct sp_questions *questions, guint64 pending,
		       enum sp_gone_reason reason)
{
	struct sp_question *question = g_hash_table_lookup(questions->by_pending, &pending);

	if (!question)
		return;
	g_hash_table_remove(questions->by_pending, &pending);
	for (guint i = 0; i < question->pending->len; i++)
		if (g_array_index(question->pending, guint64, i) == pending) {
			g_array_remove_index(question->pending, i);
			break;
		}
	/* One that is being answered ends when the answer is in force. */
	if (question->state == SP_QUESTION_ANSWERING)
		return;
	if (question->pending->len || (question->left && reason == SP_GONE_EXPIRED))
		sp_question_update(question);
	else
		close_question(question, NULL, gone_text(reason));
}

static void close_all(struct sp_questions *questions, const char *reason)
{
	GList *all = g_hash_table_get_values(questions->by_id);

	for (GList *l = all; l; l = l->next)
		close_question(l->data, NULL, reason);
	g_list_free(all);
}

void sp_questions_reset(struct sp_questions *questions)
{
	close_all(questions, "gone");
}

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
		close_question(question, answering->by, "answered");
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
 * Answers the flows that wait still: all of them where no rule was made; where
 * one was, those that came meanwhile or that another rule still asks about.
 */
static void settle(struct answering *answering)
{
	struct sp_question *question = answered_question(answering);

	if (!question || !question->pending->len) {
		answer_end(answering);
		return;
	}
	sp_link_answer(answering->questions->link,
		       (const uint64_t *)(void *)question->pending->data,
		       question->pending->len, answering->action, SP_BY_ANSWER,
		       answering->once, on_settled, answering);
	drop_flows(question);
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

/* The connection has this question, with this token, and it is open. */
static struct sp_given *find_given(struct sp_questions *questions, const struct sp_peer *peer,
				   guint64 id, const char *token,
				   struct sp_question **question, GError **error)
{
	struct sp_agent *agent = sp_agents_find(questions->agents, peer);
	struct sp_given *given = NULL;

	*question = g_hash_table_lookup(questions->by_id, &id);
	if (agent && *question && (*question)->state == SP_QUESTION_OPEN)
		given = sp_question_given(*question, agent);
	if (!given) {
		g_set_error(error, SP_ERROR, SP_ERROR_NO_SUCH_QUESTION,
			    "this connection has no open question %" G_GUINT64_FORMAT, id);
		return NULL;
	}
	if (!sp_given_token_is(given, token) && !sp_given_token_was(given, token)) {
		g_set_error(error, SP_ERROR, SP_ERROR_NOT_AUTHORIZED,
			    "that is not the question's token");
		return NULL;
	}
	return given;
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

static struct answering *answering_begin(struct sp_question *question, struct sp_given *given,
					 enum sp_action action)
{
	struct answering *answering = g_new0(struct answering, 1);

	sp_question_enter(question, SP_QUESTION_ANSWERING);
	g_clear_handle_id(&question->timer, g_source_remove);
	answering->questions = question->questions;
	answering->id = question->id;
	answering->by = given->agent;
	answering->action = action;
	return answering;
}

gboolean sp_questions_would_allow(struct sp_questions *questions, const struct sp_peer *peer,
				  guint64 id, const char *token, const char *action,
				  const char *scope, const char *lifetime, struct sp_rule *rule,
				  GError **error)
{
	struct sp_question *question;
	struct chosen chosen;
	struct sp_given *given = find_given(questions, peer, id, token, &question, error);

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

	given = find_given(questions, peer, id, token, &question, error);
	if (!given || !is_as_asked(given, token, error) ||
	    !choose(&given->offer, action, scope, lifetime, &chosen, error))
		return FALSE;
	sp_point("answered");
	if (chosen.lifetime == SP_LIFETIME_ONCE) {
		answering = answering_begin(question, given, chosen.action);
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
	answering = answering_begin(question, given, chosen.action);
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

	given = find_given(questions, peer, id, token, &question, error);
	if (!given)
		return FALSE;
	sp_snooze_add(questions->snooze, &question->key);
	refuse(question, question->outcome, SP_BY_ANSWER, given->agent, "dismissed");
	return TRUE;
}

/* Its clock stands while somebody wants it to. */
static void set_held(struct sp_question *question)
{
	gint64 now = g_get_real_time(), end = question->created + HOLD_MAX;
	gboolean wanted = sp_question_wanted(question);

	if (wanted == (question->left != 0))
		return;
	if (wanted) {
		question->left = MAX(question->deadline - now, 1);
		question->deadline = end;
	} else {
		question->deadline = MIN(now + MAX(question->left, LET_GO_MIN), end);
		question->left = 0;
	}
	set_timer(question, question->deadline - now, on_deadline);
	sp_question_update(question);
}

gboolean sp_questions_hold(struct sp_questions *questions, const struct sp_peer *peer,
			   guint64 id, const char *token, gboolean held, GError **error)
{
	struct sp_question *question;
	struct sp_given *given;

	given = find_given(questions, peer, id, token, &question, error);
	if (!given)
		return FALSE;
	given->held = held;
	set_held(question);
	return TRUE;
}

static void on_agent_added(struct sp_agent *agent, void *data)
{
	struct sp_questions *questions = data;
	GHashTableIter iter;
	void *value;

	g_hash_table_iter_init(&iter, questions->by_id);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct sp_question *question = value;

		if (question->state != SP_QUESTION_OPEN ||
		    !sp_agent_entitled(agent, question->key.uid))
			continue;
		/* It may have waited for an agent; now it waits for a person. */
		if (sp_question_give(question, agent))
			set_timer(question, question->deadline - g_get_real_time(),
				  on_deadline);
	}
}

static void on_agent_removed(struct sp_agent *agent, void *data)
{
	struct sp_questions *questions = data;
	GList *all = g_hash_table_get_values(questions->by_id);

	for (GList *l = all; l; l = l->next) {
		struct sp_question *question = l->data;
		gboolean had = sp_question_given(question, agent) != NULL;

		sp_question_forget(question, agent);
		if (!had || question->state != SP_QUESTION_OPEN)
			continue;
		set_held(question);
		if (!question->given->len)
			nobody_has_it(question);
	}
	g_list_free(all);
}

static void question_free(void *data)
{
	sp_question_free(data);
}

struct sp_questions *sp_questions_new(const struct sp_config *config, struct sp_link *link,
				      struct sp_policy *policy, struct sp_agents *agents,
				      const struct sp_history *history, struct sp_index *index,
				      const struct sp_runners *runners)
{
	struct sp_questions *questions = g_new0(struct sp_questions, 1);

	questions->config = config;
	questions->link = link;
	questions->policy = policy;
	questions->agents = agents;
	questions->history = history;
	questions->index = index;
	questions->runners = runners;
	questions->snooze = sp_snooze_new();
	questions->by_id = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL,
						 question_free);
	questions->by_key = g_hash_table_new(sp_question_key_hash, sp_question_key_equal);
	questions->by_pending = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	questions->graced = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	sp_agents_listen(agents, on_agent_added, on_agent_removed, questions);
	return questions;
}

void sp_questions_free(struct sp_questions *questions)
{
	if (!questions)
		return;
	sp_agents_listen(questions->agents, NULL, NULL, NULL);
	close_all(questions, "stopping");
	sp_snooze_free(questions->snooze);
	g_hash_table_unref(questions->by_id);
	g_hash_table_unref(questions->by_key);
	g_hash_table_unref(questions->by_pending);
	g_hash_table_unref(questions->graced);
	g_free(questions);
}

guint sp_questions_count(const struct sp_questions *questions)
{
	return g_hash_table_size(questions->by_id);
}
