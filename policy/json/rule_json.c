/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON by way of the rule language: what is printed there is cut into words, and
 * an object is written as a line and read there. So both can't disagree.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "field.h"
#include "lexer.h"
#include "rule_json.h"
#include "text_error.h"

static const char *const flags[] = { "disabled", "floor", "log" };

#define FLAGS (sizeof(flags) / sizeof(flags[0]))

static bool is_flag(const char *word)
{
	for (size_t i = 0; i < FLAGS; i++)
		if (!strcmp(word, flags[i]))
			return true;
	return false;
}

/* The field's kind word, if @word is one of a field called @name. */
static bool is_kind(const char *name, const char *word)
{
	for (size_t i = 0; i < SP_FIELD_COUNT; i++)
		if (sp_fields[i]->kind && !strcmp(sp_fields[i]->kind, word) &&
		    (!strcmp(sp_fields[i]->word[0], name) || !strcmp(sp_fields[i]->word[1], name)))
			return true;
	return false;
}

static bool put(json_t *object, const char *name, const char *text)
{
	return !json_object_set_new(object, name, json_string(text));
}

/* The value behind @name: one word, or the kind and one. */
static bool put_field(json_t *object, const char *name, struct sp_lexer *lexer,
		      struct sp_word *word)
{
	char *value;
	bool good;

	if (sp_lex_word(lexer, word) <= 0)
		return false;
	if (!is_kind(name, word->text))
		return put(object, name, word->text);
	value = malloc(strlen(word->text) + sizeof(word->text) + 2);
	if (!value)
		return false;
	strcat(strcpy(value, word->text), " ");
	good = sp_lex_word(lexer, word) > 0 && put(object, name, strcat(value, word->text));
	free(value);
	return good;
}

static bool put_words(json_t *object, struct sp_lexer *lexer)
{
	struct sp_word word, name;
	int result;

	while ((result = sp_lex_word(lexer, &word)) > 0 && is_flag(word.text))
		if (json_object_set_new(object, word.text, json_true()))
			return false;
	if (result <= 0 || !put(object, "action", word.text) ||
	    sp_lex_word(lexer, &word) <= 0 || !put(object, "direction", word.text))
		return false;
	while (sp_lex_word(lexer, &name) > 0)
		if (!put_field(object, name.text, lexer, &word))
			return false;
	return true;
}

static json_t *object_of(const struct sp_rule *rule)
{
	json_t *object = json_object();
	char *line = sp_text_print_owned(rule);
	struct sp_text_error unused;
	struct sp_lexer lexer;
	bool good = object && line && sp_lex_begin(&lexer, line, strlen(line), &unused) &&
		    put_words(object, &lexer) &&
		    (!rule->note || put(object, "note", rule->note));

	free(line);
	if (good)
		return object;
	json_decref(object);
	return NULL;
}

char *sp_json_rule(const struct sp_rule *rule)
{
	json_t *object = object_of(rule);
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	return text;
}

char *sp_json_rules(const struct sp_rule *const *rules, size_t count)
{
	struct sp_buffer out = { 0 };

	sp_buffer_string(&out, "[");
	for (size_t i = 0; i < count; i++) {
		char *text = sp_json_rule(rules[i]);

		sp_buffer_string(&out, i ? ",\n " : "\n ");
		if (text)
			sp_buffer_string(&out, text);
		else
			out.failed = true;
		free(text);
	}
	sp_buffer_string(&out, "\n]\n");
	return sp_buffer_take(&out);
}

__attribute__((format(printf, 2, 3)))
static bool wrong(struct sp_text_error *error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	sp_text_fail_list(error, 0, format, arguments);
	va_end(arguments);
	return false;
}

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* "domain example.org" is two words, anything else one. */
static void write_value(struct sp_buffer *line, const char *name, const char *value)
{
	size_t length = strcspn(value, " ");
	char kind[16] = "";

	if (value[length] && length < sizeof(kind)) {
		memcpy(kind, value, length);
		if (is_kind(name, kind)) {
			sp_buffer_string(line, kind);
			sp_buffer_string(line, " ");
			value += length + 1;
		}
	}
	sp_print_word(line, value);
}

static bool write_field(struct sp_buffer *line, const char *name, const json_t *value,
			struct sp_text_error *error)
{
	char shown[SP_SHOWN];

	sp_buffer_string(line, " ");
	sp_print_word(line, name);
	sp_buffer_string(line, " ");
	if (json_is_string(value))
		write_value(line, name, json_string_value(value));
	else if (json_is_integer(value))
		sp_buffer_format(line, "%lld", (long long)json_integer_value(value));
	else
		return wrong(error, "\"%s\" is neither a string nor a whole number",
			     sp_text_shown(name, shown));
	return true;
}

static bool is_head(const char *name)
{
	return is_flag(name) || !strcmp(name, "action") || !strcmp(name, "direction") ||
	       !strcmp(name, "note");
}

static bool write_head(struct sp_buffer *line, const json_t *object, struct sp_text_error *error)
{
	const char *const names[] = { "action", "direction" };

	for (size_t i = 0; i < FLAGS; i++) {
		const json_t *flag = json_object_get(object, flags[i]);

		if (flag && !json_is_boolean(flag))
			return wrong(error, "\"%s\" is neither true nor false", flags[i]);
		if (json_is_true(flag)) {
			sp_buffer_string(line, flags[i]);
			sp_buffer_string(line, " ");
		}
	}
	for (size_t i = 0; i < 2; i++) {
		if (!text_of(object, names[i]))
			return wrong(error, "a rule has a string \"%s\"", names[i]);
		sp_print_word(line, text_of(object, names[i]));
		sp_buffer_string(line, i ? "" : " ");
	}
	return true;
}

static bool write_line(struct sp_buffer *line, json_t *object, struct sp_text_error *error)
{
	const json_t *note = json_object_get(object, "note");
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return wrong(error, "a rule is an object");
	if (!write_head(line, object, error))
		return false;
	json_object_foreach(object, name, value)
		if (!is_head(name) && !write_field(line, name, value, error))
			return false;
	if (!note)
		return true;
	if (!json_is_string(note))
		return wrong(error, "\"note\" is no string");
	sp_buffer_string(line, " # ");
	sp_buffer_string(line, json_string_value(note));
	return true;
}

static bool read_object(json_t *object, const struct sp_text_context *context,
			struct sp_rule *rule, struct sp_text_error *error)
{
	struct sp_buffer line = { 0 };
	bool good = write_line(&line, object, error);
	char *text = sp_buffer_take(&line);
	int result = 0;

	if (good && text)
		result = sp_text_read(text, strlen(text), context, rule, error);
	else if (good)
		wrong(error, "out of memory");
	free(text);
	return result > 0;
}

static void clear_rules(struct sp_rule *rules, size_t count)
{
	while (count)
		sp_rule_clear(&rules[--count]);
	free(rules);
}

static bool read_array(json_t *array, const struct sp_text_context *context,
		       struct sp_rule **rules, size_t *count, struct sp_text_error *error)
{
	size_t size = json_array_size(array);
	struct sp_rule *read = calloc(size + 1, sizeof(*read));

	if (!read)
		return wrong(error, "out of memory");
	if (size > SP_JSON_RULES_MAX) {
		free(read);
		return wrong(error, "there are more than %d rules", SP_JSON_RULES_MAX);
	}
	for (size_t i = 0; i < size; i++)
		if (!read_object(json_array_get(array, i), context, &read[i], error)) {
			error->line = (unsigned)i + 1;
			error->column = 0;
			clear_rules(read, i);
			return false;
		}
	*rules = read;
	*count = size;
	return true;
}

static json_t *array_of(json_t *object)
{
	json_t *array = json_array();

	if (!json_array_append(array, object))
		return array;
	json_decref(array);
	return NULL;
}

bool sp_json_parse(const char *text, size_t length, const struct sp_text_context *context,
		   struct sp_rule **rules, size_t *count, struct sp_text_error *error)
{
	json_error_t cause;
	json_t *root, *array;
	bool good;

	if (length > SP_JSON_BYTES_MAX)
		return wrong(error, "the text is longer than %u MB", SP_JSON_BYTES_MAX >> 20);
	root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &cause);
	if (!root) {
		sp_text_fail(error, cause.column > 0 ? (unsigned)cause.column : 1, "%s", cause.text);
		error->line = cause.line > 0 ? (unsigned)cause.line : 1;
		return false;
	}
	array = json_is_array(root) ? json_incref(root) : array_of(root);
	good = array ? read_array(array, context, rules, count, error) : wrong(error, "out of memory");
	json_decref(array);
	json_decref(root);
	return good;
}
