/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rules_1.h. Used by one migration; not to be changed with the rules. */
#include <stdlib.h>
#include <string.h>
#include "rules_1.h"
#include "text.h"

enum column {
	OWNER, FLOOR, ENABLED, ACTION, DIRECTION, PROGRAM, USER, PROTOCOL,
	REMOTE, REMOTE_LENGTH, REMOTE_FIRST, REMOTE_LAST, LOCAL_FIRST,
	LOCAL_LAST, INTERFACE, EXPIRES, NOTE, COLUMNS,
};

static bool null(sqlite3_value *value)
{
	return sqlite3_value_type(value) == SQLITE_NULL;
}

static uint32_t uid(sqlite3_value *value)
{
	return null(value) ? UINT32_MAX : (uint32_t)sqlite3_value_int64(value);
}

static void read_numbers(sqlite3_value **row, struct sp_rule *rule)
{
	rule->owner = uid(row[OWNER]);
	rule->floor = sqlite3_value_int(row[FLOOR]);
	rule->enabled = sqlite3_value_int(row[ENABLED]);
	rule->action = (enum sp_action)sqlite3_value_int(row[ACTION]);
	rule->direction = (enum sp_direction)sqlite3_value_int(row[DIRECTION]);
	rule->user = uid(row[USER]);
	rule->protocol = null(row[PROTOCOL]) ? SP_ANY_PROTOCOL : sqlite3_value_int(row[PROTOCOL]);
	rule->remote.length = (uint8_t)sqlite3_value_int(row[REMOTE_LENGTH]);
	rule->remote_port.first = (uint16_t)sqlite3_value_int(row[REMOTE_FIRST]);
	rule->remote_port.last = (uint16_t)sqlite3_value_int(row[REMOTE_LAST]);
	rule->local_port.first = (uint16_t)sqlite3_value_int(row[LOCAL_FIRST]);
	rule->local_port.last = (uint16_t)sqlite3_value_int(row[LOCAL_LAST]);
	rule->expires = sqlite3_value_int64(row[EXPIRES]);	/* NULL is 0 */
}

/* False: no memory, or a NUL in the text. */
static bool text(sqlite3_value *value, char **string)
{
	const char *found;

	if (null(value))
		return true;
	found = (const char *)sqlite3_value_text(value);
	if (!found || strlen(found) != (size_t)sqlite3_value_bytes(value))
		return false;
	*string = strdup(found);
	return *string;
}

/* NULL, or what is wrong with the row. */
static const char *read_rule(sqlite3_value **row, struct sp_rule *rule)
{
	const void *remote = sqlite3_value_blob(row[REMOTE]);

	read_numbers(row, rule);
	if (!remote || sqlite3_value_bytes(row[REMOTE]) != sizeof(rule->remote.address))
		return "its address does not have 16 bytes";
	memcpy(rule->remote.address, remote, sizeof(rule->remote.address));
	if (!text(row[PROGRAM], &rule->program) || !text(row[NOTE], &rule->note) ||
	    !text(row[INTERFACE], &rule->interface))
		return "one of its texts can't be read";
	return sp_rule_check(rule);
}

static void rule_1_text(sqlite3_context *context, int count, sqlite3_value **row)
{
	struct sp_rule rule;
	const char *fault;
	char *message;

	sp_rule_init(&rule);
	fault = read_rule(row, &rule);
	if (!fault) {
		sqlite3_result_text(context, sp_text_print(&rule, NULL), -1, free);
	} else {
		message = sqlite3_mprintf("%s%s", SP_RULES_1_DAMAGED, fault);
		sqlite3_result_error(context, message ? message : fault, -1);
		sqlite3_free(message);
	}
	sp_rule_clear(&rule);
}

int sp_rules_1_register(sqlite3 *db)
{
	return sqlite3_create_function_v2(db, "rule_1_text", COLUMNS,
					  SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
					  rule_1_text, NULL, NULL, NULL);
}
