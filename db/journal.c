/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal: who changed what, when, with the rule before and after in the
 * rule language. Bounded: the newest SP_JOURNAL_MAX entries stay.
 */
#include <stdlib.h>
#include <string.h>
#include "internal.h"
#include "text.h"

/* Binds a rule's text, or NULL. */
static bool bind_rule(struct sp_store *store, int parameter, const struct sp_rule *rule)
{
	sqlite3_stmt *row = store->statement[SP_SQL_JOURNAL_ADD];
	char *line;

	if (!rule)
		return sqlite3_bind_null(row, parameter) == SQLITE_OK;
	line = sp_text_print(rule, NULL);
	if (line && sqlite3_bind_text(row, parameter, line, -1, free) == SQLITE_OK)
		return true;
	return sp_store_fail(store, SP_STORE_FAILED, "could not write the journal: out of memory");
}

bool sp_journal_add(struct sp_store *store, const struct sp_actor *actor,
		    int64_t time, uint64_t id, const struct sp_rule *before,
		    const struct sp_rule *after)
{
	sqlite3_stmt *row = store->statement[SP_SQL_JOURNAL_ADD];

	sqlite3_bind_int64(row, 1, time);
	sqlite3_bind_int64(row, 2, actor->uid);
	sqlite3_bind_text(row, 3, actor->how ? actor->how : "", -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(row, 4, (int64_t)id);
	return bind_rule(store, 5, before) && bind_rule(store, 6, after) &&
	       sp_store_run(store, SP_SQL_JOURNAL_ADD, "write the journal");
}

bool sp_journal_trim(struct sp_store *store)
{
	sqlite3_bind_int64(store->statement[SP_SQL_JOURNAL_TRIM], 1, SP_JOURNAL_MAX);
	return sp_store_run(store, SP_SQL_JOURNAL_TRIM, "shorten the journal");
}

/* A copy of a text column; NULL stays NULL. False: no memory. */
static bool text(sqlite3_stmt *row, int column, char **string)
{
	const char *value = (const char *)sqlite3_column_text(row, column);

	*string = value ? strdup(value) : NULL;
	return *string || sqlite3_column_type(row, column) == SQLITE_NULL;
}

static bool take_row(sqlite3_stmt *row, struct sp_journal_entry *entry)
{
	bool how, before, after;

	entry->id = (uint64_t)sqlite3_column_int64(row, 0);
	entry->time = sqlite3_column_int64(row, 1);
	entry->uid = (uint32_t)sqlite3_column_int64(row, 2);
	entry->rule = (uint64_t)sqlite3_column_int64(row, 4);
	how = text(row, 3, &entry->how);
	before = text(row, 5, &entry->before);
	after = text(row, 6, &entry->after);
	return how && before && after;
}

static bool read_entries(struct sp_store *store, struct sp_journal_entry *entries,
			 size_t *count)
{
	sqlite3_stmt *row = store->statement[SP_SQL_JOURNAL_LIST];
	int code;

	while ((code = sqlite3_step(row)) == SQLITE_ROW)
		if (!take_row(row, &entries[(*count)++]))
			return sp_store_fail(store, SP_STORE_FAILED,
					     "could not read the journal: out of memory");
	return code == SQLITE_DONE || sp_store_fail_sqlite(store, code, "read the journal");
}

enum sp_store_error sp_store_journal(struct sp_store *store, size_t limit,
				     struct sp_journal_entry **entries,
				     size_t *count)
{
	struct sp_journal_entry *found;
	size_t number = 0;
	bool good;

	if (limit > SP_JOURNAL_MAX)
		limit = SP_JOURNAL_MAX;
	found = calloc(limit + 1, sizeof(*found));
	if (!found) {
		sp_store_fail(store, SP_STORE_FAILED, "could not read the journal: out of memory");
		return store->error;
	}
	sqlite3_bind_int64(store->statement[SP_SQL_JOURNAL_LIST], 1, (int64_t)limit);
	good = read_entries(store, found, &number);
	sqlite3_reset(store->statement[SP_SQL_JOURNAL_LIST]);
	if (!good) {
		sp_journal_entries_free(found, number);
		return store->error;
	}
	*entries = found;
	*count = number;
	return SP_STORE_OK;
}

void sp_journal_entries_free(struct sp_journal_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(entries[i].how);
		free(entries[i].before);
		free(entries[i].after);
	}
	free(entries);
}
