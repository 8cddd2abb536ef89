/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What notifications say and when: a question that nobody has looked at,
 * refusals (gathered, at most one notification in ten seconds), a firewall
 * that does not protect. No timer runs while there is nothing to say.
 */
#pragma once

#include <gio/gio.h>

#include "question.h"

struct sp_news;

struct sp_news_calls {
	/* Chosen in the notification of a question. */
	void (*show)(guint64 id, const char *token, void *data);
	void (*deny)(guint64 id, void *data);
	/* After sp_news_watch(): nothing that is refused from now on is missed. */
	void (*watching)(void *data);
};

struct sp_news *sp_news_new(GDBusConnection *bus, const struct sp_news_calls *calls,
			    void *data);
void sp_news_free(struct sp_news *news);

void sp_news_asked(struct sp_news *news, const struct sp_question *question);
/* The same question, with more known. */
void sp_news_renewed(struct sp_news *news, const struct sp_question *question);
/* Somebody looks at it, or it is over. */
void sp_news_seen(struct sp_news *news, guint64 id);

/* The daemon is there: listens. What it hears is told when we are its agent. */
void sp_news_watch(struct sp_news *news);
/* We are: tells what was missed, too. */
void sp_news_begin(struct sp_news *news);
/* It went, for this reason, and all questions with it. */
void sp_news_end(struct sp_news *news, const GError *why);
/* An answer was taken, but no rule could be kept of it. */
void sp_news_not_kept(struct sp_news *news, const GError *why);
/* Rules that allow were made (aa{sv}, the first of @count), not by an answer. */
void sp_news_widened(struct sp_news *news, GVariant *rules, guint count, guint32 maker);
/* The prompt can't be shown. */
void sp_news_broken(struct sp_news *news, const char *why);
