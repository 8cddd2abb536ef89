/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules to rows and back. A rule is kept as its line of the rule language; a row
 * that is no rule means a damaged store, not a rule with something left out.
 */
#include <stdlib.h>
#include <string.h>
#include "internal.h"
#include "text.h"

/* Columns of SP_SQL_RULE_LIST and _GET. */
enum column { ID, TEXT, CREATED, MAKER, UNCONFIRMED, WHOLE };

bool sp_rules_check_row(struct sp_store *store, sqlite3_stmt *row)
{
	return sqlite3_column_int(row, WHOLE) ||
	       sp_store_fail(store, SP_STORE_CORRUPT, "rule %lld in the store is damaged",
			     (long long)sqlite3_column_int64(row, ID));
}

/* The row into @rule; on failure there is nothing to clear. */
static bool take_row(struct sp_store *store, sqlite3_stmt *row, struct sp_rule *rule)
{
	const char *text = (const char *)sqlite3_column_text(row, TEXT);
	uint64_t id = (uint64_t)sqlite3_column_int64(row, ID);
	struct sp_text_error fault = { .message = "there is no rule in its text" };

	if (!sp_rules_check_row(store, row))
		return false;
	if (!text)
		return sp_store_fail(store, SP_STORE_FAILED, "could not read a rule: out of memory");
	if (sp_text_parse(text, (size_t)sqlite3_column_bytes(row, TEXT), SP_SYSTEM, NULL,
			  rule, &fault) <= 0)
		return sp_store_fail(store, SP_STORE_CORRUPT, "rule %llu in the store is damaged: %s",
				     (unsigned long long)id, fault.message);
	rule->id = id;
	rule->created = sqlite3_column_int64(row, CREATED);
	rule->maker = (uint32_t)sqlite3_column_int64(row, MAKER);
	rule->unconfirmed = sqlite3_column_int(row, UNCONFIRMED);
	return true;
}

/* Parameters 1 to 3, and 6, of SP_SQL_RULE_ADD and _REPLACE. */
static bool bind_rule(struct sp_store *store, sqlite3_stmt *row, const struct sp_rule *rule,
		      uint64_t id)
{
	char *line = sp_text_print(rule, NULL);

	if (!line || sqlite3_bind_text(row, 2, line, -1, free) != SQLITE_OK)
		return sp_store_fail(store, SP_STORE_FAILED, "could not write a rule: out of memory");
	sqlite3_bind_int64(row, 1, (int64_t)id);
	sqlite3_bind_int64(row, 6, rule->unconfirmed);
	if (rule->expires)
		sqlite3_bind_int64(row, 3, rule->expires);
	else
		sqlite3_bind_null(row, 3);
	return true;
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

bool sp_rules_add(struct sp_store *store, const struct sp_rule *rule, uint64_t id)
{
	sqlite3_stmt *row = store->statement[SP_SQL_RULE_ADD];

	sqlite3_bind_int64(row, 4, rule->created);
	sqlite3_bind_int64(row, 5, rule->maker);
	return bind_rule(store, row, rule, id) &&
	       sp_store_run(store, SP_SQL_RULE_ADD, "add a rule");
}

bool sp_rules_replace(struct sp_store *store, const struct sp_rule *rule)
{
	return bind_rule(store, store->statement[SP_SQL_RULE_REPLACE], rule, rule->id) &&
	       sp_store_run(store, SP_SQL_RULE_REPLACE, "change a rule");
}

bool sp_rules_remove(struct sp_store *store, uint64_t id)
{
	sqlite3_bind_int64(store->statement[SP_SQL_RULE_REMOVE], 1, (int64_t)id);
	return sp_store_run(store, SP_SQL_RULE_REMOVE, "remove a rule");
}

bool sp_rules_expired(struct sp_store *store, int64_t now, uint64_t *id)
{
	sqlite3_bind_int64(store->statement[SP_SQL_RULE_EXPIRED], 1, now);
	return sp_store_number(store, SP_SQL_RULE_EXPIRED, "look for rules that expired", id);
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
	good = good && sp_held_overlay(store, &found, &number_found);
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
