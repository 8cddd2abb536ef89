/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All open questions: flows come in and join or make one, agents answer, time
 * runs out. Each question ends in exactly one way, and its flows with it.
 */
#pragma once

#include <gio/gio.h>
#include "agents.h"
#include "config.h"
#include "history/history.h"
#include "index.h"
#include "mode.h"
#include "policy_state.h"
#include "runners.h"
#include "verdict_link.h"

#define SP_QUESTIONS_MAX	256

struct sp_questions;

/* None of the arguments is taken. */
struct sp_questions *sp_questions_new(const struct sp_config *config, struct sp_link *link,
				      struct sp_policy *policy, struct sp_agents *agents,
				      const struct sp_history *history, struct sp_index *index,
				      const struct sp_runners *runners,
				      const struct sp_modes *modes);
/* Every question is cancelled, "stopping". */
void sp_questions_free(struct sp_questions *questions);
/* As a person counts them. */
guint sp_questions_count(const struct sp_questions *questions);

/* From the verdict thread. Takes @waiting. */
void sp_questions_ask(struct sp_questions *questions, struct sp_waiting *waiting,
		      guint64 rule);
/* What became known of a flow since. */
void sp_questions_late(struct sp_questions *questions, const struct sp_late *late);
void sp_questions_gone(struct sp_questions *questions, guint64 pending,
		       enum sp_gone_reason reason);
/* The verdict thread has stopped: no flow waits any more. */
void sp_questions_reset(struct sp_questions *questions);

/* @error NULL: done, and in force. */
typedef void (*sp_answer_done)(const GError *error, void *data);

/*
 * Would this answer make a rule that allows? Then *@rule is it, for the caller to clear.
 * FALSE with @error unset: it would not; with it: there is no such answer.
 */
gboolean sp_questions_would_allow(struct sp_questions *questions, const struct sp_peer *peer,
				  guint64 id, const char *token, const char *action,
				  const char *scope, const char *lifetime, struct sp_rule *rule,
				  GError **error);
/* @action: "allow" or "deny". FALSE with @error: refused, @done is not called. */
gboolean sp_questions_answer(struct sp_questions *questions, const struct sp_peer *peer,
			     guint64 id, const char *token, const char *action,
			     const char *scope, const char *lifetime,
			     sp_answer_done done, void *data, GError **error);
gboolean sp_questions_dismiss(struct sp_questions *questions, const struct sp_peer *peer,
			      guint64 id, const char *token, GError **error);
/* A person has it under his hand, or not any more (see the interface). */
gboolean sp_questions_hold(struct sp_questions *questions, const struct sp_peer *peer,
			   guint64 id, const char *token, gboolean held, GError **error);
