/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a line of the rule language to a rule. Head: [disabled] [floor] ACTION
 * DIRECTION; the rest goes by the table of fields. The caller's rule is written
 * only when all is well.
 */
#include <stdlib.h>
#include <string.h>
#include "fault.h"
#include "lexer.h"
#include "text_error.h"
#include "action.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct parser {
	struct sp_lexer lexer;
	struct sp_word word;
	struct sp_parse parse;
	struct sp_rule rule;
	unsigned column[SP_PLACE_COUNT];	/* where each place is; 0: not given */
};

static const char *const head_words[] = {
	"allow", "deny", "drop", "ask", "disabled", "floor", "log",
};
static const char *const prefix_words[] = { "disabled", "floor", "log" };
static const char *const direction_words[] = { "out", "in" };

/* The current word is none of @words; @expected says what would be right. */
static int unknown(struct parser *parser, const char *expected,
		   const char *const *words, size_t count)
{
	const char *meant = sp_text_suggest(parser->word.text, words, count);
	char shown[SP_SHOWN];

	sp_text_shown(parser->word.text, shown);
	if (meant)
		sp_text_fail(parser->lexer.error, parser->word.column,
			     "unknown word \"%s\"; did you mean \"%s\"?", shown, meant);
	else
		sp_text_fail(parser->lexer.error, parser->word.column,
			     "unknown word \"%s\"; expected %s", shown, expected);
	return -1;
}

/* Index of the current word in @words, or -1. */
static int find(const struct parser *parser, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(words[i], parser->word.text))
			return (int)i;
	return -1;
}

/* The next word, which must be there; false: *error. */
static bool next(struct parser *parser, const char *after, const char *expected)
{
	int result = sp_lex_word(&parser->lexer, &parser->word);

	if (result == 0)
		sp_text_fail(parser->lexer.error, parser->word.column,
			     "expected %s after \"%s\"", expected, after);
	return result > 0;
}

static int parse_direction(struct parser *parser)
{
	static const char expected[] = "\"out\" or \"in\"";
	int direction;

	if (!next(parser, sp_action_word(parser->rule.action), expected))
		return -1;
	direction = find(parser, direction_words, LENGTH(direction_words));
	if (direction < 0)
		return unknown(parser, expected, direction_words, LENGTH(direction_words));
	parser->rule.direction = direction == 0 ? SP_OUT : SP_IN;
	return 1;
}

/* "disabled", "floor" and "log" before the action, which is the current word then. */
static bool parse_prefixes(struct parser *parser)
{
	static const char expected[] = "an action: \"allow\", \"deny\", \"drop\" or \"ask\"";

	if (!strcmp(parser->word.text, "disabled")) {
		parser->rule.enabled = false;
		if (!next(parser, "disabled", expected))
			return false;
	}
	if (!strcmp(parser->word.text, "floor")) {
		parser->rule.floor = true;
		parser->column[SP_PLACE_FLOOR] = parser->word.column;
		if (!next(parser, "floor", expected))
			return false;
	}
	if (!strcmp(parser->word.text, "log")) {
		parser->rule.log = true;
		return next(parser, "log", expected);
	}
	return true;
}

/* 1: goes on; 0: an empty line; -1: wrong. */
static int parse_head(struct parser *parser)
{
	static const char expected[] = "\"allow\", \"deny\", \"drop\" or \"ask\"";
	int result = sp_lex_word(&parser->lexer, &parser->word);

	if (result <= 0)
		return result;
	if (!parse_prefixes(parser))
		return -1;
	parser->column[SP_PLACE_ACTION] = parser->word.column;
	if (sp_action_find(parser->word.text, &parser->rule.action))
		return parse_direction(parser);
	if (find(parser, prefix_words, LENGTH(prefix_words)) >= 0) {
		sp_text_fail(parser->lexer.error, parser->word.column,
			     "\"disabled\", \"floor\" and \"log\" begin a line, once and in this order");
		return -1;
	}
	return unknown(parser, expected, head_words, LENGTH(head_words));
}

static const char *field_word(const struct parser *parser, size_t field, bool other)
{
	return sp_fields[field]->word[(parser->rule.direction == SP_IN) != other];
}

/* The field that the current word names, or SP_FIELD_COUNT. */
static size_t find_field(const struct parser *parser, bool other)
{
	size_t field = 0;

	while (field < SP_FIELD_COUNT &&
	       strcmp(field_word(parser, field, other), parser->word.text))
		field++;
	return field;
}

static int unknown_field(struct parser *parser)
{
	size_t field = find_field(parser, true);
	const char *words[SP_FIELD_COUNT];
	bool out = parser->rule.direction == SP_OUT;

	if (field < SP_FIELD_COUNT) {
		sp_text_fail(parser->lexer.error, parser->word.column,
			     "\"%s\" is for rules with \"%s\"; with \"%s\" it is \"%s\"",
			     parser->word.text, out ? "in" : "out", out ? "out" : "in",
			     field_word(parser, field, false));
		return -1;
	}
	for (size_t i = 0; i < SP_FIELD_COUNT; i++)
		words[i] = field_word(parser, i, false);
	return unknown(parser, out ?
		       "a field such as program, user, protocol, to, port, interface or until" :
		       "a field such as program, user, protocol, from, port, interface or until",
		       words, SP_FIELD_COUNT);
}

/* The value, behind the field's kind word if that is there. */
static bool next_value(struct parser *parser, size_t field)
{
	const char *kind = sp_fields[field]->kind;

	if (!next(parser, field_word(parser, field, false), sp_fields[field]->wants))
		return false;
	parser->parse.kind = kind && !strcmp(parser->word.text, kind);
	return !parser->parse.kind || next(parser, kind, sp_fields[field]->wants);
}

/* One field, whose name is the current word. */
static int parse_field(struct parser *parser)
{
	size_t field = find_field(parser, false);
	unsigned column = parser->word.column;

	if (field == SP_FIELD_COUNT)
		return unknown_field(parser);
	if (parser->column[field]) {
		sp_text_fail(parser->lexer.error, column, "\"%s\" is given twice",
			     parser->word.text);
		return -1;
	}
	if (!next_value(parser, field))
		return -1;
	parser->column[field] = column;
	parser->parse.column = parser->word.column;
	return sp_fields[field]->parse(sp_fields[field], parser->word.text, &parser->parse,
				       &parser->rule) ? 1 : -1;
}

static int parse_note(struct parser *parser)
{
	size_t length;
	const char *note = sp_lex_note(&parser->lexer, &length,
				       &parser->column[SP_PLACE_NOTE]);

	if (!note)
		return 1;
	parser->rule.note = strndup(note, length);
	if (parser->rule.note)
		return 1;
	sp_text_fail(parser->lexer.error, parser->column[SP_PLACE_NOTE], "out of memory");
	return -1;
}

/* What the line leaves to be said by who reads it. */
static int complete(struct parser *parser)
{
	const struct sp_text_context *context = parser->parse.context;
	struct sp_rule *rule = &parser->rule;

	if (rule->bound == SP_BOUND_NONE)
		return 1;
	parser->parse.column = parser->column[SP_FIELD_UNTIL];
	if (!rule->boot && context->boot &&
	    !sp_parse_string(context->boot, &parser->parse, &rule->boot))
		return -1;
	if (rule->bound != SP_BOUND_SESSION || rule->session || !context->session)
		return 1;
	return sp_parse_string(context->session, &parser->parse, &rule->session) ? 1 : -1;
}

/* What the fields say together; the error is put where it was said. */
static int check(struct parser *parser)
{
	int place;
	const char *fault = sp_rule_fault(&parser->rule, &place);

	if (!fault)
		return 1;
	sp_text_fail(parser->lexer.error,
		     parser->column[place] ? parser->column[place] : 1, "%s", fault);
	return -1;
}

static int parse_line(struct parser *parser)
{
	int result = parse_head(parser);

	if (result <= 0)
		return result;
	while ((result = sp_lex_word(&parser->lexer, &parser->word)) > 0) {
		result = parse_field(parser);
		if (result < 0)
			return result;
	}
	if (result < 0)
		return result;
	result = parse_note(parser);
	if (result > 0)
		result = complete(parser);
	return result < 0 ? result : check(parser);
}

int sp_text_read(const char *line, size_t length, const struct sp_text_context *context,
		 struct sp_rule *rule, struct sp_text_error *error)
{
	struct parser parser = { .parse = { .context = context, .error = error } };
	int result;

	if (!sp_lex_begin(&parser.lexer, line, length, error))
		return -1;
	sp_rule_init(&parser.rule);
	parser.rule.owner = context->owner;
	result = parse_line(&parser);
	if (result > 0)
		*rule = parser.rule;
	else
		sp_rule_clear(&parser.rule);
	return result;
}

int sp_text_parse(const char *line, size_t length, uint32_t owner,
		  bool (*find_user)(const char *name, uint32_t *uid),
		  struct sp_rule *rule, struct sp_text_error *error)
{
	const struct sp_text_context context = { .owner = owner, .find_user = find_user };

	return sp_text_read(line, length, &context, rule, error);
}
