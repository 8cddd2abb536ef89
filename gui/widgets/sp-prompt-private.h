/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the window share: sp-prompt-window.c is the widget and what happens to
 * it, sp-prompt-show.c what it shows, sp-prompt-answer.c what its buttons are for, and
 * sp-prompt-several.c what is true of all questions that they are for.
 */
#pragma once

#include "hand.h"
#include "sp-answer-bar.h"
#include "sp-countdown.h"
#include "sp-details.h"
#include "sp-headline-label.h"
#include "sp-identity.h"
#include "sp-lifetime-row.h"
#include "sp-prompt-window.h"
#include "sp-scope-chooser.h"

struct _SpPromptWindow {
	AdwApplicationWindow parent;
	SpProgram *program;
	SpRequest *ask;		/* shown; of several the oldest */
	gboolean many;
	gint64 burst;		/* monotonic end of it */
	struct sp_hand *hand;
	const char *action;	/* that the effect is told for */
	gboolean sure;		/* an answer that is to be given twice was given once */
	gboolean opened;	/* the details, just now: they are to be seen */

	GtkWidget *bar, *foot;
	GtkScrolledWindow *page;
	AdwClamp *clamp;
	SpIdentity *identity;
	SpHeadlineLabel *headline;
	GtkLabel *host, *past, *warning, *effect, *message, *waiting_label;
	GtkWidget *warning_box, *list_box, *waiting_box;
	GtkListBox *list, *waiting;
	SpScopeChooser *scope;
	SpLifetimeRow *lifetime;
	GtkCheckButton *updates;
	SpDetails *details;
	SpCountdown *countdown;
	SpAnswerBar *answers;
};

/* The question on the screen; of several the oldest. */
const struct sp_question *sp_prompt_window_question(SpPromptWindow *self);

/* sp-prompt-answer.c */

/* The questions an answer is for: a new array. */
GPtrArray *sp_prompt_window_answered(SpPromptWindow *self);
guint sp_prompt_window_count_answered(SpPromptWindow *self);
/* Nothing is marked, or an answer is on its way: FALSE. */
gboolean sp_prompt_window_can_answer(SpPromptWindow *self);
/* Why an answer was not taken; NULL: none was refused. */
const char *sp_prompt_window_message(SpPromptWindow *self);
/* Can each of them be answered for this version of the program? */
gboolean sp_prompt_window_has_versions(SpPromptWindow *self);
/* As it is sent to answer @question: how far, and for which version of the program. */
char *sp_prompt_window_scope(SpPromptWindow *self, const struct sp_question *question);
void sp_prompt_window_answer(SpPromptWindow *self, const char *action);
void sp_prompt_window_dismiss(SpPromptWindow *self);
void sp_prompt_window_mark_all(SpPromptWindow *self);

/* sp-prompt-several.c */

/* What an answer is for; while nothing is marked, what it could be for. New, of SpRequest. */
GListModel *sp_prompt_window_subjects(SpPromptWindow *self);
/* What there is to warn of about any of them, each line once. */
char *sp_prompt_window_warning(GListModel *subjects);
/* Whose badge is the most worrying. */
const struct sp_question *sp_prompt_window_worst(GListModel *subjects);
gboolean sp_prompt_window_has_one_chain(GListModel *subjects);

/* sp-prompt-show.c */

void sp_prompt_window_fit(SpPromptWindow *self);
/* What is asked, all of it; the buttons are inert for a moment. */
void sp_prompt_window_show_all(SpPromptWindow *self);
/* The same with more known: what was chosen stays. */
void sp_prompt_window_show_renewed(SpPromptWindow *self);
/* Others are asked beside it, or marked: the buttons are inert where that changes more. */
void sp_prompt_window_show_again(SpPromptWindow *self);
void sp_prompt_window_show_lists(SpPromptWindow *self);
void sp_prompt_window_show_effect(SpPromptWindow *self);
/* Answers on their way, nothing marked, the daemon's refusal. */
void sp_prompt_window_show_state(SpPromptWindow *self);
