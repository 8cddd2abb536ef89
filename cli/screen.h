/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the terminal agent shows for a question: lines, made to fit. Pure.
 * Lines that matter less go first where there is no room; where not even the
 * sentence, the time left and the keys fit, the question is not shown.
 */
#pragma once

#include "dialog.h"

struct sp_screen {
	GPtrArray *lines;	/* char *, with colour if asked for */
	gboolean complete;	/* FALSE: only a hint that there is no room */
};

/* For a dialog that has a question. */
void sp_screen_make(struct sp_screen *screen, const struct sp_dialog *dialog,
		    int rows, int columns, gboolean colour, struct sp_moment now);
void sp_screen_clear(struct sp_screen *screen);

/* The same facts as plain text, a line each, for where there is no terminal. */
char *sp_screen_plain(const struct sp_dialog *dialog, struct sp_moment now);

/* "denied in 41 s" */
char *sp_screen_countdown(const struct sp_dialog *dialog, struct sp_moment now);
