/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An answer as a line:
 *
 *	allow|deny LIFETIME [SCOPE]
 *	not now
 *	quit
 *
 * LIFETIME and SCOPE are those of the question; SCOPE is "this-host-port"
 * where none is named.
 */
#pragma once

#include "dialog.h"

enum sp_line_result {
	SP_LINE_DONE,
	SP_LINE_QUIT,
	SP_LINE_WRONG,	/* *problem says what was expected */
};

/* While a question is shown. */
enum sp_line_result sp_answer_line(struct sp_dialog *dialog, const char *line,
				   char **problem);
