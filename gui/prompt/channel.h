/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent as the prompt sees it: questions come, answers go, over a
 * connection that was inherited (gui/agent/relay.h). Its end is the prompt's.
 */
#pragma once

#include <gio/gio.h>

#include "question.h"

struct sp_channel;

struct sp_channel_calls {
	void (*ask)(struct sp_question *question, void *data);	/* takes it */
	void (*update)(guint64 id, GVariant *changes, void *data);
	void (*cancel)(guint64 id, const char *reason, void *data);
	/* Bring its window to the front. @token: of the desktop; may be "". */
	void (*show)(guint64 id, const char *token, void *data);
	/* An answer or dismissal was taken, or not: @error, ready to be shown. */
	void (*replied)(guint64 id, const GError *error, void *data);
	void (*closed)(void *data);
};

/* Takes @fd. @calls and @data must live as long as the channel. */
struct sp_channel *sp_channel_new(int fd, const struct sp_channel_calls *calls, void *data,
				  GError **error);
void sp_channel_free(struct sp_channel *channel);

void sp_channel_answer(struct sp_channel *channel, guint64 id, const char *token,
		       const char *action, const char *scope, const char *lifetime);
void sp_channel_dismiss(struct sp_channel *channel, guint64 id, const char *token);
void sp_channel_hold(struct sp_channel *channel, guint64 id, const char *token,
		     gboolean held);
