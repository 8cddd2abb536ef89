/* SPDX-License-Identifier: GPL-2.0-or-later */
/* protocol NAME-OR-NUMBER. One protocol is narrower than any. */
#include <string.h>
#include "field.h"
#include "protocol.h"
#include "text_error.h"

static bool unknown(const char *value, const struct sp_parse *parse)
{
	const char *candidates[SP_PROTOCOLS], *meant;
	char shown[SP_SHOWN];

	for (size_t i = 0; i < SP_PROTOCOLS; i++)
		candidates[i] = sp_protocol_list(i);
	sp_text_shown(value, shown);
	meant = sp_text_suggest(value, candidates, SP_PROTOCOLS);
	if (meant)
		return sp_parse_fail(parse, "unknown protocol \"%s\"; did you mean \"%s\"?",
				     shown, meant);
	return sp_parse_fail(parse, "unknown protocol \"%s\"; expected a name such as \"tcp\", or a number from 0 to 255",
			     shown);
}

static bool parse_protocol(const struct sp_field *field, const char *value,
			   const struct sp_parse *parse, struct sp_rule *rule)
{
	uint64_t number;

	if (sp_parse_number(value, strlen(value), 255, &number)) {
		rule->protocol = (int)number;
		return true;
	}
	rule->protocol = sp_protocol_number(value);
	return rule->protocol >= 0 || unknown(value, parse);
}

static bool any(const struct sp_field *field, const struct sp_rule *rule)
{
	return rule->protocol == SP_ANY_PROTOCOL;
}

static void print(const struct sp_field *field, const struct sp_rule *rule,
		  sp_user_name_fn user_name, struct sp_buffer *out)
{
	const char *name = sp_protocol_name(rule->protocol);

	if (name)
		sp_buffer_string(out, name);
	else
		sp_buffer_format(out, "%d", rule->protocol);
}

static const char *fault(const struct sp_field *field, const struct sp_rule *rule)
{
	return rule->protocol >= 0 && rule->protocol <= UINT8_MAX ? NULL :
	       "the number of a protocol is at most 255";
}

static uint32_t narrowness(const struct sp_field *field, const struct sp_rule *rule)
{
	return !any(field, rule);
}

static enum sp_relation relate(const struct sp_field *field,
			       const struct sp_rule *a, const struct sp_rule *b)
{
	return sp_relate_exact(any(field, a), any(field, b), a->protocol == b->protocol);
}

static enum sp_match match(const struct sp_field *field, const struct sp_rule *rule,
			   const struct sp_flow *flow, const struct sp_facts *facts,
			   struct sp_look *look)
{
	return flow->protocol == rule->protocol ? SP_YES : SP_NO;
}

const struct sp_field sp_field_protocol = {
	.word = { "protocol", "protocol" },
	.wants = "the name or number of a protocol",
	.parse = parse_protocol,
	.any = any,
	.print = print,
	.fault = fault,
	.narrowness = narrowness,
	.relate = relate,
	.match = match,
	.looked = { SP_LOOKED_PROTOCOL, SP_LOOKED_PROTOCOL },
	.price = { 1, 1 },
};
