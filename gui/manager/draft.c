/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See draft.h. A field's words are those that the rule language prints for a rule that
 * has nothing but this field, so that there is one printer and one parser.
 */
#include "draft.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "rule_context.h"

/* Where each field stands in a line; bytes. */
struct places {
	gsize start[SP_DRAFT_FIELDS], end[SP_DRAFT_FIELDS];
};

struct sp_draft *sp_draft_new(guint32 owner)
{
	struct sp_draft *draft = g_new0(struct sp_draft, 1);

	draft->owner = owner;
	draft->enabled = TRUE;
	draft->action = SP_ALLOW;
	draft->direction = SP_OUT;
	for (guint i = 0; i < SP_DRAFT_FIELDS; i++)
		draft->fields[i] = g_strdup("");
	return draft;
}

void sp_draft_free(struct sp_draft *draft)
{
	if (!draft)
		return;
	for (guint i = 0; i < SP_DRAFT_FIELDS; i++)
		g_free(draft->fields[i]);
	g_free(draft);
}

void sp_draft_set(struct sp_draft *draft, enum sp_draft_field field, const char *text)
{
	char *copy = g_strstrip(g_strdup(text));

	g_free(draft->fields[field]);
	draft->fields[field] = copy;
}

/* From a rule. */

/* Does the form's field for the program say it all? */
static gboolean is_plain_program(const struct sp_rule *rule)
{
	return rule->program && rule->program_glob == (strchr(rule->program, '*') != NULL);
}

/* What is left is any; strings are given up, not freed: they are @rule's. */
static void drop_form_fields(struct sp_rule *rule)
{
	struct sp_rule any;

	sp_rule_init(&any);
	if (is_plain_program(rule)) {
		rule->program = NULL;
		rule->program_glob = false;
	}
	rule->remote_kind = any.remote_kind;
	rule->remote = any.remote;
	rule->remote_name = NULL;
	if (rule->direction == SP_OUT)
		rule->remote_port = any.remote_port;
	else
		rule->local_port = any.local_port;
	rule->protocol = any.protocol;
	rule->bound = any.bound;
	rule->boot = rule->session = NULL;
	rule->expires = 0;
}

/* The words behind action and direction. */
static char *words_of(const struct sp_rule *rule)
{
	g_autofree char *copy = NULL;
	char *text = sp_text_print(rule, NULL);
	const char *words = text ? strstr(text, rule->direction == SP_OUT ? " out" : " in") : NULL;

	words = words ? strchr(words + 1, ' ') : NULL;
	copy = g_strdup(words ? words + 1 : "");
	free(text);
	return g_steal_pointer(&copy);
}

/* Of one field its value, without the word before it. */
static char *value_of(const struct sp_rule *rule)
{
	g_autofree char *words = words_of(rule);
	const char *blank = strchr(words, ' ');

	return g_strdup(blank ? blank + 1 : "");
}

static void take_value(struct sp_draft *draft, enum sp_draft_field field, char *value)
{
	g_free(draft->fields[field]);
	draft->fields[field] = value;
}

static void take_fields(struct sp_draft *draft, const struct sp_rule *rule)
{
	struct sp_rule only, rest = *rule;
	const struct sp_ports *ports = rule->direction == SP_OUT ? &rule->remote_port : &rule->local_port;

	sp_rule_init(&only);
	only.direction = rule->direction;
	only.remote_kind = rule->remote_kind;
	only.remote = rule->remote;
	memcpy(only.remote_last, rule->remote_last, sizeof(only.remote_last));
	only.remote_name = rule->remote_name;
	take_value(draft, SP_DRAFT_REMOTE, value_of(&only));

	sp_rule_init(&only);
	only.direction = rule->direction;
	*(rule->direction == SP_OUT ? &only.remote_port : &only.local_port) = *ports;
	take_value(draft, SP_DRAFT_PORT, value_of(&only));

	sp_rule_init(&only);
	only.protocol = rule->protocol;
	take_value(draft, SP_DRAFT_PROTOCOL, value_of(&only));

	sp_rule_init(&only);
	only.bound = rule->bound;
	only.boot = rule->boot;
	only.session = rule->session;
	only.expires = rule->expires;
	take_value(draft, SP_DRAFT_UNTIL, words_of(&only));

	drop_form_fields(&rest);
	rest.owner = SP_SYSTEM;
	rest.enabled = true;
	rest.floor = rest.log = false;
	rest.note = NULL;
	take_value(draft, SP_DRAFT_REST, words_of(&rest));
}

struct sp_draft *sp_draft_of_rule(const struct sp_rule *rule)
{
	struct sp_draft *draft = sp_draft_new(rule->owner);

	draft->enabled = rule->enabled;
	draft->floor = rule->floor;
	draft->log = rule->log;
	draft->action = rule->action;
	draft->direction = rule->direction;
	if (is_plain_program(rule))
		sp_draft_set(draft, SP_DRAFT_PROGRAM, rule->program);
	if (rule->note)
		sp_draft_set(draft, SP_DRAFT_NOTE, rule->note);
	take_fields(draft, rule);
	return draft;
}

struct sp_draft *sp_draft_about(const char *program, guint32 user, enum sp_action action,
				enum sp_direction direction)
{
	struct sp_draft *draft = NULL;
	struct sp_rule rule;

	sp_rule_init(&rule);
	rule.owner = getuid();
	rule.action = action;
	rule.direction = direction;
	rule.program = sp_program_path(program);
	if (user == rule.owner && rule.program && !sp_rule_check(&rule))
		draft = sp_draft_of_rule(&rule);
	sp_rule_clear(&rule);
	return draft;
}

struct sp_draft *sp_draft_of_text(const char *text, guint32 owner, struct sp_text_error *error)
{
	struct sp_draft *draft;
	struct sp_rule rule;

	switch (sp_text_read(text, strlen(text), sp_rule_text_context(owner), &rule, error)) {
	case 1:
		break;
	case 0:
		*error = (struct sp_text_error){ .line = 1, .column = 1, .message = "no rule" };
		return NULL;
	default:
		return NULL;
	}
	draft = sp_draft_of_rule(&rule);
	sp_rule_clear(&rule);
	return draft;
}

/* To a line. */

static void add_words(GString *line, struct places *places, enum sp_draft_field field,
		      const char *word, const char *value)
{
	if (!*value)
		return;
	places->start[field] = line->len;
	g_string_append_printf(line, " %s%s%s", word, *word ? " " : "", value);
	places->end[field] = line->len;
}

static char *quoted(const char *word)
{
	GString *out = g_string_new("\"");

	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *word);
	}
	return g_string_free(g_string_append_c(out, '"'), FALSE);
}

static void add_program(GString *line, struct places *places, const char *program)
{
	g_autofree char *word = *program ? quoted(program) : g_strdup("");

	add_words(line, places, SP_DRAFT_PROGRAM, strchr(program, '*') ? "program like" : "program",
		  word);
}

static void add_remote(GString *line, struct places *places, const struct sp_draft *draft)
{
	const char *place = draft->fields[SP_DRAFT_REMOTE];
	gboolean domain = g_str_has_prefix(place, "*.");
	const char *word = draft->direction == SP_OUT ? "to" : "from";
	g_autofree char *words = g_strconcat(word, domain ? " domain" : "", NULL);

	add_words(line, places, SP_DRAFT_REMOTE, words, domain ? place + 2 : place);
}

static GString *build(const struct sp_draft *draft, struct places *places)
{
	static const char *const actions[] = {
		[SP_ALLOW] = "allow", [SP_DENY] = "deny", [SP_DROP] = "drop", [SP_ASK] = "ask",
	};
	GString *line = g_string_new(draft->enabled ? "" : "disabled ");

	g_string_append_printf(line, "%s%s%s %s", draft->floor ? "floor " : "",
			       draft->log ? "log " : "", actions[draft->action],
			       draft->direction == SP_OUT ? "out" : "in");
	add_program(line, places, draft->fields[SP_DRAFT_PROGRAM]);
	add_words(line, places, SP_DRAFT_REST, "", draft->fields[SP_DRAFT_REST]);
	add_words(line, places, SP_DRAFT_PROTOCOL, "protocol", draft->fields[SP_DRAFT_PROTOCOL]);
	add_remote(line, places, draft);
	add_words(line, places, SP_DRAFT_PORT, "port", draft->fields[SP_DRAFT_PORT]);
	add_words(line, places, SP_DRAFT_UNTIL, "", draft->fields[SP_DRAFT_UNTIL]);
	add_words(line, places, SP_DRAFT_NOTE, "#", draft->fields[SP_DRAFT_NOTE]);
	return line;
}

char *sp_draft_text(const struct sp_draft *draft)
{
	struct places places = { 0 };

	return g_string_free(build(draft, &places), FALSE);
}

/* Fields stand one behind the other: an error behind one's end is the next one's. */
static enum sp_draft_field field_at(const struct places *places, gsize column)
{
	for (guint i = 0; i < SP_DRAFT_FIELDS; i++)
		if (places->end[i] && column > places->start[i] && column <= places->end[i] + 1)
			return i;
	return SP_DRAFT_FIELDS;
}

gboolean sp_draft_check(const struct sp_draft *draft, struct sp_rule *rule,
			struct sp_text_error *error, enum sp_draft_field *field)
{
	struct places places = { 0 };
	g_autoptr(GString) line = build(draft, &places);

	if (sp_text_read(line->str, line->len, sp_rule_text_context(draft->owner), rule, error) == 1)
		return TRUE;
	*field = field_at(&places, error->column);
	return FALSE;
}
