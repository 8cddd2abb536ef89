/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See questions.h. A question belongs to @by_id; @by_key and @by_pending point
 * to it, and hold only questions that are not CLOSED.
 */
#include "questions_private.h"

#include <stdlib.h>
#include <string.h>
#include "errors.h"
#include "verdict/hash.h"

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

/* By the last part of its path, which is proven. */
static enum sp_runner runner_of(const struct sp_questions *questions,
				const struct sp_waiting *waiting)
{
	const char *slash = strrchr(waiting->path, '/');

	return slash ? sp_runners_find(questions->runners, slash + 1) : SP_RUNNER_NONE;
}

static gboolean is_learning(const struct sp_questions *questions)
{
	return sp_modes_get(questions->modes)->mode == SP_MODE_LEARN;
}

/* Where it is not known which programs run other people's code, none is. */
static gboolean is_learnable(const struct sp_questions *questions,
			     const struct sp_waiting *waiting, guint64 rule)
{
	return is_learning(questions) && questions->runners &&
	       sp_learning_wants(waiting, runner_of(questions, waiting), rule);
}

/* TRUE: nobody is to be asked; not yet, or it is over. */
static gboolean learn(struct sp_question *question, gboolean last)
{
	struct sp_questions *questions = question->questions;
	gboolean unknown;

	if (!question->learnable || !is_learning(questions))
		return FALSE;
	if (!sp_learning_takes(question->process, &unknown))
		return unknown && !last;
	sp_learning_note(questions->learning, question->waiting);
	sp_link_answer(questions->link, (const uint64_t *)(void *)question->pending->data,
		       question->pending->len, SP_ALLOW, SP_BY_LEARNING, TRUE, NULL, NULL);
	sp_question_close(question, NULL, "answered");
	return TRUE;
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
	sp_process_free(question->process);
	question->process = process;
	if (learn(question, last))
		return;
	sp_past_of(question->questions->history, question->waiting, &question->past);
	sp_question_open(question);
}

static void make_question(struct sp_questions *questions, const struct sp_question_key *key,
			  struct sp_waiting *waiting, guint64 rule)
{
	const struct sp_rule *ask = rule ? sp_policy_decider(questions->policy, rule) : NULL;
	struct sp_question *question;

	question = sp_question_new(++questions->last, key, waiting, ask);
	question->questions = questions;
	question->runner = runner_of(questions, waiting);
	question->learnable = is_learnable(questions, waiting, rule);
	question->outcome = questions->config->outcome;
	g_hash_table_insert(questions->by_id, &question->id, question);
	g_hash_table_insert(questions->by_key, &question->key, question);
	add_flow(question, waiting->pending);
	sp_question_clock_start(question, (gint64)questions->config->deadline * G_USEC_PER_SEC);
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
		/* One answer is for all of them. */
		question->learnable &= is_learnable(questions, waiting, rule);
		sp_question_update(question);
	} else if (question || g_hash_table_size(questions->by_id) >= SP_QUESTIONS_MAX) {
		refuse_flow(questions, waiting, config->outcome, SP_BY_LIMIT);
	} else if (sp_snooze_has(questions->snooze, &key)) {
		refuse_flow(questions, waiting, config->outcome, SP_BY_ANSWER);
	} else if (!sp_agents_any(questions->agents, uid) && !sp_grace_left(questions->grace, uid) &&
		   !is_learnable(questions, waiting, rule)) {
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

static void say_anew(struct sp_question *question)
{
	sp_question_regroup(question);
	sp_question_renew(question);
}

void sp_questions_late(struct sp_questions *questions, const struct sp_late *late)
{
	struct sp_question *question = g_hash_table_lookup(questions->by_pending, &late->pending);

	if (!question || question->state > SP_QUESTION_OPEN)
		return;
	if (!has_news(question, late))
		sp_question_update(question);
	else if (question->state == SP_QUESTION_OPEN)
		say_anew(question);
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
		sp_question_close(question, NULL, gone_text(reason));
}

static struct sp_question *any_question(struct sp_questions *questions)
{
	GHashTableIter iter;
	void *value = NULL;

	g_hash_table_iter_init(&iter, questions->by_id);
	g_hash_table_iter_next(&iter, NULL, &value);
	return value;
}

static void close_all(struct sp_questions *questions, const char *reason)
{
	struct sp_question *question;

	while ((question = any_question(questions)))
		sp_question_close(question, NULL, reason);
}

void sp_questions_reset(struct sp_questions *questions)
{
	close_all(questions, "disconnected");
}

struct sp_given *sp_questions_find(struct sp_questions *questions, const struct sp_peer *peer,
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

static void question_free(void *data)
{
	sp_question_free(data);
}

static guint hash_key(const void *key)
{
	return sp_hash(key, sizeof(struct sp_question_key));
}

static gboolean equal_keys(const void *a, const void *b)
{
	return sp_question_key_equal(a, b);
}

struct sp_questions *sp_questions_new(const struct sp_config *config, struct sp_link *link,
				      struct sp_policy *policy, struct sp_agents *agents,
				      const struct sp_history *history, struct sp_index *index,
				      const struct sp_runners *runners,
				      const struct sp_modes *modes)
{
	struct sp_questions *questions = g_new0(struct sp_questions, 1);

	questions->config = config;
	questions->link = link;
	questions->policy = policy;
	questions->agents = agents;
	questions->history = history;
	questions->index = index;
	questions->runners = runners;
	questions->modes = modes;
	questions->learning = sp_learning_new(policy);
	questions->snooze = sp_snooze_new();
	questions->grace = sp_grace_new(config->grace, g_getenv("RUNTIME_DIRECTORY"));
	questions->by_id = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL,
						 question_free);
	questions->by_key = g_hash_table_new(hash_key, equal_keys);
	questions->by_pending = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	sp_agents_listen(agents, sp_questions_agent_added, sp_questions_agent_removed, questions);
	return questions;
}

void sp_questions_free(struct sp_questions *questions)
{
	if (!questions)
		return;
	sp_agents_listen(questions->agents, NULL, NULL, NULL);
	close_all(questions, "stopping");
	sp_snooze_free(questions->snooze);
	sp_learning_free(questions->learning);
	sp_grace_free(questions->grace);
	g_hash_table_unref(questions->by_id);
	g_hash_table_unref(questions->by_key);
	g_hash_table_unref(questions->by_pending);
	g_free(questions);
}

guint sp_questions_count(const struct sp_questions *questions)
{
	GHashTableIter iter;
	void *value;
	guint count = 0;

	g_hash_table_iter_init(&iter, questions->by_id);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		count += !((struct sp_question *)value)->leader;
	return count;
}
