/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See question.h. */
#include "question.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "describe.h"
#include "log.h"

#define UPDATE_MS	250

struct sp_question *sp_question_new(guint64 id, const struct sp_question_key *key,
				    struct sp_waiting *waiting, const struct sp_rule *ask)
{
	struct sp_question *question = g_new0(struct sp_question, 1);

	question->id = id;
	question->key = *key;
	question->waiting = waiting;
	question->pending = g_array_new(FALSE, FALSE, sizeof(guint64));
	question->given = g_ptr_array_new();
	question->followers = g_ptr_array_new();
	question->created = g_get_real_time();
	sp_rule_init(&question->ask);
	if (ask && !sp_rule_copy(&question->ask, ask))
		g_error("no memory");
	question->asked_by_rule = ask != NULL;
	return question;
}

static void given_free(struct sp_given *given)
{
	sp_offer_clear(&given->offer);
	g_free(given);
}

void sp_question_free(struct sp_question *question)
{
	g_assert(question->state == SP_QUESTION_CLOSED && !question->given->len);
	g_assert(!question->leader && !question->followers->len);
	if (question->query)
		sp_process_cancel(question->query);
	if (question->timer)
		g_source_remove(question->timer);
	if (question->update)
		g_source_remove(question->update);
	if (question->alone)
		g_source_remove(question->alone);
	sp_rule_clear(&question->ask);
	sp_process_free(question->process);
	g_array_unref(question->pending);
	g_ptr_array_unref(question->given);
	g_ptr_array_unref(question->followers);
	free(question->waiting);
	g_free(question);
}

void sp_question_enter(struct sp_question *question, enum sp_question_state state)
{
	g_assert(state > question->state);
	question->state = state;
}

static void make_token(char token[33])
{
	guint8 bytes[16];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		g_error("no random numbers");
	for (int i = 0; i < 16; i++)
		g_snprintf(token + 2 * i, 3, "%02x", bytes[i]);
}

static gboolean is_same_token(const char *a, const char *b)
{
	guint8 difference = 0;

	if (strlen(a) != 32 || strlen(b) != 32)
		return FALSE;
	for (int i = 0; i < 32; i++)
		difference |= a[i] ^ b[i];
	return !difference;
}

gboolean sp_given_token_is(const struct sp_given *given, const char *token)
{
	return is_same_token(given->token, token);
}

gboolean sp_given_token_was(const struct sp_given *given, const char *token)
{
	return is_same_token(given->former, token);
}

static void make_offer(const struct sp_question *question, struct sp_given *given)
{
	const struct sp_process *process = question->process;

	sp_offer_init(&given->offer, question->waiting,
		      question->asked_by_rule ? &question->ask : NULL,
		      process && process->others_write, sp_agent_uid(given->agent));
}

gboolean sp_question_give(struct sp_question *question, struct sp_agent *agent)
{
	struct sp_given *given = g_new0(struct sp_given, 1);

	given->agent = agent;
	make_token(given->token);
	make_offer(question, given);
	if (!sp_agent_ask(agent, question->id, given->token,
			  sp_question_describe(question, &given->offer))) {
		given_free(given);
		return FALSE;
	}
	g_ptr_array_add(question->given, given);
	return TRUE;
}

/* An answer to what was said before must not be taken for one to this. */
void sp_question_renew(struct sp_question *question)
{
	for (guint i = 0; i < question->given->len; i++) {
		struct sp_given *given = question->given->pdata[i];

		memcpy(given->former, given->token, sizeof(given->former));
		make_token(given->token);
		sp_offer_clear(&given->offer);
		make_offer(question, given);
		sp_agent_ask_again(given->agent, question->id, given->token,
				   sp_question_describe(question, &given->offer));
	}
	sp_question_update(question);	/* that it is held, too */
}

struct sp_given *sp_question_given(const struct sp_question *question,
				   const struct sp_agent *agent)
{
	for (guint i = 0; i < question->given->len; i++) {
		struct sp_given *given = question->given->pdata[i];

		if (given->agent == agent)
			return given;
	}
	return NULL;
}

gboolean sp_question_wanted(const struct sp_question *question)
{
	for (guint i = 0; i < question->given->len; i++)
		if (((struct sp_given *)question->given->pdata[i])->held)
			return TRUE;
	return FALSE;
}

void sp_question_forget(struct sp_question *question, const struct sp_agent *agent)
{
	struct sp_given *given = sp_question_given(question, agent);

	if (!given)
		return;
	g_ptr_array_remove(question->given, given);
	given_free(given);
}

void sp_question_cancel(struct sp_question *question, const struct sp_agent *except,
			const char *reason)
{
	while (question->given->len) {
		struct sp_given *given = question->given->pdata[0];

		sp_agent_cancel(given->agent, question->id,
				given->agent == except ? NULL : reason);
		g_ptr_array_remove_index(question->given, 0);
		given_free(given);
	}
}

static gboolean on_update(void *data)
{
	struct sp_question *question = data;

	question->update = 0;
	for (guint i = 0; i < question->given->len; i++) {
		struct sp_given *given = question->given->pdata[i];

		sp_agent_update(given->agent, question->id,
				sp_question_describe_changes(question));
	}
	return G_SOURCE_REMOVE;
}

void sp_question_update(struct sp_question *question)
{
	if (question->leader)
		question = question->leader;
	if (question->state == SP_QUESTION_OPEN && !question->update)
		question->update = g_timeout_add(UPDATE_MS, on_update, question);
}
