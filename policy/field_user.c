/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * user NAME-OR-UID: whose flow it is; part of the flow's subject, so it costs
 * no field. A user's own rule is about his flows only, as if it named him: it
 * is narrower here than a system rule for any user, and equal to a system rule
 * for him.
 */
#include "field.h"
#include "text_error.h"

uint32_t sp_rule_effective_user(const struct sp_rule *rule)
{
	return rule->owner == SP_SYSTEM ? rule->user : rule->owner;
}

bool sp_parse_user(const char *value, const struct sp_parse *parse, uint32_t *uid)
{
	char shown[SP_SHOWN];
	uint64_t number;
	size_t length = 0;

	while (value[length] >= '0' && value[length] <= '9')
		length++;
	if (length && !value[length]) {
		if (!sp_parse_number(value, length, SP_ANY_USER - 1, &number))
			return sp_parse_fail(parse, "user number %s is greater than 4294967294",
					     sp_text_shown(value, shown));
		*uid = (uint32_t)number;
		return true;
	}
	if (!parse->context->find_user)
		return sp_parse_fail(parse, "expected the number of a user, not \"%s\"",
				     sp_text_shown(value, shown));
	if (!parse->context->find_user(value, uid) || *uid == SP_ANY_USER)
		return sp_parse_fail(parse, "there is no user \"%s\"",
				     sp_text_shown(value, shown));
	return true;
}

static bool parse_user(const struct sp_field *field, const char *value,
		       const struct sp_parse *parse, struct sp_rule *rule)
{
	return sp_parse_user(value, parse, &rule->user);
}

static bool any(const struct sp_field *field, const struct sp_rule *rule)
{
	return rule->user == SP_ANY_USER;
}

static void print(const struct sp_field *field, const struct sp_rule *rule,
		  sp_user_name_fn user_name, struct sp_buffer *out)
{
	sp_print_uid(out, rule->user, user_name);
}

static const char *fault(const struct sp_field *field, const struct sp_rule *rule)
{
	return rule->owner == SP_SYSTEM || rule->user == rule->owner ? NULL :
	       "a user's rule is about his own flows, not another user's";
}

static uint32_t narrowness(const struct sp_field *field, const struct sp_rule *rule)
{
	return sp_rule_effective_user(rule) != SP_ANY_USER;
}

static enum sp_relation relate(const struct sp_field *field,
			       const struct sp_rule *a, const struct sp_rule *b)
{
	uint32_t x = sp_rule_effective_user(a), y = sp_rule_effective_user(b);

	return sp_relate_exact(x == SP_ANY_USER, y == SP_ANY_USER, x == y);
}

static enum sp_match match(const struct sp_field *field, const struct sp_rule *rule,
			   const struct sp_flow *flow, const struct sp_facts *facts,
			   struct sp_look *look)
{
	return sp_rule_effective_user(rule) == flow->user ? SP_YES : SP_NO;
}

const struct sp_field sp_field_user = {
	.word = { "user", "user" },
	.wants = "the name or number of a user",
	.parse = parse_user,
	.any = any,
	.print = print,
	.fault = fault,
	.narrowness = narrowness,
	.relate = relate,
	.match = match,
};
