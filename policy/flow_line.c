/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows as lines: the names are taken off, the rest is read as a rule of one flow. */
#include <stdlib.h>
#include <string.h>
#include "flow_line.h"
#include "host.h"
#include "lexer.h"
#include "text_error.h"

static int wrong(struct sp_text_error *error, unsigned column, const char *what)
{
	sp_text_fail(error, column, "%s", what);
	return -1;
}

static int take_name(struct sp_flow_line *line, struct sp_lexer *lexer, struct sp_word *word)
{
	size_t count = line->facts.names.count;
	const char *fault;

	if (sp_lex_word(lexer, word) <= 0)
		return wrong(lexer->error, word->column, "expected a name after \"called\"");
	sp_host_lower(word->text);
	if ((fault = sp_host_fault(word->text)))
		return wrong(lexer->error, word->column, fault);
	if (count == SP_FLOW_NAMES_MAX)
		return wrong(lexer->error, word->column, "a flow has at most 16 names");
	line->names[count] = strdup(word->text);
	if (!line->names[count])
		return wrong(lexer->error, word->column, "out of memory");
	line->facts.names.count++;
	return 1;
}

/* Takes the names; writes blanks over them in @rest, so that columns stay right. */
static int take_names(struct sp_flow_line *line, char *rest, size_t length,
		      struct sp_text_error *error)
{
	struct sp_lexer lexer;
	struct sp_word word;
	int result;

	if (!sp_lex_begin(&lexer, rest, length, error))
		return -1;
	while ((result = sp_lex_word(&lexer, &word)) > 0) {
		unsigned column = word.column;

		if (strcmp(word.text, "called"))
			continue;
		if (take_name(line, &lexer, &word) < 0)
			return -1;
		memset(rest + column - 1, ' ', word.end - column);
	}
	return result < 0 ? -1 : 1;
}

static int one_value(const struct sp_rule *rule, struct sp_text_error *error)
{
	bool out = rule->direction == SP_OUT;
	const struct sp_ports *ports[] = { &rule->remote_port, &rule->local_port };

	if (rule->remote_kind != SP_REMOTE_PREFIX || rule->remote.length != 128)
		return wrong(error, 1, out ? "a flow goes to one address (\"to 192.0.2.1\")" :
			     "a flow comes from one address (\"from 192.0.2.1\")");
	if (rule->program_glob)
		return wrong(error, 1, "a flow has one program, no pattern");
	for (size_t i = 0; i < 2; i++)
		if (ports[i]->first != ports[i]->last && ports[i]->last - ports[i]->first != UINT16_MAX)
			return wrong(error, 1, "a flow has one port, no range");
	return 1;
}

static uint16_t port_of(const struct sp_ports *ports)
{
	return ports->first == ports->last ? ports->first : 0;
}

static void set_flow(struct sp_flow_line *line)
{
	const struct sp_rule *rule = &line->rule;

	line->action = rule->action;
	line->flow.user = rule->owner != SP_SYSTEM ? rule->owner : rule->user;
	line->flow.direction = rule->direction;
	line->flow.protocol = rule->protocol == SP_ANY_PROTOCOL ? 0 : (uint8_t)rule->protocol;
	memcpy(line->flow.remote, rule->remote.address, sizeof(line->flow.remote));
	line->flow.remote_port = port_of(&rule->remote_port);
	line->flow.local_port = port_of(&rule->local_port);
	line->flow.process = rule->process;
	line->flow.cgroup = rule->cgroup;
}

static struct sp_text_fact fact_of(const char *text)
{
	return (struct sp_text_fact){ text ? SP_FACT_KNOWN : SP_FACT_PENDING, text };
}

static void set_facts(struct sp_flow_line *line)
{
	const struct sp_rule *rule = &line->rule;
	struct sp_facts *facts = &line->facts;

	facts->program = fact_of(rule->program);
	facts->hash = fact_of(rule->hash);
	facts->package = fact_of(rule->package);
	facts->app = fact_of(rule->app);
	facts->unit = fact_of(rule->unit);
	facts->script = fact_of(rule->script);
	facts->interface = fact_of(rule->interface);
	facts->network = fact_of(rule->network);
	if (rule->traced != SP_TRACED_ANY)
		facts->traced.state = SP_FACT_KNOWN;
	facts->traced.is = rule->traced == SP_TRACED_YES;
	line->parents[0] = rule->parent;
	facts->parents.paths = line->parents;
	facts->parents.count = !!rule->parent;
	facts->parents.state = rule->parent ? SP_FACT_KNOWN : SP_FACT_PENDING;
	facts->family.state = rule->process ? SP_FACT_KNOWN : SP_FACT_PENDING;
	facts->names.names = (const char *const *)line->names;
	facts->names.state = facts->names.count ? SP_FACT_KNOWN : SP_FACT_PENDING;
}

static int read_line(struct sp_flow_line *line, char *text, size_t length,
		     const struct sp_text_context *context, struct sp_text_error *error)
{
	int result = take_names(line, text, length, error);

	if (result > 0)
		result = sp_text_read(text, length, context, &line->rule, error);
	if (result > 0)
		result = one_value(&line->rule, error);
	if (result > 0) {
		set_flow(line);
		set_facts(line);
	}
	return result;
}

int sp_flow_line_read(const char *text, size_t length, const struct sp_text_context *context,
		      struct sp_flow_line *line, struct sp_text_error *error)
{
	char *copy = malloc(length + 1);
	int result;

	if (!copy)
		return wrong(error, 1, "out of memory");
	memcpy(copy, text, length);
	*line = (struct sp_flow_line){ 0 };
	sp_rule_init(&line->rule);
	result = read_line(line, copy, length, context, error);
	free(copy);
	if (result <= 0)
		sp_flow_line_clear(line);
	return result;
}

void sp_flow_line_clear(struct sp_flow_line *line)
{
	for (size_t i = 0; i < SP_FLOW_NAMES_MAX; i++)
		free(line->names[i]);
	sp_rule_clear(&line->rule);
	*line = (struct sp_flow_line){ 0 };
}
