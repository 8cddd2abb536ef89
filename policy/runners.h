/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The class of programs that run other people's code: shells, interpreters, launchers.
 * Read from one file, whose lines are NAME CLASS REASON; what stands behind '#' at the
 * beginning of a line and empty lines say nothing. See data/runners.
 */
#pragma once

#include <stdio.h>
#include "text.h"

/* Limits: what is beyond is an error, and nothing is read. */
#define SP_RUNNERS_MAX		512
#define SP_RUNNER_LINE_MAX	512	/* bytes */
#define SP_RUNNER_NAME_MAX	63	/* bytes */

enum sp_runner {
	SP_RUNNER_NONE,
	SP_RUNNER_SHELL,
	SP_RUNNER_INTERPRETER,
	SP_RUNNER_MACHINE,
	SP_RUNNER_LAUNCHER,
};

struct sp_runners;

/* Whole or not at all; NULL: *@error, its line 0 where that is no line's fault. */
struct sp_runners *sp_runners_read(FILE *file, struct sp_text_error *error);
struct sp_runners *sp_runners_load(const char *path, struct sp_text_error *error);
void sp_runners_free(struct sp_runners *runners);	/* NULL is fine */

/* @name: the last part of a path; "python3.11" is python. @runners may be NULL. */
enum sp_runner sp_runners_find(const struct sp_runners *runners, const char *name);
/* "shell"; NULL for NONE. */
const char *sp_runner_name(enum sp_runner runner);
/* The class of that name, or NONE. */
enum sp_runner sp_runner_of_name(const char *name);
