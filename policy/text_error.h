/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors of the rule language, in words. Inside policy/ only. */
#pragma once

#include <stdarg.h>
#include "text.h"

/* Fills @error; a message that does not fit is cut between two characters. */
void sp_text_fail(struct sp_text_error *error, unsigned column,
		  const char *format, ...) __attribute__((format(printf, 3, 4)));
void sp_text_fail_list(struct sp_text_error *error, unsigned column,
		       const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

/* A word as it may be shown in a message: harmless, and cut where it is long. */
#define SP_SHOWN 64
const char *sp_text_shown(const char *word, char shown[SP_SHOWN]);

/*
 * The candidate that @word was probably meant to be, or NULL: it begins with
 * @word, or is at most two typing errors away.
 */
const char *sp_text_suggest(const char *word, const char *const *candidates,
			    size_t count);
