/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See desk.h. Nothing is decided here: questions go one way, answers the other. */
#include "desk.h"

#include <glib/gi18n-lib.h>

#include "agent.h"
#include "anew.h"
#include "error.h"
#include "front.h"
#include "news.h"
#include "relay.h"

struct sp_desk {
	struct sp_agent *agent;
	struct sp_relay *relay;
	struct sp_news *news;
	struct sp_front *front;
	gboolean away;		/* another person's session is on the screen */
	GHashTable *hands;	/* ids of questions that somebody looks at */
};

/* Its clock stands while its person has it under his hand, and while he can't see it. */
static void hold_one(const struct sp_question *question, void *data)
{
	struct sp_desk *desk = data;
	gboolean held = desk->away || g_hash_table_contains(desk->hands, &question->id);

	sp_agent_hold(desk->agent, question->id, question->token, held);
}

static void forget_hand(struct sp_desk *desk, guint64 id)
{
	g_hash_table_remove(desk->hands, &id);
}

static void on_front(gboolean front, void *data)
{
	struct sp_desk *desk = data;

	desk->away = !front;
	sp_relay_each(desk->relay, hold_one, desk);
}

/* What the daemon says. */

static void found(void *data)
{
	sp_news_watch(((struct sp_desk *)data)->news);
}

static void registered(void *data)
{
	sp_anew_worked();
	sp_news_begin(((struct sp_desk *)data)->news);
}

static void unknown(void *data)
{
	sp_anew();
}

static void lost(const GError *error, void *data)
{
	struct sp_desk *desk = data;

	sp_relay_reset(desk->relay, "stopping");
	g_hash_table_remove_all(desk->hands);
	sp_news_end(desk->news, error);
}

static void ask(struct sp_question *question, void *data)
{
	struct sp_desk *desk = data;

	if (sp_relay_find(desk->relay, question->id))
		sp_news_renewed(desk->news, question);
	else
		sp_news_asked(desk->news, question);
	if (desk->away)
		hold_one(question, desk);
	sp_relay_ask(desk->relay, question);
}

static void update(guint64 id, GVariant *changes, void *data)
{
	sp_relay_update(((struct sp_desk *)data)->relay, id, changes);
}

static void cancel(guint64 id, const char *reason, void *data)
{
	struct sp_desk *desk = data;

	forget_hand(desk, id);
	sp_news_seen(desk->news, id);
	sp_relay_cancel(desk->relay, id, reason);
}

static void replied(guint64 id, guint64 rule, const GError *error, void *data)
{
	struct sp_desk *desk = data;

	if (!error || sp_agent_error_is_final(error)) {
		forget_hand(desk, id);
		sp_news_seen(desk->news, id);
	}
	if (g_error_matches(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NOT_SAVED) ||
	    g_error_matches(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NOT_READY))
		sp_news_not_kept(desk->news, error);
	sp_relay_reply(desk->relay, id, error);
}

static void widened(GVariant *rules, guint count, guint32 maker, void *data)
{
	sp_news_widened(((struct sp_desk *)data)->news, rules, count, maker);
}

static const struct sp_agent_calls agent_calls = {
	.found = found,
	.widened = widened,
	.registered = registered,
	.unknown = unknown,
	.lost = lost,
	.ask = ask,
	.update = update,
	.cancel = cancel,
	.replied = replied,
};

/* What the prompt says. */

static void answer(guint64 id, const char *token, const char *action,
		   const char *scope, const char *lifetime, void *data)
{
	sp_agent_answer(((struct sp_desk *)data)->agent, id, token, action, scope, lifetime);
}

static void dismiss(guint64 id, const char *token, void *data)
{
	sp_agent_dismiss(((struct sp_desk *)data)->agent, id, token);
}

static void hold(guint64 id, const char *token, gboolean held, void *data)
{
	struct sp_desk *desk = data;

	if (held) {
		sp_news_seen(desk->news, id);
		g_hash_table_add(desk->hands, g_memdup2(&id, sizeof(id)));
	} else {
		forget_hand(desk, id);
	}
	sp_agent_hold(desk->agent, id, token, held || desk->away);
}

static void broken(const char *why, void *data)
{
	sp_news_broken(((struct sp_desk *)data)->news, why);
}

static const struct sp_relay_calls relay_calls = {
	.answer = answer,
	.dismiss = dismiss,
	.hold = hold,
	.broken = broken,
};

/* What was chosen in a notification; that records are watched. */

static void show(guint64 id, const char *token, void *data)
{
	sp_relay_show(((struct sp_desk *)data)->relay, id, token);
}

static void deny(guint64 id, void *data)
{
	struct sp_desk *desk = data;
	const struct sp_question *question = sp_relay_find(desk->relay, id);

	if (question)
		sp_agent_answer(desk->agent, id, question->token, "deny",
				sp_question_scope(question, 0)->name, "once");
}

static void watching(void *data)
{
	sp_agent_go_on(((struct sp_desk *)data)->agent);
}

static const struct sp_news_calls news_calls = {
	.watching = watching,
	.show = show,
	.deny = deny,
};

struct sp_desk *sp_desk_new(GDBusConnection *bus)
{
	struct sp_desk *desk = g_new0(struct sp_desk, 1);

	desk->hands = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	desk->relay = sp_relay_new(&relay_calls, desk);
	desk->news = sp_news_new(bus, &news_calls, desk);
	desk->agent = sp_agent_new(bus, "desktop", &agent_calls, desk);
	desk->front = sp_front_new(bus, on_front, desk);
	return desk;
}

void sp_desk_free(struct sp_desk *desk)
{
	if (!desk)
		return;
	sp_front_free(desk->front);
	sp_agent_free(desk->agent);
	sp_relay_free(desk->relay);
	sp_news_free(desk->news);
	g_hash_table_unref(desk->hands);
	g_free(desk);
}
