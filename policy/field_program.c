/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * program PATH: the file that was executed. A fact of the flow's image, so it
 * costs no field of the flow. A path is narrower than any.
 */
#include <string.h>
#include "field.h"

static bool any(const struct sp_rule *rule)
{
	return !rule->program;
}

static bool parse_program(const char *value, const struct sp_parse *parse,
			  struct sp_rule *rule)
{
	return sp_parse_string(value, parse, &rule->program);
}

static void print(const struct sp_rule *rule, sp_user_name_fn user_name,
		  struct sp_buffer *out)
{
	sp_print_word(out, rule->program);
}

static uint32_t narrowness(const struct sp_rule *rule)
{
	return !any(rule);
}

static enum sp_relation relate(const struct sp_rule *a, const struct sp_rule *b)
{
	return sp_relate_exact(any(a), any(b), !any(a) && !any(b) &&
			       !strcmp(a->program, b->program));
}

static enum sp_match match(const struct sp_rule *rule, const struct sp_flow *flow,
			   const struct sp_facts *facts, struct sp_look *look)
{
	return sp_match_fact(facts->program_state, rule, facts->program &&
			     !strcmp(facts->program, rule->program));
}

const struct sp_field sp_field_program = {
	.word = { "program", "program" },
	.wants = "the path of a program",
	.parse = parse_program,
	.any = any,
	.print = print,
	.narrowness = narrowness,
	.relate = relate,
	.match = match,
	.fact = SP_FACT_PROGRAM,
};
