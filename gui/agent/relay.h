/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The prompt as the agent sees it: a program that is started when a question
 * comes, and started again with all open questions if it dies meanwhile.
 *
 * Both speak the bus's own interfaces (Agent one way, Questions the other) over
 * a pair of sockets that is made for each start and inherited by that program
 * alone, so nobody else can give an answer here. The program is the file
 * sallyport-prompt beside the agent's own; neither a variable nor an option
 * names another. See HACKING.md.
 */
#pragma once

#include <gio/gio.h>

#include "question.h"

struct sp_relay;

/* Strings are the caller's. An answer ends in one sp_relay_reply(). */
struct sp_relay_calls {
	void (*answer)(guint64 id, const char *token, const char *action,
		       const char *scope, const char *lifetime, void *data);
	void (*dismiss)(guint64 id, const char *token, void *data);
	/* Somebody looks at it; FALSE: not any more. */
	void (*hold)(guint64 id, const char *token, gboolean held, void *data);
	/* The prompt can't be kept running. Questions stay open. */
	void (*broken)(const char *why, void *data);
};

/* @calls and @data must live as long as the relay. */
struct sp_relay *sp_relay_new(const struct sp_relay_calls *calls, void *data);
/* Ends the prompt. */
void sp_relay_free(struct sp_relay *relay);

void sp_relay_ask(struct sp_relay *relay, struct sp_question *question);	/* takes it */
void sp_relay_update(struct sp_relay *relay, guint64 id, GVariant *changes);
void sp_relay_cancel(struct sp_relay *relay, guint64 id, const char *reason);
/* All questions are void, for @reason. */
void sp_relay_reset(struct sp_relay *relay, const char *reason);
void sp_relay_reply(struct sp_relay *relay, guint64 id, const GError *error);

void sp_relay_each(const struct sp_relay *relay,
		   void (*call)(const struct sp_question *question, void *data), void *data);
/* An open question, or NULL. */
const struct sp_question *sp_relay_find(const struct sp_relay *relay, guint64 id);
/* Brings the window to the front. @token: of the desktop, or NULL. */
void sp_relay_show(struct sp_relay *relay, guint64 id, const char *token);
