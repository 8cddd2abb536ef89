/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * program PATH: the file that was executed; program like GLOB: any that '*' in
 * the path can stand for. A fact of the flow's image, so it costs no field of
 * the flow. A path is narrower than a pattern that matches it, that one than a
 * pattern that matches all the same and more, and any than nothing.
 */
#include <string.h>
#include "field.h"
#include "glob.h"

static bool any(const struct sp_field *field, const struct sp_rule *rule)
{
	return !rule->program;
}

static bool parse_program(const struct sp_field *field, const char *value,
			  const struct sp_parse *parse, struct sp_rule *rule)
{
	rule->program_glob = parse->kind;
	return sp_parse_string(value, parse, &rule->program);
}

static void print(const struct sp_field *field, const struct sp_rule *rule,
		  sp_user_name_fn user_name, struct sp_buffer *out)
{
	if (rule->program_glob)
		sp_buffer_string(out, "like ");
	sp_print_word(out, rule->program);
}

static const char *fault(const struct sp_field *field, const struct sp_rule *rule)
{
	const char *wrong = sp_path_fault(rule->program);

	if (!wrong && rule->program_glob)
		wrong = sp_glob_fault(rule->program);
	return wrong;
}

/* More letters that must be there are narrower; then fewer stars. */
static uint32_t narrowness(const struct sp_field *field, const struct sp_rule *rule)
{
	unsigned stars;

	if (!rule->program)
		return 0;
	if (!rule->program_glob)
		return UINT32_MAX;
	stars = sp_glob_stars(rule->program);
	return (uint32_t)(strlen(rule->program) - stars) * (2 * SP_GLOB_STARS_MAX) +
	       2 * SP_GLOB_STARS_MAX - stars;
}

static bool within(const struct sp_rule *a, const struct sp_rule *b)
{
	return b->program_glob && sp_glob_match(b->program, a->program);
}

static enum sp_relation relate(const struct sp_field *field,
			       const struct sp_rule *a, const struct sp_rule *b)
{
	bool same = a->program && b->program && !strcmp(a->program, b->program) &&
		    a->program_glob == b->program_glob;
	enum sp_relation relation = sp_relate_exact(!a->program, !b->program, same);

	if (relation != SP_DISJOINT || (!a->program_glob && !b->program_glob))
		return relation;
	if (within(a, b))
		return SP_NARROWER;
	if (within(b, a))
		return SP_WIDER;
	return a->program_glob && b->program_glob ? SP_CROSSING : SP_DISJOINT;
}

static enum sp_match match(const struct sp_field *field, const struct sp_rule *rule,
			   const struct sp_flow *flow, const struct sp_facts *facts,
			   struct sp_look *look)
{
	const char *program = facts->program.text;
	bool same = false;

	if (program && rule->program_glob)
		same = sp_glob_match(rule->program, program);
	else if (program)
		same = !strcmp(program, rule->program);
	return sp_match_fact(facts->program.state, rule, same);
}

const struct sp_field sp_field_program = {
	.word = { "program", "program" },
	.kind = "like",
	.wants = "the path of a program",
	.parse = parse_program,
	.any = any,
	.print = print,
	.fault = fault,
	.narrowness = narrowness,
	.relate = relate,
	.match = match,
	.fact = SP_FACT_PROGRAM,
};
