/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a line of the rule language: an error with a place, or a rule
 * that can be, whose canonical form says the same rule again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "sentence.h"
#include "text.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

static bool find_user(const char *name, uint32_t *uid)
{
	*uid = 1000;
	return !strcmp(name, "alice");
}

static bool harmless(const char *text)
{
	size_t length = strlen(text);

	for (size_t at = 0, step; at < length; at += step) {
		uint32_t character;

		step = sp_utf8_decode(text + at, length - at, &character);
		if (!step || sp_char_control(character) || sp_char_format(character))
			return false;
	}
	return true;
}

static void check_error(const struct sp_text_error *error, size_t size)
{
	must(error->column >= 1 && error->column <= size + 1);
	must(strlen(error->message) > 0 && harmless(error->message));
}

static void check_literal(const uint8_t *data, size_t size)
{
	char *shown = sp_text_literal((const char *)data, size), *text;

	must(shown && harmless(shown));
	text = sp_text_of_literal(shown);
	must(memchr(data, 0, size) ? !text : text && strlen(text) == size && !memcmp(text, data, size));
	free(text);
	free(shown);
}

/* What is none may be anything, and what it gives is shown as something. */
static void check_no_literal(const uint8_t *data, size_t size)
{
	char *literal = strndup((const char *)data, size), *text = sp_text_of_literal(literal);

	free(text);
	free(literal);
}

static void check_rule(const struct sp_rule *rule)
{
	char *line = sp_text_print(rule, NULL), *again, *sentence = sp_sentence(rule);
	struct sp_text_error error;
	struct sp_rule copy;

	must(!sp_rule_check(rule) && line && sentence);
	must(harmless(sentence));
	must(sp_text_parse(line, strlen(line), SP_SYSTEM, NULL, &copy, &error) == 1);
	again = sp_text_print(&copy, NULL);
	must(again && !strcmp(line, again));
	must(sp_rule_same_match(rule, &copy) && rule->expires == copy.expires);
	sp_rule_clear(&copy);
	free(sentence);
	free(again);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_text_error error;
	struct sp_rule rule;
	char *line = malloc(size + !size);
	int result;

	/* A copy without a byte behind it: reading on is found. */
	must(line);
	if (size)
		memcpy(line, data, size);
	result = sp_text_parse(line, size, SP_SYSTEM, find_user, &rule, &error);
	if (result < 0)
		check_error(&error, size);
	if (result > 0) {
		check_rule(&rule);
		sp_rule_clear(&rule);
	}
	check_literal(data, size);
	check_no_literal(data, size);
	free(line);
	return 0;
}
