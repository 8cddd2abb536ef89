/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time that a question has. It is let stand by agents (Hold) while its person has it
 * under his hand, or can't see it, but not for ever.
 */
#include "questions_private.h"

/* A question that somebody holds lives so long after it was asked; one that is
 * let go has at least so much left. µs. */
#define HOLD_MAX	(5 * 60 * G_USEC_PER_SEC)
#define LET_GO_MIN	(10 * G_USEC_PER_SEC)

static gboolean on_deadline(void *data)
{
	struct sp_question *question = data;

	question->timer = 0;
	sp_question_refuse(question, question->outcome, SP_BY_DEADLINE, NULL, "expired");
	return G_SOURCE_REMOVE;
}

static void set_timer(struct sp_question *question, gint64 microseconds, GSourceFunc call)
{
	if (question->timer)
		g_source_remove(question->timer);
	question->timer = g_timeout_add(MAX(microseconds / 1000, 1), call, question);
}

void sp_question_clock_start(struct sp_question *question, gint64 microseconds)
{
	question->deadline = question->created + microseconds;
	set_timer(question, microseconds, on_deadline);
}

void sp_question_clock_resume(struct sp_question *question)
{
	set_timer(question, question->deadline - g_get_real_time(), on_deadline);
}

void sp_question_clock_until(struct sp_question *question, gint64 microseconds,
			     GSourceFunc call)
{
	set_timer(question, MIN(microseconds, question->deadline - g_get_real_time()), call);
}

void sp_question_clock_stop(struct sp_question *question)
{
	g_clear_handle_id(&question->timer, g_source_remove);
	question->left = 0;
}

void sp_question_clock_again(struct sp_question *question)
{
	question->deadline = MIN(MAX(question->deadline, g_get_real_time() + LET_GO_MIN),
				 question->created + HOLD_MAX);
	sp_question_clock_resume(question);
}

void sp_question_clock_held(struct sp_question *question)
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
	sp_question_clock_resume(question);
	sp_question_update(question);
}

gboolean sp_questions_hold(struct sp_questions *questions, const struct sp_peer *peer,
			   guint64 id, const char *token, gboolean held, GError **error)
{
	struct sp_question *question;
	struct sp_given *given;

	given = sp_questions_find(questions, peer, id, token, &question, error);
	if (!given)
		return FALSE;
	given->held = held;
	sp_question_clock_held(question);
	return TRUE;
}
