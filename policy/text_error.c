/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors of the rule language: their text, and guesses at what was meant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "sentence.h"
#include "text_error.h"
#include "utf8.h"

/* Longest words that are compared; longer ones are no typing errors. */
#define WORD_MAX 24
#define TYPING_ERRORS 2

/* Cuts @text to at most @length bytes, between two characters. */
static void cut(char *text, size_t length)
{
	if (strlen(text) <= length)
		return;
	text[length] = '\0';
	text[sp_utf8_valid(text, length)] = '\0';
}

void sp_text_fail_list(struct sp_text_error *error, unsigned column,
		       const char *format, va_list arguments)
{
	char message[2 * sizeof(error->message)];

	vsnprintf(message, sizeof(message), format, arguments);
	cut(message, sizeof(error->message) - 1);
	error->line = 1;
	error->column = column;
	strcpy(error->message, message);
}

void sp_text_fail(struct sp_text_error *error, unsigned column,
		  const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	sp_text_fail_list(error, column, format, arguments);
	va_end(arguments);
}

const char *sp_text_shown(const char *word, char shown[SP_SHOWN])
{
	static const char more[] = "…";
	char *literal = sp_text_literal(word, strlen(word));

	if (!literal)
		return "";
	if (strlen(literal) < SP_SHOWN) {
		strcpy(shown, literal);
	} else {
		cut(literal, SP_SHOWN - sizeof(more));
		strcpy(shown, literal);
		strcat(shown, more);
	}
	free(literal);
	return shown;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

static char lower(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char)(letter + 'a' - 'A') : letter;
}

/* Letters to insert, delete or change to make one word of the other. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], width = strlen(b);

	if (strlen(a) > WORD_MAX || width > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			size_t above = row[j];

			row[j] = smallest(row[j - 1] + 1, above + 1,
					  diagonal + (lower(a[i - 1]) != lower(b[j - 1])));
			diagonal = above;
		}
	}
	return row[width];
}

const char *sp_text_suggest(const char *word, const char *const *candidates,
			    size_t count)
{
	size_t length = strlen(word), least = TYPING_ERRORS + 1;
	const char *best = NULL;

	for (size_t i = 0; i < count; i++)
		if (length >= 2 && !strncasecmp(candidates[i], word, length))
			return candidates[i];
	for (size_t i = 0; i < count; i++) {
		size_t errors = distance(word, candidates[i]);

		if (2 * errors >= strlen(candidates[i]) || errors > least)
			continue;
		if (errors < least || (best && strlen(candidates[i]) > strlen(best))) {
			least = errors;
			best = candidates[i];
		}
	}
	return best;
}
