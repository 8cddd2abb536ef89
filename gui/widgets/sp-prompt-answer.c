/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-prompt-private.h: which questions an answer is for, what it says, and that it goes out. */
#include "sp-prompt-private.h"

GPtrArray *sp_prompt_window_answered(SpPromptWindow *self)
{
	GPtrArray *asks = g_ptr_array_new_with_free_func(g_object_unref);

	for (guint i = 0; i < sp_program_count(self->program); i++) {
		SpRequest *ask = sp_program_get(self->program, i);

		if (self->many ? sp_request_chosen(ask) : ask == self->ask)
			g_ptr_array_add(asks, g_object_ref(ask));
	}
	return asks;
}

guint sp_prompt_window_count_answered(SpPromptWindow *self)
{
	g_autoptr(GPtrArray) asks = sp_prompt_window_answered(self);

	return asks->len;
}

gboolean sp_prompt_window_can_answer(SpPromptWindow *self)
{
	g_autoptr(GPtrArray) asks = sp_prompt_window_answered(self);

	for (guint i = 0; i < asks->len; i++)
		if (sp_request_is_sending(asks->pdata[i]))
			return FALSE;
	return asks->len > 0;
}

/* In a list it may be of one that is not marked any more. */
const char *sp_prompt_window_message(SpPromptWindow *self)
{
	const char *message = sp_request_message(self->ask);

	for (guint i = 0; self->many && !message && i < sp_program_count(self->program); i++)
		message = sp_request_message(sp_program_get(self->program, i));
	return message;
}

gboolean sp_prompt_window_has_versions(SpPromptWindow *self)
{
	g_autoptr(GPtrArray) asks = sp_prompt_window_answered(self);
	gboolean all = asks->len > 0;

	for (guint i = 0; i < asks->len && all; i++)
		all = sp_question_has_versions(sp_request_question(asks->pdata[i]));
	return all;
}

/* They go from narrow to wide; for which version is asked beside them. */
static const char *narrowest(const struct sp_question *question)
{
	guint i = 0;

	while (g_str_has_suffix(sp_question_scope(question, i)->name, SP_THIS_VERSION))
		i++;
	return sp_question_scope(question, i)->name;
}

char *sp_prompt_window_scope(SpPromptWindow *self, const struct sp_question *question)
{
	gboolean pinned = sp_prompt_window_has_versions(self) &&
			  !gtk_check_button_get_active(self->updates);
	const char *chosen = sp_scope_chooser_get(self->scope);

	return g_strconcat(*chosen ? chosen : narrowest(question),
			   pinned ? SP_THIS_VERSION : "", NULL);
}

static gboolean wants_certainty(SpPromptWindow *self, const char *action)
{
	const struct sp_question *question = sp_prompt_window_question(self);
	g_autofree char *scope = sp_prompt_window_scope(self, question);

	return sp_question_wants_certainty(question, action, scope,
					   sp_lifetime_row_get(self->lifetime));
}

static void answer(SpPromptWindow *self, SpRequest *ask, const char *action, const char *lifetime)
{
	g_autofree char *scope = sp_prompt_window_scope(self, sp_request_question(ask));

	sp_request_answer(ask, action, scope, lifetime);
}

void sp_prompt_window_answer(SpPromptWindow *self, const char *action)
{
	g_autoptr(GPtrArray) asks = sp_prompt_window_answered(self);
	g_autofree char *lifetime = g_strdup(sp_lifetime_row_get(self->lifetime));

	if (!self->sure && wants_certainty(self, action)) {
		self->sure = TRUE;
		sp_answer_bar_arm(self->answers);
		sp_prompt_window_show_state(self);
		return;
	}
	for (guint i = 0; i < asks->len; i++)
		answer(self, g_ptr_array_index(asks, i), action, lifetime);
}

void sp_prompt_window_dismiss(SpPromptWindow *self)
{
	g_autoptr(GPtrArray) asks = sp_prompt_window_answered(self);

	for (guint i = 0; i < asks->len; i++)
		sp_request_dismiss(g_ptr_array_index(asks, i));
}

void sp_prompt_window_mark_all(SpPromptWindow *self)
{
	guint count = sp_program_count(self->program);
	gboolean all = sp_prompt_window_count_answered(self) == count;

	for (guint i = 0; i < count; i++)
		sp_request_set_chosen(sp_program_get(self->program, i), !all);
}
