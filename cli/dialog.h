/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal agent's mind: which question is on screen, what a key does,
 * what happens next. Pure: events and the time go in, acts come out; it knows
 * no bus and no terminal.
 *
 * One question is on screen at a time. Others queue behind it and never
 * replace it; it goes when it is answered, put off or cancelled. After the
 * question on screen changes, keys do nothing for SP_DIALOG_INERT, and each
 * key that is pressed meanwhile starts that time again: who types into this
 * terminal by accident answers nothing. After the offered rule was changed
 * with a key, the keys that answer wait as long; those that change it do not.
 */
#pragma once

#include "question.h"

#define SP_DIALOG_INERT	(900 * 1000)	/* µs */

struct sp_moment {
	gint64 clock;	/* µs, monotonic */
	gint64 wall;	/* µs of CLOCK_REALTIME, as deadlines are */
};

enum sp_dialog_state {
	SP_DIALOG_IDLE,		/* no question */
	SP_DIALOG_SHOWN,	/* a question is on screen */
	SP_DIALOG_SENDING,	/* its answer is on the way to the daemon */
};

enum sp_act_kind {
	SP_ACT_ANSWER,	/* id, token, action, scope, lifetime */
	SP_ACT_DISMISS,	/* id, token */
	SP_ACT_SAY,	/* text: a line that stays */
	SP_ACT_QUIT,
};

struct sp_act {
	enum sp_act_kind kind;
	guint64 id;
	char *token, *scope, *lifetime, *text;
	const char *action;	/* "allow", "deny" */
};
void sp_act_free(struct sp_act *act);

/* A key that is no character, or several at once (pasted, typed ahead). */
#define SP_KEY_OTHER	0u

struct sp_dialog;

struct sp_dialog *sp_dialog_new(void);
void sp_dialog_free(struct sp_dialog *dialog);

/* Events. */
void sp_dialog_ask(struct sp_dialog *dialog, struct sp_question *question,
		   struct sp_moment now);	/* takes the question */
void sp_dialog_update(struct sp_dialog *dialog, guint64 id, GVariant *changes,
		      struct sp_moment now);
void sp_dialog_cancel(struct sp_dialog *dialog, guint64 id, const char *reason,
		      struct sp_moment now);
void sp_dialog_key(struct sp_dialog *dialog, gunichar key, struct sp_moment now);
/* What was sent was taken (@error NULL; @rule 0: none was made), or not. */
void sp_dialog_reply(struct sp_dialog *dialog, guint64 id, guint64 rule,
		     const GError *error, struct sp_moment now);
/* The daemon is gone, and all questions with it. */
void sp_dialog_reset(struct sp_dialog *dialog);
/* The question was drawn only now, or was out of sight until now. */
void sp_dialog_drawn(struct sp_dialog *dialog, struct sp_moment now);
/* While the terminal is too small to show it, it can't be answered. */
void sp_dialog_hide(struct sp_dialog *dialog, gboolean hidden, struct sp_moment now);

/* A whole answer at once, without keys. FALSE: not offered, or not now. */
gboolean sp_dialog_answer(struct sp_dialog *dialog, const char *action,
			  const char *scope, const char *lifetime);
void sp_dialog_dismiss(struct sp_dialog *dialog);

/* The next act, or NULL. The caller frees it. */
struct sp_act *sp_dialog_take(struct sp_dialog *dialog);

/* What is to be shown. */
enum sp_dialog_state sp_dialog_state(const struct sp_dialog *dialog);
guint sp_dialog_serial(const struct sp_dialog *dialog);	/* grows with each question shown */
const struct sp_question *sp_dialog_current(const struct sp_dialog *dialog);
/* The n-th question that waits behind it, from 0; NULL: there are no more. */
const struct sp_question *sp_dialog_behind(const struct sp_dialog *dialog, guint n);
guint sp_dialog_count_behind(const struct sp_dialog *dialog);
guint sp_dialog_scope(const struct sp_dialog *dialog);
const char *sp_dialog_lifetime(const struct sp_dialog *dialog);
const char *sp_dialog_message(const struct sp_dialog *dialog);	/* or NULL */
gboolean sp_dialog_inert(const struct sp_dialog *dialog, struct sp_moment now);
/* Seconds to the deadline, rounded up; never negative. */
gint64 sp_dialog_seconds(const struct sp_dialog *dialog, struct sp_moment now);
/* µs until what is shown changes by itself; -1: it does not. */
gint64 sp_dialog_wake(const struct sp_dialog *dialog, struct sp_moment now);
