/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal agent's mind. The head of @questions is on screen in every
 * state but IDLE, in which there are none. show() is the only way for a
 * question to get on screen.
 */
#include "dialog.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#include "agent.h"
#include "error.h"
#include "width.h"
#include "words.h"

struct sp_dialog {
	enum sp_dialog_state state;
	GQueue questions;	/* struct sp_question */
	GQueue acts;		/* struct sp_act */
	guint serial;
	guint scope;		/* index into the current one's scopes */
	guint lifetime;		/* index into its lifetimes */
	gint64 inert;		/* clock until which keys do nothing */
	gint64 settling;	/* clock until which keys don't answer */
	gboolean hidden;
	gboolean sure;		/* an answer that is to be given twice was given once */
	char *message;		/* about the current question */
	char *said;		/* the line for the answer that is being sent */
	char *cancelled;	/* why it was cancelled meanwhile; NULL: it was not */
};

struct sp_dialog *sp_dialog_new(void)
{
	struct sp_dialog *d = g_new0(struct sp_dialog, 1);

	g_queue_init(&d->questions);
	g_queue_init(&d->acts);
	return d;
}

void sp_act_free(struct sp_act *act)
{
	if (!act)
		return;
	g_free(act->token);
	g_free(act->scope);
	g_free(act->lifetime);
	g_free(act->text);
	g_free(act);
}

static void free_question(gpointer data)
{
	sp_question_free(data);
}

static void free_act(gpointer data)
{
	sp_act_free(data);
}

static void forget_current(struct sp_dialog *d)
{
	g_clear_pointer(&d->message, g_free);
	g_clear_pointer(&d->said, g_free);
	g_clear_pointer(&d->cancelled, g_free);
}

void sp_dialog_free(struct sp_dialog *d)
{
	if (!d)
		return;
	forget_current(d);
	g_queue_clear_full(&d->questions, free_question);
	g_queue_clear_full(&d->acts, free_act);
	g_free(d);
}

static struct sp_act *push_act(struct sp_dialog *d, enum sp_act_kind kind)
{
	struct sp_act *act = g_new0(struct sp_act, 1);

	act->kind = kind;
	g_queue_push_tail(&d->acts, act);
	return act;
}

/* "what: curl → 192.0.2.2 port 80" */
static void say(struct sp_dialog *d, const char *what, const struct sp_question *q,
		guint64 rule)
{
	g_autofree char *harmless = sp_width_harmless(what);
	g_autofree char *flow = sp_question_flow(q);
	struct sp_act *act = push_act(d, SP_ACT_SAY);

	if (rule)
		act->text = g_strdup_printf(_("%s: %s (rule %" PRIu64 ")"),
					    harmless, flow, rule);
	else
		act->text = g_strdup_printf("%s: %s", harmless, flow);
}

static guint index_of(GStrv list, const char *word)
{
	for (guint i = 0; list[i]; i++)
		if (strcmp(list[i], word) == 0)
			return i;
	return G_MAXUINT;
}

/* "always" where it is offered: that is what the keys say. */
static guint first_lifetime(const struct sp_question *q)
{
	guint always = index_of(q->lifetimes, "always");
	guint given = index_of(q->lifetimes, q->lifetime_default);

	if (always != G_MAXUINT)
		return always;
	return given != G_MAXUINT ? given : 0;
}

/* The narrowest, for the file as it is where that is offered. */
static guint first_scope(const struct sp_question *q)
{
	int version = sp_question_find_scope(q, "this-host-port" SP_THIS_VERSION);

	return (guint)MAX(version >= 0 ? version : sp_question_find_scope(q, "this-host-port"), 0);
}

/* The head of the queue gets on screen, if there is one. */
static void show(struct sp_dialog *d, struct sp_moment now)
{
	const struct sp_question *q = g_queue_peek_head(&d->questions);

	forget_current(d);
	if (!q) {
		d->state = SP_DIALOG_IDLE;
		return;
	}
	d->state = SP_DIALOG_SHOWN;
	d->sure = FALSE;
	d->scope = first_scope(q);
	d->lifetime = first_lifetime(q);
	d->serial++;
	sp_dialog_drawn(d, now);
}

static void drop_current(struct sp_dialog *d, struct sp_moment now)
{
	sp_question_free(g_queue_pop_head(&d->questions));
	show(d, now);
}

void sp_dialog_drawn(struct sp_dialog *d, struct sp_moment now)
{
	d->inert = now.clock + SP_DIALOG_INERT;
	d->settling = d->inert;
}

void sp_dialog_hide(struct sp_dialog *d, gboolean hidden, struct sp_moment now)
{
	if (d->hidden && !hidden)
		sp_dialog_drawn(d, now);
	d->hidden = hidden;
}

static GList *find(struct sp_dialog *d, guint64 id)
{
	for (GList *link = d->questions.head; link; link = link->next)
		if (((struct sp_question *)link->data)->id == id)
			return link;
	return NULL;
}

/* It says something else now: keys wait until that can be read. */
static void show_anew(struct sp_dialog *d, struct sp_moment now)
{
	d->sure = FALSE;
	d->serial++;
	sp_dialog_drawn(d, now);
}

/* What was chosen stays chosen, as far as it is still offered. */
static void renew(struct sp_dialog *d, GList *link, struct sp_question *question,
		  struct sp_moment now)
{
	struct sp_question *former = link->data;
	const char *scope = sp_question_scope(former, d->scope)->name;
	int same = sp_question_find_scope(question, scope);
	guint lifetime = index_of(question->lifetimes, former->lifetimes[d->lifetime]);

	link->data = question;
	if (link == d->questions.head) {
		d->scope = same >= 0 ? (guint)same : first_scope(question);
		d->lifetime = lifetime != G_MAXUINT ? lifetime : first_lifetime(question);
		show_anew(d, now);
	}
	sp_question_free(former);
}

void sp_dialog_ask(struct sp_dialog *d, struct sp_question *question, struct sp_moment now)
{
	GList *link = find(d, question->id);

	if (link) {
		renew(d, link, question, now);
		return;
	}
	g_queue_push_tail(&d->questions, question);
	if (d->state == SP_DIALOG_IDLE)
		show(d, now);
}

void sp_dialog_update(struct sp_dialog *d, guint64 id, GVariant *changes,
		      struct sp_moment now)
{
	GList *link = find(d, id);

	if (link && sp_question_update(link->data, changes) && link == d->questions.head &&
	    d->state == SP_DIALOG_SHOWN)
		show_anew(d, now);
}

void sp_dialog_cancel(struct sp_dialog *d, guint64 id, const char *reason,
		      struct sp_moment now)
{
	GList *link = find(d, id);

	if (!link)
		return;
	if (link == d->questions.head && d->state == SP_DIALOG_SENDING) {
		/* The reply says how it ended. */
		g_free(d->cancelled);
		d->cancelled = g_strdup(reason);
		return;
	}
	say(d, sp_words_cancel(reason), link->data, 0);
	if (link == d->questions.head) {
		drop_current(d, now);
		return;
	}
	sp_question_free(link->data);
	g_queue_delete_link(&d->questions, link);
}

void sp_dialog_reset(struct sp_dialog *d)
{
	g_queue_clear_full(&d->questions, free_question);
	forget_current(d);
	d->state = SP_DIALOG_IDLE;
}

gboolean sp_dialog_answer(struct sp_dialog *d, const char *action, const char *scope,
			  const char *lifetime)
{
	const struct sp_question *q = sp_dialog_current(d);
	struct sp_act *act;

	if (d->state != SP_DIALOG_SHOWN)
		return FALSE;
	if (!sp_question_has_lifetime(q, lifetime) || sp_question_find_scope(q, scope) < 0)
		return FALSE;
	act = push_act(d, SP_ACT_ANSWER);
	act->id = q->id;
	act->token = g_strdup(q->token);
	act->action = action;
	act->scope = g_strdup(scope);
	act->lifetime = g_strdup(lifetime);
	g_free(d->said);
	d->said = sp_words_answer(action, lifetime);
	d->state = SP_DIALOG_SENDING;
	return TRUE;
}

void sp_dialog_dismiss(struct sp_dialog *d)
{
	const struct sp_question *q = sp_dialog_current(d);
	struct sp_act *act;

	if (d->state != SP_DIALOG_SHOWN)
		return;
	act = push_act(d, SP_ACT_DISMISS);
	act->id = q->id;
	act->token = g_strdup(q->token);
	g_free(d->said);
	d->said = g_strdup(_("not now"));
	d->state = SP_DIALOG_SENDING;
}

/* Back on screen with the reason, if it is still open. */
static void reply_failed(struct sp_dialog *d, const GError *error, struct sp_moment now)
{
	struct sp_question *q = g_queue_peek_head(&d->questions);
	const char *end = NULL;

	if (g_error_matches(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NO_SUCH_QUESTION))
		end = d->cancelled ? sp_words_cancel(d->cancelled) : _("no longer asked");
	else if (sp_agent_error_is_final(error))
		end = error->message;
	else if (d->cancelled)
		end = sp_words_cancel(d->cancelled);
	if (end) {
		say(d, end, q, 0);
		drop_current(d, now);
		return;
	}
	g_free(d->message);
	d->message = g_strdup(error->message);
	d->state = SP_DIALOG_SHOWN;
	d->serial++;
	sp_dialog_drawn(d, now);
}

void sp_dialog_reply(struct sp_dialog *d, guint64 id, guint64 rule, const GError *error,
		     struct sp_moment now)
{
	struct sp_question *q = g_queue_peek_head(&d->questions);

	if (d->state != SP_DIALOG_SENDING || q->id != id)
		return;		/* of before a reset */
	if (error) {
		reply_failed(d, error, now);
		return;
	}
	say(d, d->said, q, rule);
	drop_current(d, now);
}

static void tell(struct sp_dialog *d, char *message)
{
	g_free(d->message);
	d->message = message;
}

static void try_answer(struct sp_dialog *d, const char *action, const char *lifetime,
		       struct sp_moment now)
{
	const struct sp_question *q = sp_dialog_current(d);
	const char *scope = sp_question_scope(q, d->scope)->name;

	if (sp_question_wants_certainty(q, action, scope, lifetime) && !d->sure) {
		d->sure = TRUE;
		d->settling = now.clock + SP_DIALOG_INERT;
		tell(d, g_strdup_printf(_("%s runs other code: whatever that is may go anywhere, always. Press the key again if that is meant."),
					q->name));
	} else if (!sp_dialog_answer(d, action, scope, lifetime)) {
		tell(d, g_strdup(_("This answer is not offered here.")));
	}
}

static void cycle(struct sp_dialog *d, guint *index, guint count, struct sp_moment now)
{
	*index = (*index + 1) % count;
	if (d->sure)
		tell(d, NULL);
	d->sure = FALSE;
	d->settling = now.clock + SP_DIALOG_INERT;
}

/* A key that changes what would be answered, or quits. FALSE: none of them. */
static gboolean key_changes(struct sp_dialog *d, gunichar key, struct sp_moment now)
{
	const struct sp_question *q = sp_dialog_current(d);

	switch (key) {
	case 's':
		cycle(d, &d->scope, q->scopes->len, now);
		return TRUE;
	case 'l':
		cycle(d, &d->lifetime, g_strv_length(q->lifetimes), now);
		return TRUE;
	case 'q':
		push_act(d, SP_ACT_QUIT);
		return TRUE;
	default:
		return FALSE;
	}
}

static void key_answers(struct sp_dialog *d, gunichar key, struct sp_moment now)
{
	switch (key) {
	case 'a':
		try_answer(d, "allow", sp_dialog_lifetime(d), now);
		break;
	case 'o':
		try_answer(d, "allow", "once", now);
		break;
	case 'd':
		try_answer(d, "deny", sp_dialog_lifetime(d), now);
		break;
	case 'n':
		sp_dialog_dismiss(d);
		break;
	default:
		break;	/* Enter, Space and all others do nothing */
	}
}

void sp_dialog_key(struct sp_dialog *d, gunichar key, struct sp_moment now)
{
	if (d->state == SP_DIALOG_SENDING)
		return;
	if (d->state == SP_DIALOG_IDLE || d->hidden) {
		if (key == 'q')
			push_act(d, SP_ACT_QUIT);
		return;
	}
	/* Somebody types without looking: wait until he stops. */
	if (now.clock < d->inert || key == SP_KEY_OTHER) {
		sp_dialog_drawn(d, now);
		return;
	}
	if (!key_changes(d, key, now) && now.clock >= d->settling)
		key_answers(d, key, now);
}

struct sp_act *sp_dialog_take(struct sp_dialog *d)
{
	return g_queue_pop_head(&d->acts);
}

enum sp_dialog_state sp_dialog_state(const struct sp_dialog *d)
{
	return d->state;
}

guint sp_dialog_serial(const struct sp_dialog *d)
{
	return d->serial;
}

const struct sp_question *sp_dialog_current(const struct sp_dialog *d)
{
	return d->questions.head ? d->questions.head->data : NULL;
}

const struct sp_question *sp_dialog_behind(const struct sp_dialog *d, guint n)
{
	return g_queue_peek_nth((GQueue *)&d->questions, n + 1);
}

guint sp_dialog_count_behind(const struct sp_dialog *d)
{
	return d->questions.length ? d->questions.length - 1 : 0;
}

guint sp_dialog_scope(const struct sp_dialog *d)
{
	return d->scope;
}

const char *sp_dialog_lifetime(const struct sp_dialog *d)
{
	return sp_dialog_current(d)->lifetimes[d->lifetime];
}

const char *sp_dialog_message(const struct sp_dialog *d)
{
	return d->message;
}

gboolean sp_dialog_inert(const struct sp_dialog *d, struct sp_moment now)
{
	return d->state != SP_DIALOG_SHOWN || now.clock < d->inert || now.clock < d->settling;
}

gint64 sp_dialog_seconds(const struct sp_dialog *d, struct sp_moment now)
{
	gint64 left = sp_dialog_current(d)->deadline - now.wall;

	return left > 0 ? (left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC : 0;
}

gint64 sp_dialog_wake(const struct sp_dialog *d, struct sp_moment now)
{
	gint64 left, tick = -1, ready = MAX(d->inert, d->settling) - now.clock;

	if (d->state != SP_DIALOG_SHOWN)
		return -1;
	left = sp_dialog_current(d)->deadline - now.wall;
	if (left > 0)
		tick = (left - 1) % G_USEC_PER_SEC + 1;
	if (ready > 0 && (tick < 0 || ready < tick))
		tick = ready;
	return tick;
}
