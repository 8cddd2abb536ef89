/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host has several addresses, and a program tries them at once: questions that differ in
 * the address alone, of a host that the program looked up itself, are one to a person. The
 * one that agents have leads, the others follow and end with it. An answer is for all of
 * them, since what it says of the host it says of each address; one about an address is for
 * that one's question alone.
 */
#include "questions_private.h"

#include <string.h>

/* A leader that goes because its flows did often takes its followers' along: no agent is
 * asked about them in between. */
#define ALONE_MS	250

/* Rules can name it, for any of its addresses. */
static gboolean knows_its_host(const struct sp_question *question)
{
	return question->key.direction == SALLYPORT_OUT &&
	       question->waiting->host.origin == SP_HOST_BY_ITSELF;
}

static gboolean have_one_key(const struct sp_question_key *a, const struct sp_question_key *b)
{
	struct sp_question_key there = *b;

	memcpy(there.remote, a->remote, sizeof(there.remote));
	return sp_question_key_equal(a, &there);
}

static gboolean have_one_ask(const struct sp_question *a, const struct sp_question *b)
{
	return a->asked_by_rule == b->asked_by_rule &&
	       (!a->asked_by_rule || a->ask.id == b->ask.id);
}

/* Nothing that a person is told of one is wrong of the other: its process has one chain, one
 * script and one command line. */
static gboolean is_like(const struct sp_question *a, const struct sp_question *b)
{
	return knows_its_host(a) && knows_its_host(b) &&
	       !strcmp(a->waiting->host.name, b->waiting->host.name) &&
	       have_one_key(&a->key, &b->key) && have_one_ask(a, b) &&
	       a->waiting->flow.process == b->waiting->flow.process &&
	       a->waiting->flow.flags == b->waiting->flow.flags &&
	       a->waiting->process_flags == b->waiting->process_flags;
}

/* Another open one that leads, or could. */
static struct sp_question *find_like(const struct sp_question *question)
{
	GHashTableIter iter;
	void *value;

	if (!knows_its_host(question))
		return NULL;
	g_hash_table_iter_init(&iter, question->questions->by_id);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct sp_question *other = value;

		if (other != question && other->state == SP_QUESTION_OPEN && !other->leader &&
		    is_like(other, question))
			return other;
	}
	return NULL;
}

static void follow(struct sp_question *question, struct sp_question *leader)
{
	question->leader = leader;
	g_ptr_array_add(leader->followers, question);
	g_clear_handle_id(&question->alone, g_source_remove);
	sp_question_clock_stop(question);
	sp_question_cancel(question, NULL, "joined");
	sp_question_update(leader);
}

/* With all that follow it. */
static void follow_all(struct sp_question *question, struct sp_question *leader)
{
	g_autoptr(GPtrArray) followers = g_steal_pointer(&question->followers);

	question->followers = g_ptr_array_new();
	follow(question, leader);
	for (guint i = 0; i < followers->len; i++)
		follow(followers->pdata[i], leader);
}

gboolean sp_question_follow(struct sp_question *question)
{
	struct sp_question *other = find_like(question);

	if (!other)
		return FALSE;
	/* Of two that a person has seen the one he saw first. */
	if (question->given->len && question->id < other->id) {
		follow_all(other, question);
		return FALSE;
	}
	follow_all(question, other);
	return TRUE;
}

void sp_question_leave(struct sp_question *question)
{
	if (!question->leader)
		return;
	g_ptr_array_remove(question->leader->followers, question);
	sp_question_update(question->leader);
	question->leader = NULL;
}

static gboolean on_alone(void *data)
{
	struct sp_question *question = data;

	question->alone = 0;
	sp_question_ask(question);
	return G_SOURCE_REMOVE;
}

/* It is to be asked itself. */
static void stand_alone(struct sp_question *question)
{
	sp_question_leave(question);
	sp_question_clock_again(question);
	question->alone = g_timeout_add(ALONE_MS, on_alone, question);
}

void sp_question_disband(struct sp_question *question)
{
	while (question->followers->len)
		stand_alone(question->followers->pdata[0]);
}

void sp_question_regroup(struct sp_question *question)
{
	if (question->leader && !is_like(question, question->leader))
		stand_alone(question);
	for (guint i = question->followers->len; i > 0; i--)
		if (!is_like(question->followers->pdata[i - 1], question))
			stand_alone(question->followers->pdata[i - 1]);
	if (!question->leader)
		sp_question_follow(question);
}

struct sp_question *sp_question_unanswered(struct sp_question *question)
{
	if (question->pending->len)
		return question;
	for (guint i = 0; i < question->followers->len; i++) {
		struct sp_question *follower = question->followers->pdata[i];

		if (follower->pending->len)
			return follower;
	}
	return NULL;
}

guint sp_question_count_flows(const struct sp_question *question)
{
	guint count = question->pending->len;

	for (guint i = 0; i < question->followers->len; i++)
		count += ((struct sp_question *)question->followers->pdata[i])->pending->len;
	return count;
}
