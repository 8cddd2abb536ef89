/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An agent: gets the daemon's questions and gives answers. It registers again
 * when the daemon comes back. Calls from anyone but the daemon are refused.
 */
#pragma once

#include <gio/gio.h>

#include "question.h"

struct sp_agent;

struct sp_agent_calls {
	/*
	 * The daemon is there. Nothing more is done until sp_agent_go_on(), so that what must
	 * be prepared before questions come is prepared. NULL: there is nothing.
	 */
	void (*found)(void *data);
	/* The daemon takes us as an agent. */
	void (*registered)(void *data);
	/*
	 * It takes us for another program than we are, and would ask for a password: since we
	 * are older than the kernel module, or our file was replaced. Being executed anew may
	 * help. Returns if not; then a password is asked for. NULL: it is at once.
	 */
	void (*unknown)(void *data);
	/* It does not, or is not there: @error. Questions so far are void. */
	void (*lost)(const GError *error, void *data);
	void (*ask)(struct sp_question *question, void *data);	/* takes it */
	void (*update)(guint64 id, GVariant *changes, void *data);
	void (*cancel)(guint64 id, const char *reason, void *data);
	/*
	 * Rules that allow were made, not by an answer: as in Questions.Widened. NULL:
	 * it is not wanted.
	 */
	void (*widened)(GVariant *rules, guint count, guint32 maker, void *data);
	/* The daemon's reply; @rule 0: none was made or it did not say. */
	void (*replied)(guint64 id, guint64 rule, const GError *error, void *data);
};

/* @kind: "terminal", "desktop". @calls and @data must live as long as the agent. */
struct sp_agent *sp_agent_new(GDBusConnection *bus, const char *kind,
			      const struct sp_agent_calls *calls, void *data);
void sp_agent_free(struct sp_agent *agent);
/* After each found(): has us registered. */
void sp_agent_go_on(struct sp_agent *agent);

void sp_agent_answer(struct sp_agent *agent, guint64 id, const char *token,
		     const char *action, const char *scope, const char *lifetime);
void sp_agent_dismiss(struct sp_agent *agent, guint64 id, const char *token);
/* A person has it under his hand; FALSE: not any more. No reply. */
void sp_agent_hold(struct sp_agent *agent, guint64 id, const char *token, gboolean held);

/* With this error to an answer the question is over all the same. */
gboolean sp_agent_error_is_final(const GError *error);
