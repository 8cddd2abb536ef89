/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interface NAME: the device that the flow leaves by or came in on. The flow
 * has its index, its name is a fact. A name is narrower than any.
 */
#include <string.h>
#include "field.h"

static bool any(const struct sp_rule *rule)
{
	return !rule->interface;
}

static bool parse_interface(const char *value, const struct sp_parse *parse,
			    struct sp_rule *rule)
{
	return sp_parse_string(value, parse, &rule->interface);
}

static void print(const struct sp_rule *rule, sp_user_name_fn user_name,
		  struct sp_buffer *out)
{
	sp_print_word(out, rule->interface);
}

static uint32_t narrowness(const struct sp_rule *rule)
{
	return !any(rule);
}

static enum sp_relation relate(const struct sp_rule *a, const struct sp_rule *b)
{
	return sp_relate_exact(any(a), any(b), !any(a) && !any(b) &&
			       !strcmp(a->interface, b->interface));
}

static enum sp_match match(const struct sp_rule *rule, const struct sp_flow *flow,
			   const struct sp_facts *facts, struct sp_look *look)
{
	return sp_match_fact(facts->interface_state, rule, facts->interface &&
			     !strcmp(facts->interface, rule->interface));
}

const struct sp_field sp_field_interface = {
	.word = { "interface", "interface" },
	.wants = "the name of a network interface",
	.parse = parse_interface,
	.any = any,
	.print = print,
	.narrowness = narrowness,
	.relate = relate,
	.match = match,
	.fact = SP_FACT_INTERFACE,
	.looked = { SP_LOOKED_INTERFACE, SP_LOOKED_INTERFACE },
	.price = { 3, 3 },
};
