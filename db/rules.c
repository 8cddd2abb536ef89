/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules to rows and back. What is read is checked as what is written is: a row
 * that is no rule means a damaged store, not a rule with something left out.
 */
#include <stdlib.h>
#include <string.h>
#include "internal.h"

/* Columns of SP_SQL_RULE_LIST and _GET; as parameters one more. */
enum column {
	ID, OWNER, FLOOR, ENABLED, ACTION, DIRECTION, PROGRAM, USER, PROTOCOL,
	REMOTE, REMOTE_LENGTH, REMOTE_FIRST, REMOTE_LAST, LOCAL_FIRST,
	LOCAL_LAST, INTERFACE, EXPIRES, CREATED, MAKER, NOTE,
};

static bool null(sqlite3_stmt *row, enum column column)
{
	return sqlite3_column_type(row, column) == SQLITE_NULL;
}

static int64_t number(sqlite3_stmt *row, enum column column)
{
	return sqlite3_column_int64(row, column);
}

static uint32_t uid(sqlite3_stmt *row, enum column column)
{
	return null(row, column) ? UINT32_MAX : (uint32_t)number(row, column);
}

/* False: no memory, or a NUL in the text. */
static bool text(sqlite3_stmt *row, enum column column, char **string)
{
	const char *value;

	if (null(row, column))
		return true;
	value = (const char *)sqlite3_column_text(row, column);
	if (!value || strlen(value) != (size_t)sqlite3_column_bytes(row, column))
		return false;
	*string = strdup(value);
	return *string;
}

static void read_numbers(sqlite3_stmt *row, struct sp_rule *rule)
{
	rule->id = (uint64_t)number(row, ID);
	rule->owner = uid(row, OWNER);
	rule->floor = number(row, FLOOR);
	rule->enabled = number(row, ENABLED);
	rule->action = (enum sp_action)number(row, ACTION);
	rule->direction = (enum sp_direction)number(row, DIRECTION);
	rule->user = uid(row, USER);
	rule->protocol = null(row, PROTOCOL) ? SP_ANY_PROTOCOL : (int)number(row, PROTOCOL);
	rule->remote.length = (uint8_t)number(row, REMOTE_LENGTH);
	rule->remote_port.first = (uint16_t)number(row, REMOTE_FIRST);
	rule->remote_port.last = (uint16_t)number(row, REMOTE_LAST);
	rule->local_port.first = (uint16_t)number(row, LOCAL_FIRST);
	rule->local_port.last = (uint16_t)number(row, LOCAL_LAST);
	rule->expires = number(row, EXPIRES);	/* NULL is 0 */
	rule->created = number(row, CREATED);
	rule->maker = (uint32_t)number(row, MAKER);
}

/* NULL, or what is wrong with the row. */
static const char *read_rule(sqlite3_stmt *row, struct sp_rule *rule)
{
	const void *remote = sqlite3_column_blob(row, REMOTE);

	read_numbers(row, rule);
	if (!remote || sqlite3_column_bytes(row, REMOTE) != sizeof(rule->remote.address))
		return "its address does not have 16 bytes";
	memcpy(rule->remote.address, remote, sizeof(rule->remote.address));
	if (!text(row, PROGRAM, &rule->program) || !text(row, NOTE, &rule->note) ||
	    !text(row, INTERFACE, &rule->interface))
		return "one of its texts can't be read";
	return sp_rule_check(rule);
}

/* The row into @rule, initialised; on failure there is nothing to clear. */
static bool take_row(struct sp_store *store, sqlite3_stmt *row, struct sp_rule *rule)
{
	const char *fault;

	sp_rule_init(rule);
	fault = read_rule(row, rule);
	if (!fault)
		return true;
	sp_store_fail(store, SP_STORE_CORRUPT, "rule %llu in the store is damaged: %s",
		      (unsigned long long)rule->id, fault);
	sp_rule_clear(rule);
	return false;
}

static void bind_number(sqlite3_stmt *row, enum column column, int64_t value)
{
	sqlite3_bind_int64(row, column + 1, value);
}

/* @value is NULL where it is @none. */
static void bind_unless(sqlite3_stmt *row, enum column column, int64_t value, int64_t none)
{
	if (value == none)
		sqlite3_bind_null(row, column + 1);
	else
		sqlite3_bind_int64(row, column + 1, value);
}

static int bind_text(sqlite3_stmt *row, enum column column, const char *string)
{
	return sqlite3_bind_text(row, column + 1, string, -1, SQLITE_TRANSIENT);
}

static bool bind_rule(struct sp_store *store, sqlite3_stmt *row, const struct sp_rule *rule)
{
	bind_unless(row, ID, (int64_t)rule->id, 0);
	bind_unless(row, OWNER, rule->owner, SP_SYSTEM);
	bind_number(row, FLOOR, rule->floor);
	bind_number(row, ENABLED, rule->enabled);
	bind_number(row, ACTION, rule->action);
	bind_number(row, DIRECTION, rule->direction);
	bind_unless(row, USER, rule->user, SP_ANY_USER);
	bind_unless(row, PROTOCOL, rule->protocol, SP_ANY_PROTOCOL);
	bind_number(row, REMOTE_LENGTH, rule->remote.length);
	bind_number(row, REMOTE_FIRST, rule->remote_port.first);
	bind_number(row, REMOTE_LAST, rule->remote_port.last);
	bind_number(row, LOCAL_FIRST, rule->local_port.first);
	bind_number(row, LOCAL_LAST, rule->local_port.last);
	bind_unless(row, EXPIRES, rule->expires, 0);
	bind_number(row, CREATED, rule->created);
	bind_number(row, MAKER, rule->maker);
	if (bind_text(row, PROGRAM, rule->program) == SQLITE_OK &&
	    bind_text(row, INTERFACE, rule->interface) == SQLITE_OK &&
	    bind_text(row, NOTE, rule->note) == SQLITE_OK &&
	    sqlite3_bind_blob(row, REMOTE + 1, rule->remote.address,
			      sizeof(rule->remote.address), SQLITE_TRANSIENT) == SQLITE_OK)
		return true;
	sqlite3_clear_bindings(row);
	return sp_store_fail(store, SP_STORE_FAILED, "could not write a rule: out of memory");
}

bool sp_rules_get(struct sp_store *store, uint64_t id, struct sp_rule *rule)
{
	sqlite3_stmt *row = store->statement[SP_SQL_RULE_GET];
	bool good = false;
	int code;

	sqlite3_bind_int64(row, 1, (int64_t)id);
	code = sqlite3_step(row);
	if (code == SQLITE_ROW)
		good = take_row(store, row, rule);
	else if (code == SQLITE_DONE)
		sp_store_fail(store, SP_STORE_NO_RULE, "there is no rule %llu",
			      (unsigned long long)id);
	else
		sp_store_fail_sqlite(store, code, "read a rule");
	sqlite3_reset(row);
	return good;
}

bool sp_rules_add(struct sp_store *store, const struct sp_rule *rule, uint64_t *id)
{
	struct sp_rule fresh = *rule;

	fresh.id = 0;
	if (!bind_rule(store, store->statement[SP_SQL_RULE_ADD], &fresh) ||
	    !sp_store_run(store, SP_SQL_RULE_ADD, "add a rule"))
		return false;
	*id = (uint64_t)sqlite3_last_insert_rowid(store->db);
	return true;
}

bool sp_rules_replace(struct sp_store *store, const struct sp_rule *rule)
{
	return bind_rule(store, store->statement[SP_SQL_RULE_REPLACE], rule) &&
	       sp_store_run(store, SP_SQL_RULE_REPLACE, "change a rule");
}

bool sp_rules_remove(struct sp_store *store, uint64_t id)
{
	sqlite3_bind_int64(store->statement[SP_SQL_RULE_REMOVE], 1, (int64_t)id);
	return sp_store_run(store, SP_SQL_RULE_REMOVE, "remove a rule");
}

bool sp_rules_expired(struct sp_store *store, int64_t now, uint64_t *id)
{
	sqlite3_stmt *row = store->statement[SP_SQL_RULE_EXPIRED];
	int code;

	sqlite3_bind_int64(row, 1, now);
	code = sqlite3_step(row);
	*id = code == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(row, 0) : 0;
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		sp_store_fail_sqlite(store, code, "look for rules that expired");
	sqlite3_reset(row);
	return code == SQLITE_ROW || code == SQLITE_DONE;
}

/* Room for one more rule behind @count. */
static bool grow(struct sp_store *store, struct sp_rule **rules, size_t count, size_t *size)
{
	struct sp_rule *more;

	if (count < *size)
		return true;
	*size = *size ? 2 * *size : 64;
	more = realloc(*rules, *size * sizeof(**rules));
	if (!more)
		return sp_store_fail(store, SP_STORE_FAILED, "could not read the rules: out of memory");
	*rules = more;
	return true;
}

static bool read_all(struct sp_store *store, struct sp_rule **rules, size_t *count)
{
	sqlite3_stmt *row = store->statement[SP_SQL_RULE_LIST];
	size_t size = 0;
	int code;

	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		if (!grow(store, rules, *count, &size) ||
		    !take_row(store, row, &(*rules)[*count]))
			return false;
		++*count;
	}
	return code == SQLITE_DONE || sp_store_fail_sqlite(store, code, "read the rules");
}

enum sp_store_error sp_store_load(struct sp_store *store,
				  struct sp_rule **rules, size_t *count)
{
	struct sp_rule *found = NULL;
	size_t number_found = 0;
	bool good = read_all(store, &found, &number_found);

	sqlite3_reset(store->statement[SP_SQL_RULE_LIST]);
	if (good) {
		*rules = found;
		*count = number_found;
		return SP_STORE_OK;
	}
	while (number_found)
		sp_rule_clear(&found[--number_found]);
	free(found);
	return store->error;
}
