/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that ask, and their windows, for tests of the prompt. */
#pragma once

#include "sp-prompt-window.h"

/* curl with so many questions, to an address each. */
SpProgram *prompts_program(guint count);
/* Its window, on the screen with its size. */
GtkWidget *prompts_window(SpProgram *program);
