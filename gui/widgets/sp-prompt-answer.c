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

gboolean sp_prompt_window_has_versions(SpPromptWindow *self)
{
	g_autoptr(GPtrArray) asks = sp_prompt_window_answered(self);
	gboolean all = asks->len > 0;

	for (guint i = 0; i < asks->len && all; i++)
		all = sp_question_has_versions(sp_request_question(asks->pdata[i]));
	return all;
}

char *sp_prompt_window_scope(SpPromptWindow *self)
{
	gboolean pinned = sp_prompt_window_has_versions(self) &&
			  !gtk_check_button_get_active(self->updates);

	return g_strconcat(sp_scope_chooser_get(self->scope), pinned ? SP_THIS_VERSION : "", NULL);
}

static gboolean wants_certainty(SpPromptWindow *self, const char *action)
{
	g_autofree char *scope = sp_prompt_window_scope(self);

	return sp_question_wants_certainty(sp_prompt_window_question(self), action, scope,
					   sp_lifetime_row_get(self->lifetime));
}

void sp_prompt_window_answer(SpPromptWindow *self, const char *action)
{
	g_autoptr(GPtrArray) asks = sp_prompt_window_answered(self);
	g_autofree char *scope = sp_prompt_window_scope(self);
	g_autofree char *lifetime = g_strdup(sp_lifetime_row_get(self->lifetime));

	if (!self->sure && wants_certainty(self, action)) {
		self->sure = TRUE;
		sp_answer_bar_arm(self->answers);
		sp_prompt_window_show_state(self);
		return;
	}
	for (guint i = 0; i < asks->len; i++)
		sp_request_answer(g_ptr_array_index(asks, i), action, scope, lifetime);
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
