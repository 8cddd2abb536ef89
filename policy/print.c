/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a rule to its canonical line: what is any is left out. */
#include <inttypes.h>
#include <string.h>
#include "action.h"
#include "field.h"
#include "utf8.h"

/* Printed as it is: letters, digits, what paths have, other scripts' letters. */
static bool harmless(uint32_t character)
{
	return character > ' ' && character != '"' && character != '\\' &&
	       character != '#' && !sp_char_control(character) &&
	       !sp_char_format(character);
}

static bool needs_quotes(const char *word)
{
	size_t length = strlen(word);

	for (size_t at = 0, step; at < length; at += step) {
		uint32_t character;

		step = sp_utf8_decode(word + at, length - at, &character);
		if (!step || !harmless(character))
			return true;
	}
	return length == 0;
}

/* One character (or a byte that is none) inside quotes. */
static void print_quoted(struct sp_buffer *out, const char *text, size_t length,
			 uint32_t character)
{
	if (length && (harmless(character) || character == ' ' || character == '#')) {
		sp_buffer_add(out, text, length);
	} else if (length && (character == '"' || character == '\\')) {
		sp_buffer_format(out, "\\%c", (char)character);
	} else {
		for (size_t i = 0; i < length + !length; i++)
			sp_buffer_format(out, "\\x%02x", (uint8_t)text[i]);
	}
}

void sp_print_word(struct sp_buffer *out, const char *word)
{
	size_t length = strlen(word);

	if (!needs_quotes(word)) {
		sp_buffer_string(out, word);
		return;
	}
	sp_buffer_string(out, "\"");
	for (size_t at = 0; at < length;) {
		uint32_t character = 0;
		size_t step = sp_utf8_decode(word + at, length - at, &character);

		print_quoted(out, word + at, step, character);
		at += step ? step : 1;
	}
	sp_buffer_string(out, "\"");
}

/* A name that would be read as a number is printed as the number it belongs to. */
void sp_print_uid(struct sp_buffer *out, uint32_t uid, sp_user_name_fn user_name)
{
	const char *name = user_name ? user_name(uid) : NULL;

	if (name && *name && strspn(name, "0123456789") < strlen(name))
		sp_print_word(out, name);
	else
		sp_buffer_format(out, "%" PRIu32, uid);
}

static void print_field(struct sp_buffer *out, const struct sp_field *field,
			const struct sp_rule *rule, sp_user_name_fn user_name)
{
	sp_buffer_string(out, " ");
	sp_buffer_string(out, field->word[rule->direction == SP_IN]);
	sp_buffer_string(out, " ");
	field->print(field, rule, user_name, out);
}

static char *print(const struct sp_rule *rule, sp_user_name_fn user_name, bool owned)
{
	struct sp_buffer out = { 0 };

	if (!rule->enabled)
		sp_buffer_string(&out, "disabled ");
	if (rule->floor)
		sp_buffer_string(&out, "floor ");
	if (rule->log)
		sp_buffer_string(&out, "log ");
	sp_buffer_string(&out, sp_action_word(rule->action));
	sp_buffer_string(&out, rule->direction == SP_OUT ? " out" : " in");
	for (size_t i = 0; i < SP_FIELD_COUNT; i++)
		if (!sp_fields[i]->any(sp_fields[i], rule) || (owned && i == SP_FIELD_OWNER))
			print_field(&out, sp_fields[i], rule, user_name);
	if (rule->note) {
		sp_buffer_string(&out, " # ");
		sp_buffer_string(&out, rule->note);
	}
	return sp_buffer_take(&out);
}

char *sp_text_print(const struct sp_rule *rule,
		    const char *(*user_name)(uint32_t uid))
{
	return print(rule, user_name, false);
}

char *sp_text_print_owned(const struct sp_rule *rule)
{
	return print(rule, NULL, true);
}
