/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cuts a line into words at blanks and tabs. In double quotes there are the
 * escapes \" \\ \xHH and nothing else; outside of them quotes, backslashes and
 * '#' in a word are errors, so that no line means two things.
 */
#include <string.h>
#include "lexer.h"
#include "text_error.h"
#include "utf8.h"

static bool blank(char letter)
{
	return letter == ' ' || letter == '\t';
}

static int fail(const struct sp_lexer *lexer, size_t at, const char *message)
{
	sp_text_fail(lexer->error, (unsigned)at + 1, "%s", message);
	return -1;
}

static void fail_control(const struct sp_lexer *lexer, size_t at, uint32_t character)
{
	if (character == 0)
		fail(lexer, at, "there is a NUL byte in the line");
	else if (character == '\r' && at + 1 == lexer->length)
		fail(lexer, at, "the line ends in a carriage return; lines end in a line feed alone");
	else if (character == '\n')
		fail(lexer, at, "there is a line feed in the line");
	else
		sp_text_fail(lexer->error, (unsigned)at + 1,
			     "there is a control character (U+%04X) in the line",
			     (unsigned)character);
}

bool sp_lex_begin(struct sp_lexer *lexer, const char *line, size_t length,
		  struct sp_text_error *error)
{
	*lexer = (struct sp_lexer){ line, length, 0, error };
	if (length > SP_TEXT_LINE_MAX) {
		sp_text_fail(error, SP_TEXT_LINE_MAX + 1,
			     "the line is longer than %d bytes", SP_TEXT_LINE_MAX);
		return false;
	}
	for (size_t at = 0, step; at < length; at += step) {
		uint32_t character;

		step = sp_utf8_decode(line + at, length - at, &character);
		if (!step) {
			sp_text_fail(error, (unsigned)at + 1,
				     "byte \\x%02x is not valid UTF-8", (uint8_t)line[at]);
			return false;
		}
		if (sp_char_control(character) && character != '\t') {
			fail_control(lexer, at, character);
			return false;
		}
	}
	return true;
}

static int digit(char letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	if (letter >= 'a' && letter <= 'f')
		return letter - 'a' + 10;
	if (letter >= 'A' && letter <= 'F')
		return letter - 'A' + 10;
	return -1;
}

/* The byte that the escape at lexer->at stands for, or -1; moves behind it. */
static int escape(struct sp_lexer *lexer)
{
	const char *text = lexer->line + lexer->at;
	size_t left = lexer->length - lexer->at;

	if (left >= 2 && (text[1] == '"' || text[1] == '\\')) {
		lexer->at += 2;
		return text[1];
	}
	if (left >= 4 && text[1] == 'x' && digit(text[2]) >= 0 && digit(text[3]) >= 0) {
		lexer->at += 4;
		return digit(text[2]) << 4 | digit(text[3]);
	}
	return fail(lexer, lexer->at, "expected \\\", \\\\ or \\x with two hexadecimal digits");
}

/* What escapes put into a word must be text too. */
static int check_word(const struct sp_lexer *lexer, size_t start,
		      const char *text, size_t length)
{
	if (sp_utf8_valid(text, length) < length)
		return fail(lexer, start, "this word is not valid UTF-8");
	for (size_t at = 0; at < length;) {
		uint32_t character;

		at += sp_utf8_decode(text + at, length - at, &character);
		if (sp_char_control(character))
			return fail(lexer, start, "this word has a control character");
	}
	return 1;
}

static int too_long(const struct sp_lexer *lexer, size_t start)
{
	sp_text_fail(lexer->error, (unsigned)start + 1,
		     "this word is longer than %d bytes", SP_RULE_PATH_MAX);
	return -1;
}

static int quoted(struct sp_lexer *lexer, struct sp_word *word)
{
	size_t start = lexer->at++, length = 0;

	while (lexer->at < lexer->length && lexer->line[lexer->at] != '"') {
		int byte = (uint8_t)lexer->line[lexer->at];

		if (byte == '\\')
			byte = escape(lexer);
		else
			lexer->at++;
		if (byte < 0)
			return -1;
		if (length == SP_RULE_PATH_MAX)
			return too_long(lexer, start);
		word->text[length++] = (char)byte;
	}
	if (lexer->at == lexer->length)
		return fail(lexer, start, "this quote is never closed");
	lexer->at++;
	if (lexer->at < lexer->length && !blank(lexer->line[lexer->at]))
		return fail(lexer, lexer->at, "expected a blank behind the quote");
	word->text[length] = '\0';
	return check_word(lexer, start, word->text, length);
}

static int plain(struct sp_lexer *lexer, struct sp_word *word)
{
	size_t start = lexer->at, length;

	while (lexer->at < lexer->length && !blank(lexer->line[lexer->at])) {
		if (strchr("\"\\#", lexer->line[lexer->at]))
			return fail(lexer, lexer->at, "a word with quotes, backslashes or '#' stands in double quotes");
		lexer->at++;
	}
	length = lexer->at - start;
	if (length > SP_RULE_PATH_MAX)
		return too_long(lexer, start);
	memcpy(word->text, lexer->line + start, length);
	word->text[length] = '\0';
	return 1;
}

int sp_lex_word(struct sp_lexer *lexer, struct sp_word *word)
{
	size_t last = lexer->at;
	int result;

	while (lexer->at < lexer->length && blank(lexer->line[lexer->at]))
		lexer->at++;
	if (lexer->at == lexer->length || lexer->line[lexer->at] == '#') {
		word->column = (unsigned)last + 1;
		return 0;
	}
	word->column = (unsigned)lexer->at + 1;
	if (lexer->line[lexer->at] == '"')
		result = quoted(lexer, word);
	else
		result = plain(lexer, word);
	word->end = (unsigned)lexer->at + 1;
	return result;
}

const char *sp_lex_note(struct sp_lexer *lexer, size_t *length, unsigned *column)
{
	size_t first = lexer->at + 1, end = lexer->length;

	while (first < end && blank(lexer->line[first]))
		first++;
	while (end > first && blank(lexer->line[end - 1]))
		end--;
	if (first >= end)
		return NULL;
	*length = end - first;
	*column = (unsigned)first + 1;
	return lexer->line + first;
}
