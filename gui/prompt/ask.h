/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A question as the windows share it. Whatever a widget does with it becomes a
 * signal, which the application carries to the agent:
 *
 *	answer(action, scope, lifetime)    dismiss()    hold(held)
 *
 * and what becomes of it is "changed".
 */
#pragma once

#include <glib-object.h>

#include "question.h"

#define SP_TYPE_ASK (sp_ask_get_type())
G_DECLARE_FINAL_TYPE(SpAsk, sp_ask, SP, ASK, GObject)

SpAsk *sp_ask_new(struct sp_question *question);	/* takes it */
const struct sp_question *sp_ask_question(SpAsk *self);

/* Property "chosen": an answer to several means this one, too. */
gboolean sp_ask_chosen(SpAsk *self);
void sp_ask_set_chosen(SpAsk *self, gboolean chosen);

/* Nothing while an answer is on its way. */
void sp_ask_answer(SpAsk *self, const char *action, const char *scope, const char *lifetime);
void sp_ask_dismiss(SpAsk *self);
void sp_ask_hold(SpAsk *self, gboolean held);

gboolean sp_ask_is_sending(SpAsk *self);
const char *sp_ask_message(SpAsk *self);	/* why the last answer was not taken; NULL */

/* For the application. */
void sp_ask_update(SpAsk *self, GVariant *changes);
void sp_ask_refused(SpAsk *self, const GError *error);
