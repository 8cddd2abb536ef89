/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of fields, and what several of them share. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "field.h"
#include "text_error.h"

const struct sp_field *const sp_fields[SP_FIELD_COUNT] = {
	[SP_FIELD_PROGRAM] = &sp_field_program,
	[SP_FIELD_USER] = &sp_field_user,
	[SP_FIELD_OWNER] = &sp_field_owner,
	[SP_FIELD_HASH] = &sp_field_hash,
	[SP_FIELD_PACKAGE] = &sp_field_package,
	[SP_FIELD_APP] = &sp_field_app,
	[SP_FIELD_UNIT] = &sp_field_unit,
	[SP_FIELD_SCRIPT] = &sp_field_script,
	[SP_FIELD_PARENT] = &sp_field_parent,
	[SP_FIELD_TRACED] = &sp_field_traced,
	[SP_FIELD_PROCESS] = &sp_field_process,
	[SP_FIELD_CGROUP] = &sp_field_cgroup,
	[SP_FIELD_PROTOCOL] = &sp_field_protocol,
	[SP_FIELD_REMOTE] = &sp_field_remote,
	[SP_FIELD_PORT] = &sp_field_port,
	[SP_FIELD_OTHER_PORT] = &sp_field_other_port,
	[SP_FIELD_INTERFACE] = &sp_field_interface,
	[SP_FIELD_NETWORK] = &sp_field_network,
	[SP_FIELD_UNTIL] = &sp_field_until,
	[SP_FIELD_SESSION] = &sp_field_session,
	[SP_FIELD_BOOT] = &sp_field_boot,
};

enum sp_relation sp_relate_exact(bool a_any, bool b_any, bool same)
{
	if (a_any && b_any)
		return SP_EQUAL;
	if (a_any)
		return SP_WIDER;
	if (b_any)
		return SP_NARROWER;
	return same ? SP_EQUAL : SP_DISJOINT;
}

enum sp_match sp_match_fact(enum sp_fact_state state, const struct sp_rule *rule,
			    bool same)
{
	switch (state) {
	case SP_FACT_PENDING:
		return SP_MAYBE;
	case SP_FACT_KNOWN:
		return same ? SP_YES : SP_NO;
	case SP_FACT_CLAIMED:
		return same && rule->action != SP_ALLOW ? SP_DOUBT : SP_NO;
	case SP_FACT_FAILED:
		break;
	}
	return rule->action == SP_ALLOW ? SP_NO : SP_DOUBT;
}

bool sp_parse_fail(const struct sp_parse *parse, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	sp_text_fail_list(parse->error, parse->column, format, arguments);
	va_end(arguments);
	return false;
}

bool sp_parse_string(const char *value, const struct sp_parse *parse, char **string)
{
	char *copy = strdup(value);

	if (!copy)
		return sp_parse_fail(parse, "out of memory");
	free(*string);
	*string = copy;
	return true;
}

bool sp_parse_number(const char *text, size_t length, uint64_t max, uint64_t *number)
{
	uint64_t sum = 0;

	if (!length)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		sum = sum * 10 + (uint64_t)(text[i] - '0');
		if (sum > max)
			return false;
	}
	*number = sum;
	return true;
}
