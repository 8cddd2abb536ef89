/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See prompts.h. */
#include "prompts.h"

#include "questions.h"

SpProgram *prompts_program(guint count)
{
	struct sp_question *first = gui_question(1, NULL);
	SpProgram *program = sp_program_new(first);

	for (guint i = 0; i < count; i++) {
		g_autofree char *remote = g_strdup_printf("192.0.2.%u", i + 1);
		g_autoptr(SpRequest) ask = sp_request_new(gui_question_with(i + 1, "remote", remote));

		sp_program_add(program, ask);
	}
	sp_question_free(first);
	return program;
}

GtkWidget *prompts_window(SpProgram *program)
{
	GtkWidget *window = sp_prompt_window_new(NULL, program);

	sp_prompt_window_appear(SP_PROMPT_WINDOW(window));
	while (!gtk_widget_get_mapped(window) || !gtk_widget_get_height(window))
		g_main_context_iteration(NULL, TRUE);
	return window;
}
