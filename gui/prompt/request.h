/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A question as the windows share it. Whatever a widget does with it becomes a
 * signal, which the application carries to the agent:
 *
 *	answer(action, scope, lifetime)    dismiss()    hold(held)
 *
 * and what becomes of it is "changed"; when another question has taken its place,
 * of which more is known, "renewed" comes before that.
 */
#pragma once

#include <gio/gio.h>

#include "question.h"

#define SP_TYPE_REQUEST (sp_request_get_type())
G_DECLARE_FINAL_TYPE(SpRequest, sp_request, SP, REQUEST, GObject)

SpRequest *sp_request_new(struct sp_question *question);	/* takes it */
const struct sp_question *sp_request_question(SpRequest *self);
/* Of a model of them, as long as it has that one. */
const struct sp_question *sp_request_question_at(GListModel *asks, guint position);

/* Property "chosen": an answer to several means this one, too. */
gboolean sp_request_chosen(SpRequest *self);
void sp_request_set_chosen(SpRequest *self, gboolean chosen);

/* Nothing while an answer is on its way. */
void sp_request_answer(SpRequest *self, const char *action, const char *scope, const char *lifetime);
void sp_request_dismiss(SpRequest *self);
void sp_request_hold(SpRequest *self, gboolean held);

gboolean sp_request_is_sending(SpRequest *self);
const char *sp_request_message(SpRequest *self);	/* why the last answer was not taken; NULL */

/* For the application. */
void sp_request_renew(SpRequest *self, struct sp_question *question);	/* takes it */
void sp_request_update(SpRequest *self, GVariant *changes);
void sp_request_refused(SpRequest *self, const GError *error);
