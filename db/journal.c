/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal: who changed what, when, with the rules before and after in the
 * rule language. Bounded: about the newest SP_JOURNAL_MAX entries stay, whole
 * changes only, since a part of one can't be undone; and the newest changes, as large
 * as they may be, so that what was imported can be taken back.
 */
#include <stdlib.h>
#include <string.h>
#include "internal.h"
#include "text.h"

static bool no_memory(struct sp_store *store, const char *what)
{
	return sp_store_fail(store, SP_STORE_FAILED, "could not %s the journal: out of memory", what);
}

/* Binds a rule's text, or NULL. */
static bool bind_rule(struct sp_store *store, int parameter, const struct sp_rule *rule)
{
	sqlite3_stmt *row = store->statement[SP_SQL_ENTRY_ADD];
	char *line;

	if (!rule)
		return sqlite3_bind_null(row, parameter) == SQLITE_OK;
	line = sp_text_print(rule, NULL);
	return (line && sqlite3_bind_text(row, parameter, line, -1, free) == SQLITE_OK) ||
	       no_memory(store, "write");
}

/* created and maker are those of before where there is one: a change keeps them. */
bool sp_journal_add(struct sp_store *store, const struct sp_rule *before,
		    const struct sp_rule *after)
{
	sqlite3_stmt *row = store->statement[SP_SQL_ENTRY_ADD];
	const struct sp_rule *made = before ? before : after;

	sqlite3_bind_int64(row, 1, (int64_t)store->last.number);
	sqlite3_bind_int64(row, 2, store->position++);
	sqlite3_bind_int64(row, 3, (int64_t)made->id);
	sqlite3_bind_int64(row, 6, made->created);
	sqlite3_bind_int64(row, 7, made->maker);
	sqlite3_bind_int64(row, 8, before && before->unconfirmed);
	return bind_rule(store, 4, before) && bind_rule(store, 5, after) &&
	       sp_store_run(store, SP_SQL_ENTRY_ADD, "write the journal");
}

bool sp_journal_trim(struct sp_store *store)
{
	sqlite3_bind_int64(store->statement[SP_SQL_JOURNAL_TRIM], 1, SP_JOURNAL_MAX);
	sqlite3_bind_int64(store->statement[SP_SQL_JOURNAL_TRIM], 2, SP_JOURNAL_CHANGES);
	return sp_store_run(store, SP_SQL_JOURNAL_TRIM, "shorten the journal");
}

/* A copy of a text column; NULL stays NULL. False: no memory. */
static bool text(sqlite3_stmt *row, int column, char **string)
{
	const char *value = (const char *)sqlite3_column_text(row, column);

	*string = value ? strdup(value) : NULL;
	return *string || sqlite3_column_type(row, column) == SQLITE_NULL;
}

/* Columns of SP_SQL_JOURNAL_LIST and _CHANGE. */
static bool take_row(sqlite3_stmt *row, struct sp_journal_entry *entry)
{
	bool how, before, after;

	entry->change = (uint64_t)sqlite3_column_int64(row, 0);
	entry->kind = (enum sp_change_set_kind)sqlite3_column_int(row, 1);
	entry->target = (uint64_t)sqlite3_column_int64(row, 2);
	entry->undone = sqlite3_column_int(row, 3);
	entry->time = sqlite3_column_int64(row, 4);
	entry->uid = (uint32_t)sqlite3_column_int64(row, 5);
	entry->rule = (uint64_t)sqlite3_column_int64(row, 7);
	entry->created = sqlite3_column_int64(row, 10);
	entry->maker = (uint32_t)sqlite3_column_int64(row, 11);
	entry->unconfirmed = sqlite3_column_int(row, 12);
	how = text(row, 6, &entry->how);
	before = text(row, 8, &entry->before);
	after = text(row, 9, &entry->after);
	return how && before && after;
}

/* Room for one more entry behind @count. */
static bool grow(struct sp_journal_entry **entries, size_t count, size_t *size)
{
	struct sp_journal_entry *more;

	if (count < *size)
		return true;
	*size = *size ? 2 * *size : 16;
	more = realloc(*entries, *size * sizeof(**entries));
	if (more)
		*entries = more;
	return more;
}

static bool read_entries(struct sp_store *store, sqlite3_stmt *row,
			 struct sp_journal_entry **entries, size_t *count)
{
	size_t size = 0;
	int code;

	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		if (!sqlite3_column_int(row, 13))
			return sp_store_fail(store, SP_STORE_CORRUPT,
					     "the journal's change %lld is damaged",
					     (long long)sqlite3_column_int64(row, 0));
		if (!grow(entries, *count, &size))
			return no_memory(store, "read");
		if (!take_row(row, &(*entries)[(*count)++]))
			return no_memory(store, "read");
	}
	return code == SQLITE_DONE || sp_store_fail_sqlite(store, code, "read the journal");
}

static enum sp_store_error read_list(struct sp_store *store, enum sp_statement id,
				     struct sp_journal_entry **entries, size_t *count)
{
	struct sp_journal_entry *found = NULL;
	size_t number = 0;
	bool good = read_entries(store, store->statement[id], &found, &number);

	sqlite3_reset(store->statement[id]);
	if (!good) {
		sp_journal_entries_free(found, number);
		return store->error;
	}
	*entries = found;
	*count = number;
	return SP_STORE_OK;
}

enum sp_store_error sp_store_journal(struct sp_store *store, size_t limit,
				     struct sp_journal_entry **entries,
				     size_t *count)
{
	if (limit > SP_JOURNAL_MAX)
		limit = SP_JOURNAL_MAX;
	sqlite3_bind_int64(store->statement[SP_SQL_JOURNAL_LIST], 1, (int64_t)limit);
	return read_list(store, SP_SQL_JOURNAL_LIST, entries, count);
}

enum sp_store_error sp_store_journal_change(struct sp_store *store, uint64_t change,
					    struct sp_journal_entry **entries,
					    size_t *count)
{
	enum sp_store_error error;

	sqlite3_bind_int64(store->statement[SP_SQL_JOURNAL_CHANGE], 1, (int64_t)change);
	error = read_list(store, SP_SQL_JOURNAL_CHANGE, entries, count);
	if (error || *count)
		return error;
	sp_store_fail(store, SP_STORE_NO_CHANGE, "the journal has no change %llu",
		      (unsigned long long)change);
	return store->error;
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
