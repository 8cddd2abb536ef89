/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * owner NAME-OR-UID | system: whose rule it is. What that means for the flows
 * it matches is with the field user.
 */
#include <string.h>
#include "field.h"

static const char system_word[] = "system";

static bool parse_owner(const struct sp_field *field, const char *value,
			const struct sp_parse *parse, struct sp_rule *rule)
{
	if (strcmp(value, system_word))
		return sp_parse_user(value, parse, &rule->owner);
	rule->owner = SP_SYSTEM;
	return true;
}

static bool any(const struct sp_field *field, const struct sp_rule *rule)
{
	return rule->owner == SP_SYSTEM;
}

static void print(const struct sp_field *field, const struct sp_rule *rule,
		  sp_user_name_fn user_name, struct sp_buffer *out)
{
	const char *name = user_name ? user_name(rule->owner) : NULL;

	if (rule->owner == SP_SYSTEM) {
		sp_buffer_string(out, system_word);
		return;
	}
	if (name && !strcmp(name, system_word))
		user_name = NULL;
	sp_print_uid(out, rule->owner, user_name);
}

const struct sp_field sp_field_owner = {
	.word = { "owner", "owner" },
	.wants = "the name or number of a user, or \"system\"",
	.parse = parse_owner,
	.any = any,
	.print = print,
};
