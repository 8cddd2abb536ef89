/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deny, Not now, Allow. None of them is the default; they do nothing for
 * SP_ANSWER_INERT after sp_answer_bar_arm(), which is called whenever what is
 * asked changes, so that who clicks or types at that moment answers nothing.
 *
 * Signals: "answered" (action: "allow", "deny"), "dismissed", and "pointed"
 * (action): the button for it is under the pointer or has the focus.
 */
#pragma once

#include <gtk/gtk.h>

#define SP_ANSWER_INERT 900	/* ms */

#define SP_TYPE_ANSWER_BAR (sp_answer_bar_get_type())
G_DECLARE_FINAL_TYPE(SpAnswerBar, sp_answer_bar, SP, ANSWER_BAR, GtkBox)

GtkWidget *sp_answer_bar_new(void);
void sp_answer_bar_arm(SpAnswerBar *self);
gboolean sp_answer_bar_is_inert(SpAnswerBar *self);
/* FALSE: an answer is on its way, or there is nothing to answer. */
void sp_answer_bar_set_ready(SpAnswerBar *self, gboolean ready);
