/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts a line of the rule language into words. Inside policy/ only. */
#pragma once

#include "text.h"

struct sp_lexer {
	const char *line;
	size_t length, at;
	struct sp_text_error *error;
};

struct sp_word {
	unsigned column, end;	/* of its first byte, and behind its last */
	char text[SP_RULE_PATH_MAX + 1];	/* without quotes and escapes */
};

/* Checks the line as a whole: length, UTF-8, control characters. */
bool sp_lex_begin(struct sp_lexer *lexer, const char *line, size_t length,
		  struct sp_text_error *error);

/*
 * 1: *@word; 0: the line or its words end here; -1: *lexer->error. Where there
 * is no word, word->column is the column behind the last one.
 */
int sp_lex_word(struct sp_lexer *lexer, struct sp_word *word);

/*
 * What stands behind '#', without the blanks around it; NULL: nothing. To be
 * called when sp_lex_word() has said 0. @column: where it begins.
 */
const char *sp_lex_note(struct sp_lexer *lexer, size_t *length, unsigned *column);
