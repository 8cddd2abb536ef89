/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of questions share: questions.c has all of them and what the verdict
 * thread says, ending.c how one ends, asking.c who is asked, answering.c what is answered,
 * joined.c which are one to a person, clock.c its time.
 */
#pragma once

#include "grace.h"
#include "learning.h"
#include "question.h"
#include "questions.h"
#include "snooze.h"

struct sp_questions {
	const struct sp_config *config;
	struct sp_link *link;
	struct sp_policy *policy;
	struct sp_agents *agents;
	const struct sp_history *history;
	struct sp_index *index;
	const struct sp_runners *runners;	/* NULL: not known */
	const struct sp_modes *modes;
	struct sp_learning *learning;
	struct sp_snooze *snooze;
	struct sp_grace *grace;
	GHashTable *by_id;		/* id → question */
	GHashTable *by_key;		/* key → question */
	GHashTable *by_pending;		/* number of a flow → question */
	guint64 last;
};

/* The connection has this question, with this token or the one before, and it is open. */
struct sp_given *sp_questions_find(struct sp_questions *questions, const struct sp_peer *peer,
				   guint64 id, const char *token,
				   struct sp_question **question, GError **error);

/* Forgets its flows: they are answered, or gone. */
void sp_question_drop_flows(struct sp_question *question);
/* The end of every question; it is freed. @except is told nothing. */
void sp_question_close(struct sp_question *question, const struct sp_agent *except,
		       const char *reason);
/* Its flows are refused and it is over. */
void sp_question_refuse(struct sp_question *question, enum sp_action action,
			enum sp_record_by by, const struct sp_agent *except,
			const char *reason);

/* It is known what it is about, as far as that goes: it is asked. */
void sp_question_open(struct sp_question *question);
/* Whoever may is asked, unless it follows another. */
void sp_question_ask(struct sp_question *question);
/* For sp_agents_listen(). */
void sp_questions_agent_added(struct sp_agent *agent, void *data);
void sp_questions_agent_removed(struct sp_agent *agent, void *data);

/* TRUE: it follows another from now on. */
gboolean sp_question_follow(struct sp_question *question);
/* It follows none. */
void sp_question_leave(struct sp_question *question);
/* Those that follow it are asked themselves, soon. */
void sp_question_disband(struct sp_question *question);
/* It says something else now: who follows whom? */
void sp_question_regroup(struct sp_question *question);
/* The first of it and those that follow it with flows that wait; NULL: none. */
struct sp_question *sp_question_unanswered(struct sp_question *question);

/* Its time begins. */
void sp_question_clock_start(struct sp_question *question, gint64 microseconds);
/* It waits for a person now, whatever it waited for. */
void sp_question_clock_resume(struct sp_question *question);
/* @call in place of its end, but not later. */
void sp_question_clock_until(struct sp_question *question, gint64 microseconds,
			     GSourceFunc call);
/* It has none of its own while it follows another; then enough to answer it. */
void sp_question_clock_stop(struct sp_question *question);
void sp_question_clock_again(struct sp_question *question);
/* It stands while an agent holds the question, which may just have changed. */
void sp_question_clock_held(struct sp_question *question);
