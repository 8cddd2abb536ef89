/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the store share: statements, transactions, errors. All
 * statements are prepared once, when the store is opened; values are bound.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "internal.h"

#define RULE_COLUMNS "id, text, created, maker, unconfirmed, " \
	"sum = row_sum(id, text, expires, created, maker, unconfirmed)"
#define CHANGE_COLUMNS "c.id, c.kind, c.target, c.undone, c.time, c.uid, c.how"
#define ENTRY_COLUMNS "e.rule, e.before, e.after, e.created, e.maker, e.unconfirmed, e.sum = " \
	"row_sum(e.change, e.position, e.rule, e.before, e.after, e.created, e.maker, e.unconfirmed)"

static const char *const statements[SP_SQL_COUNT] = {
	[SP_SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SP_SQL_COMMIT] = "COMMIT",
	[SP_SQL_ROLLBACK] = "ROLLBACK",
	[SP_SQL_RULE_LIST] = "SELECT " RULE_COLUMNS " FROM rules ORDER BY id",
	[SP_SQL_RULE_GET] = "SELECT " RULE_COLUMNS " FROM rules WHERE id = ?1",
	[SP_SQL_RULE_ADD] = "INSERT INTO rules (id, text, expires, created, maker, unconfirmed, sum) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, row_sum(?1, ?2, ?3, ?4, ?5, ?6))",
	[SP_SQL_RULE_REPLACE] = "UPDATE rules SET (text, expires, unconfirmed, sum) = "
		"(?2, ?3, ?6, row_sum(?1, ?2, ?3, created, maker, ?6)) WHERE id = ?1",
	[SP_SQL_RULE_REMOVE] = "DELETE FROM rules WHERE id = ?1",
	[SP_SQL_RULE_EXPIRED] = "SELECT id FROM rules WHERE expires <= ?1 ORDER BY id LIMIT 1",
	[SP_SQL_STATE_GET] = "SELECT next_rule FROM state",
	[SP_SQL_STATE_SET] = "UPDATE state SET next_rule = ?1, sum = row_sum(id, ?1)",
	[SP_SQL_CHANGE_ADD] = "INSERT INTO changes (id, kind, time, uid, how, target, undone, sum) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, row_sum(?1, ?2, ?3, ?4, ?5, ?6, 0))",
	[SP_SQL_CHANGE_UNDONE] = "UPDATE changes SET (undone, sum) = "
		"(?2, row_sum(id, kind, time, uid, how, target, ?2)) WHERE id = ?1",
	[SP_SQL_CHANGE_LAST] = "SELECT max(id) FROM changes",
	/* kinds: SP_SET_CHANGE 0, SP_SET_UNDO 1 */
	[SP_SQL_UNDO_NEXT] = "SELECT max(id) FROM changes WHERE uid = ?1 AND kind = 0 AND NOT undone",
	[SP_SQL_REDO_NEXT] = "SELECT t.id FROM changes u JOIN changes t ON t.id = u.target "
		"WHERE u.uid = ?1 AND u.kind = 1 AND t.undone AND u.id > "
		"(SELECT ifnull(max(id), 0) FROM changes WHERE uid = ?1 AND kind = 0) "
		"ORDER BY u.id DESC LIMIT 1",
	[SP_SQL_ENTRY_ADD] = "INSERT INTO entries "
		"(change, position, rule, before, after, created, maker, unconfirmed, sum) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, row_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))",
	[SP_SQL_JOURNAL_TRIM] = "DELETE FROM changes WHERE id <= "
		"(SELECT change FROM entries ORDER BY change DESC, position DESC "
		"LIMIT 1 OFFSET ?1) AND id <= (SELECT max(id) FROM changes) - ?2",
	[SP_SQL_JOURNAL_LIST] = "SELECT " CHANGE_COLUMNS ", " ENTRY_COLUMNS
		" FROM entries e JOIN changes c ON c.id = e.change "
		"ORDER BY e.change DESC, e.position DESC LIMIT ?1",
	[SP_SQL_JOURNAL_CHANGE] = "SELECT " CHANGE_COLUMNS ", " ENTRY_COLUMNS
		" FROM entries e JOIN changes c ON c.id = e.change "
		"WHERE e.change = ?1 ORDER BY e.position",
};

bool sp_store_fail(struct sp_store *store, enum sp_store_error error,
		   const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(store->message, sizeof(store->message), format, arguments);
	va_end(arguments);
	store->error = error;
	return false;
}

/* Errors of the system behind SQLITE_IOERR and SQLITE_CANTOPEN. */
static enum sp_store_error system_error(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
		return SP_STORE_FULL;
	case EROFS:
	case EACCES:
	case EPERM:
		return SP_STORE_READONLY;
	}
	return SP_STORE_FAILED;
}

static enum sp_store_error sqlite_error(sqlite3 *db, int code)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return SP_STORE_FULL;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return SP_STORE_READONLY;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return SP_STORE_BUSY;
	case SQLITE_CONSTRAINT:
		return SP_STORE_INVALID;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return SP_STORE_CORRUPT;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return system_error(db ? sqlite3_system_errno(db) : 0);
	}
	return SP_STORE_FAILED;
}

bool sp_store_fail_sqlite(struct sp_store *store, int code, const char *what)
{
	return sp_store_fail(store, sqlite_error(store->db, code), "could not %s: %s", what,
			     store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(code));
}

bool sp_store_fail_errno(struct sp_store *store, const char *what, const char *name)
{
	enum sp_store_error error = SP_STORE_FAILED;

	if (errno == ENOSPC || errno == EDQUOT)
		error = SP_STORE_FULL;
	else if (errno == EROFS)
		error = SP_STORE_READONLY;
	return sp_store_fail(store, error, "could not %s %s: %s", what, name, strerror(errno));
}

bool sp_store_prepare(struct sp_store *store)
{
	for (size_t i = 0; i < SP_SQL_COUNT; i++) {
		int code = sqlite3_prepare_v3(store->db, statements[i], -1,
					      SQLITE_PREPARE_PERSISTENT,
					      &store->statement[i], NULL);

		if (code != SQLITE_OK)
			return sp_store_fail_sqlite(store, code, "prepare the store's statements");
	}
	return true;
}

bool sp_store_run(struct sp_store *store, enum sp_statement id, const char *what)
{
	int code = sqlite3_step(store->statement[id]);

	if (code != SQLITE_DONE)
		sp_store_fail_sqlite(store, code, what);
	sqlite3_reset(store->statement[id]);
	sqlite3_clear_bindings(store->statement[id]);
	return code == SQLITE_DONE;
}

bool sp_store_number(struct sp_store *store, enum sp_statement id, const char *what,
		     uint64_t *number)
{
	int code = sqlite3_step(store->statement[id]);

	*number = code == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(store->statement[id], 0) : 0;
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		sp_store_fail_sqlite(store, code, what);
	sqlite3_reset(store->statement[id]);
	return code == SQLITE_ROW || code == SQLITE_DONE;
}

/* SQLite has rolled back by itself after some errors. */
bool sp_store_end(struct sp_store *store, bool good)
{
	if (good && sp_store_run(store, SP_SQL_COMMIT, "save the change"))
		return true;
	if (!sqlite3_get_autocommit(store->db)) {
		sqlite3_step(store->statement[SP_SQL_ROLLBACK]);
		sqlite3_reset(store->statement[SP_SQL_ROLLBACK]);
	}
	return false;
}

void sp_store_finalize(struct sp_store *store)
{
	for (size_t i = 0; i < SP_SQL_COUNT; i++) {
		sqlite3_finalize(store->statement[i]);
		store->statement[i] = NULL;
	}
}

void sp_store_close(struct sp_store *store)
{
	if (!store)
		return;
	sp_store_finalize(store);
	sqlite3_close(store->db);
	sp_held_clear(&store->held);
	if (store->held.folder >= 0)
		close(store->held.folder);
	if (store->stamp >= 0)
		close(store->stamp);
	if (store->folder >= 0)
		close(store->folder);
	free(store);
}

const char *sp_store_message(const struct sp_store *store)
{
	return store->message;
}

#define NOT_SAVED "changes of the rules are not saved: they hold until the machine is restarted"

static void add_trouble(struct sp_store *store, const char *trouble)
{
	size_t length = strlen(store->troubles);

	if (trouble[0])
		snprintf(store->troubles + length, sizeof(store->troubles) - length, "%s%s",
			 length ? "; " : "", trouble);
}

const char *sp_store_trouble(struct sp_store *store)
{
	store->troubles[0] = '\0';
	if (store->held.count)
		add_trouble(store, NOT_SAVED);
	for (size_t i = 0; i < SP_TROUBLE_COUNT; i++)
		add_trouble(store, store->trouble[i]);
	return store->troubles[0] ? store->troubles : NULL;
}
