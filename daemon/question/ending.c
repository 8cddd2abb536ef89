/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a question ends: once, and its flows with it. */
#include "questions_private.h"

void sp_question_drop_flows(struct sp_question *question)
{
	for (guint i = 0; i < question->pending->len; i++)
		g_hash_table_remove(question->questions->by_pending,
				    &g_array_index(question->pending, guint64, i));
	g_array_set_size(question->pending, 0);
}

void sp_question_close(struct sp_question *question, const struct sp_agent *except,
			   const char *reason)
{
	struct sp_questions *questions = question->questions;

	/* What was answered with it ends with it; else only its own flows are gone. */
	while (question->state == SP_QUESTION_ANSWERING && question->followers->len)
		sp_question_close(question->followers->pdata[0], NULL, reason);
	sp_question_enter(question, SP_QUESTION_CLOSED);
	sp_question_disband(question);
	sp_question_leave(question);
	sp_question_drop_flows(question);
	sp_question_cancel(question, except, reason);
	g_hash_table_remove(questions->by_key, &question->key);
	g_hash_table_remove(questions->by_id, &question->id);	/* frees it */
}

void sp_question_refuse(struct sp_question *question, enum sp_action action,
		   enum sp_record_by by, const struct sp_agent *except, const char *reason)
{
	while (question->followers->len)
		sp_question_refuse(question->followers->pdata[0], action, by, NULL, reason);
	if (question->pending->len)	/* one that was held can have outlived them */
		sp_link_answer(question->questions->link,
			       (const uint64_t *)(void *)question->pending->data,
			       question->pending->len, action, by, FALSE, NULL, NULL);
	sp_question_close(question, except, reason);
}
