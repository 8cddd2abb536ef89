/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The window of a program's questions. It shows one of them and lists the
 * others below the buttons, where nothing moves under the pointer; from
 * SP_PROMPT_MANY on they are one list with check marks. It takes no focus when
 * it appears. Whatever closes it by hand is "not now".
 */
#pragma once

#include <adwaita.h>

#include "program.h"

#define SP_PROMPT_MANY 4u

#define SP_TYPE_PROMPT_WINDOW (sp_prompt_window_get_type())
G_DECLARE_FINAL_TYPE(SpPromptWindow, sp_prompt_window, SP, PROMPT_WINDOW, AdwApplicationWindow)

/* @program has a question. Who has the window closes it when there are none. */
GtkWidget *sp_prompt_window_new(GtkApplication *application, SpProgram *program);
SpProgram *sp_prompt_window_program(SpPromptWindow *self);	/* borrowed */
void sp_prompt_window_appear(SpPromptWindow *self);
/* What is clicked or typed now may be meant for another window: the buttons wait. */
void sp_prompt_window_arm(SpPromptWindow *self);
/* To the front, since a person wanted it. @token: of the desktop; may be "". */
void sp_prompt_window_raise(SpPromptWindow *self, const char *token);
