/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is asked a question: the agents there are, and those that come while it is open. */
#include "questions_private.h"

#include "point.h"

static void give_to_all(struct sp_question *question)
{
	struct sp_agents *agents = question->questions->agents;

	for (guint i = 0; i < sp_agents_count(agents); i++) {
		struct sp_agent *agent = sp_agents_get(agents, i);

		if (sp_agent_entitled(agent, question->key.uid) &&
		    !sp_question_given(question, agent))
			sp_question_give(question, agent);
	}
}

static gboolean on_grace_over(void *data)
{
	struct sp_question *question = data;

	question->timer = 0;
	sp_question_refuse(question, question->questions->config->nobody, SP_BY_NOBODY, NULL,
			   "expired");
	return G_SOURCE_REMOVE;
}

/* Nobody has it: a little later somebody may, or it is over. */
static void nobody_has_it(struct sp_question *question)
{
	struct sp_questions *questions = question->questions;
	gboolean full = sp_agents_any(questions->agents, question->key.uid);
	gint64 left = full ? 0 : sp_grace_left(questions->grace, question->key.uid);

	if (full)
		sp_question_refuse(question, question->outcome, SP_BY_LIMIT, NULL, "gone");
	else if (left)
		sp_question_clock_until(question, left, on_grace_over);
	else
		sp_question_refuse(question, questions->config->nobody, SP_BY_NOBODY, NULL,
				   "gone");
}

void sp_question_open(struct sp_question *question)
{
	sp_question_enter(question, SP_QUESTION_OPEN);
	sp_question_ask(question);
}

void sp_question_ask(struct sp_question *question)
{
	if (sp_question_follow(question))
		return;
	give_to_all(question);
	sp_point("given");
	if (!question->given->len)
		nobody_has_it(question);
}

void sp_questions_agent_added(struct sp_agent *agent, void *data)
{
	struct sp_questions *questions = data;
	GHashTableIter iter;
	void *value;

	sp_grace_note(questions->grace, questions->agents);
	g_hash_table_iter_init(&iter, questions->by_id);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct sp_question *question = value;

		if (question->state != SP_QUESTION_OPEN || question->leader ||
		    !sp_agent_entitled(agent, question->key.uid))
			continue;
		/* It may have waited for an agent; now it waits for a person. */
		if (sp_question_give(question, agent))
			sp_question_clock_resume(question);
	}
}

static void lose_agent(struct sp_question *question, const struct sp_agent *agent)
{
	gboolean had = sp_question_given(question, agent) != NULL;

	sp_question_forget(question, agent);
	if (!had || question->state != SP_QUESTION_OPEN)
		return;
	sp_question_clock_held(question);
	if (!question->given->len)
		nobody_has_it(question);
}

void sp_questions_agent_removed(struct sp_agent *agent, void *data)
{
	struct sp_questions *questions = data;
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint64));
	GHashTableIter iter;
	void *id;

	sp_grace_note(questions->grace, questions->agents);
	g_hash_table_iter_init(&iter, questions->by_id);
	while (g_hash_table_iter_next(&iter, &id, NULL))
		g_array_append_val(ids, *(guint64 *)id);
	/* One that ends takes along those that follow it. */
	for (guint i = 0; i < ids->len; i++) {
		struct sp_question *question = g_hash_table_lookup(questions->by_id,
								   &g_array_index(ids, guint64, i));

		if (question)
			lose_agent(question, agent);
	}
}
