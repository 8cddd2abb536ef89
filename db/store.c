/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the store share: statements, transactions, errors. All
 * statements are prepared once, when the store is opened; values are bound.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "internal.h"

#define RULE_COLUMNS \
	"owner, floor, enabled, action, direction, program, user, protocol, " \
	"remote, remote_length, remote_port_first, remote_port_last, " \
	"local_port_first, local_port_last, interface, expires, created, maker, note"

static const char *const statements[SP_SQL_COUNT] = {
	[SP_SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SP_SQL_COMMIT] = "COMMIT",
	[SP_SQL_ROLLBACK] = "ROLLBACK",
	[SP_SQL_RULE_LIST] = "SELECT id, " RULE_COLUMNS " FROM rules ORDER BY id",
	[SP_SQL_RULE_GET] = "SELECT id, " RULE_COLUMNS " FROM rules WHERE id = ?1",
	[SP_SQL_RULE_ADD] = "INSERT INTO rules (id, " RULE_COLUMNS ") VALUES ("
		"?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
		"?15, ?16, ?17, ?18, ?19, ?20)",
	[SP_SQL_RULE_REPLACE] = "UPDATE rules SET (" RULE_COLUMNS ") = ("
		"?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
		"?15, ?16, ?17, ?18, ?19, ?20) WHERE id = ?1",
	[SP_SQL_RULE_REMOVE] = "DELETE FROM rules WHERE id = ?1",
	[SP_SQL_RULE_EXPIRED] = "SELECT id FROM rules WHERE expires <= ?1 ORDER BY id LIMIT 1",
	[SP_SQL_JOURNAL_ADD] = "INSERT INTO journal (time, uid, how, rule, before, after) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[SP_SQL_JOURNAL_TRIM] = "DELETE FROM journal WHERE id <= "
		"(SELECT max(id) FROM journal) - ?1",
	[SP_SQL_JOURNAL_LIST] = "SELECT id, time, uid, how, rule, before, after "
		"FROM journal ORDER BY id DESC LIMIT ?1",
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

void sp_store_close(struct sp_store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < SP_SQL_COUNT; i++)
		sqlite3_finalize(store->statement[i]);
	sqlite3_close(store->db);
	free(store);
}

const char *sp_store_message(const struct sp_store *store)
{
	return store->message;
}
