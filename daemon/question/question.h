/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A question: flows that wait for a person and are one to him, and the agents
 * that it was given to, each with a token of its own. questions.c makes them
 * and decides about them. Of those that are one to a person in spite of their
 * addresses (joined.c) one leads and is asked; the others follow, and no agent
 * has them.
 */
#pragma once

#include <gio/gio.h>
#include "agents.h"
#include "offer.h"
#include "past.h"
#include "process.h"
#include "runners.h"
#include "verdict.h"
#include "verdict/question_key.h"

#define SP_QUESTION_FLOWS	64

enum sp_question_state {
	SP_QUESTION_NEW,	/* its process is being looked at */
	SP_QUESTION_OPEN,	/* given to the agents there are, and to come */
	SP_QUESTION_ANSWERING,	/* an answer was taken and is being carried out */
	SP_QUESTION_CLOSED,	/* about to be freed */
};

/* What an agent was given. */
struct sp_given {
	struct sp_agent *agent;
	char token[33];
	char former[33];	/* the one before, if it was asked again; else "" */
	struct sp_offer offer;
	gboolean held;		/* its person has the question under his hand */
};

struct sp_questions;

struct sp_question {
	struct sp_questions *questions;
	guint64 id;
	struct sp_question_key key;
	enum sp_question_state state;	/* by sp_question_enter() alone */
	struct sp_waiting *waiting;	/* its first flow */
	struct sp_rule ask;		/* a copy of the rule that asked */
	gboolean asked_by_rule;		/* else the default */
	GArray *pending;		/* guint64; numbers of the flows that wait */
	GPtrArray *given;		/* struct sp_given */
	struct sp_question *leader;	/* NULL: it is asked itself */
	GPtrArray *followers;		/* borrowed; the first came first */
	struct sp_process *process;
	struct sp_process_query *query;		/* NULL: @process has all there is */
	enum sp_runner runner;
	gboolean learnable;	/* as far as the kernel tells (learning.h) */
	struct sp_past past;
	gint64 created, deadline;	/* µs of CLOCK_REALTIME */
	gint64 left;		/* µs it had left when it was held; 0: it is not held */
	enum sp_action outcome;
	guint timer, update, alone;	/* sources */
};

struct sp_question *sp_question_new(guint64 id, const struct sp_question_key *key,
				    struct sp_waiting *waiting, const struct sp_rule *ask);
void sp_question_free(struct sp_question *question);

/* The one setter; never backwards. */
void sp_question_enter(struct sp_question *question, enum sp_question_state state);

/* FALSE: the agent has too many. Not one that has it. */
gboolean sp_question_give(struct sp_question *question, struct sp_agent *agent);
/* More is known: those that have it are asked again. */
void sp_question_renew(struct sp_question *question);
struct sp_given *sp_question_given(const struct sp_question *question,
				   const struct sp_agent *agent);
/* Does anybody hold it? */
gboolean sp_question_wanted(const struct sp_question *question);
/* The agent is gone. */
void sp_question_forget(struct sp_question *question, const struct sp_agent *agent);
/* Tells all agents but @except that it is over. */
void sp_question_cancel(struct sp_question *question, const struct sp_agent *except,
			const char *reason);
/* Do rules allow another version of its file, and none this one? (version.c) */
gboolean sp_question_is_changed(const struct sp_question *question);
/* Tells the agents, soon, what has changed but leaves the question what it is. Of one that
 * follows, those of the one that leads. */
void sp_question_update(struct sp_question *question);

/* Of its own and of its followers' flows: how many wait. */
guint sp_question_count_flows(const struct sp_question *question);

gboolean sp_given_token_is(const struct sp_given *given, const char *token);
/* It is the one that it had before it was asked again. */
gboolean sp_given_token_was(const struct sp_given *given, const char *token);
