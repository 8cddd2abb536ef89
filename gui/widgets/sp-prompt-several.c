/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See sp-prompt-private.h. Questions of a program differ in the process that asks, and so in
 * who started it, what it runs, and what there is to warn of.
 */
#include "sp-prompt-private.h"

#include "facts.h"

GListModel *sp_prompt_window_subjects(SpPromptWindow *self)
{
	g_autoptr(GPtrArray) asks = sp_prompt_window_answered(self);
	GListStore *subjects;

	if (!asks->len)
		return G_LIST_MODEL(g_object_ref(self->program));
	subjects = g_list_store_new(SP_TYPE_REQUEST);
	g_list_store_splice(subjects, 0, 0, asks->pdata, asks->len);
	return G_LIST_MODEL(subjects);
}

static void add_lines(GPtrArray *lines, const struct sp_question *q)
{
	g_autofree char *warning = sp_facts_warning(q);
	g_auto(GStrv) own = g_strsplit(warning, "\n", -1);

	for (guint i = 0; own[i]; i++)
		if (!g_ptr_array_find_with_equal_func(lines, own[i], g_str_equal, NULL))
			g_ptr_array_add(lines, g_strdup(own[i]));
}

char *sp_prompt_window_warning(GListModel *subjects)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < g_list_model_get_n_items(subjects); i++)
		add_lines(lines, sp_request_question_at(subjects, i));
	g_ptr_array_add(lines, NULL);
	return g_strjoinv("\n", (char **)lines->pdata);
}

const struct sp_question *sp_prompt_window_worst(GListModel *subjects)
{
	const struct sp_question *worst = sp_request_question_at(subjects, 0);
	enum sp_tone worst_tone, tone;

	sp_facts_badge(worst, &worst_tone);
	for (guint i = 1; i < g_list_model_get_n_items(subjects); i++) {
		const struct sp_question *q = sp_request_question_at(subjects, i);

		sp_facts_badge(q, &tone);
		if (tone > worst_tone) {
			worst = q;
			worst_tone = tone;
		}
	}
	return worst;
}

gboolean sp_prompt_window_has_one_chain(GListModel *subjects)
{
	g_autofree char *first = sp_facts_chain(sp_request_question_at(subjects, 0));

	for (guint i = 1; i < g_list_model_get_n_items(subjects); i++) {
		g_autofree char *chain = sp_facts_chain(sp_request_question_at(subjects, i));

		if (g_strcmp0(chain, first) != 0)
			return FALSE;
	}
	return TRUE;
}
