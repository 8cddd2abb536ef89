/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the schema that a file has to ours. A step and its user_version are one
 * transaction: a file is at one version or at the next, whatever happens.
 */
#include <stdio.h>
#include <string.h>
#include "internal.h"
#include "migrations.h"
#include "rules_1.h"
#include "sum.h"

bool sp_migrate_version(struct sp_store *store, unsigned *version)
{
	sqlite3_stmt *row = NULL;
	int code = sqlite3_prepare_v2(store->db, "PRAGMA user_version", -1, &row, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(row);
	if (code == SQLITE_ROW)
		*version = (unsigned)sqlite3_column_int(row, 0);
	else
		sp_store_fail_sqlite(store, code, "read the store's version");
	sqlite3_finalize(row);
	return code == SQLITE_ROW;
}

static bool execute(struct sp_store *store, const char *sql, const char *what)
{
	int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

	if (code == SQLITE_OK)
		return true;
	sp_store_fail_sqlite(store, code, what);
	if (!strncmp(sqlite3_errmsg(store->db), SP_RULES_1_DAMAGED, strlen(SP_RULES_1_DAMAGED)))
		store->error = SP_STORE_CORRUPT;
	return false;
}

/* Inside a transaction, in which nobody else can migrate. */
static bool step(struct sp_store *store, unsigned version)
{
	char text[64], what[64];
	unsigned current;

	if (!sp_migrate_version(store, &current))
		return false;
	if (current != version)
		return sp_store_fail(store, SP_STORE_BUSY, "another process migrates the store");
	snprintf(text, sizeof(text), "PRAGMA user_version = %u", version + 1);
	snprintf(what, sizeof(what), "make version %u of the store", version + 1);
	return execute(store, sp_migrations[version], what) && execute(store, text, what);
}

bool sp_migrate_register(struct sp_store *store)
{
	int code = sp_sum_register(store->db);

	if (code == SQLITE_OK)
		code = sp_rules_1_register(store->db);
	return code == SQLITE_OK || sp_store_fail_sqlite(store, code, "set up the store");
}

bool sp_migrate(struct sp_store *store, unsigned to)
{
	unsigned version;

	if (!sp_migrate_version(store, &version))
		return false;
	for (; version < to; version++) {
		if (!execute(store, "BEGIN IMMEDIATE", "begin a migration"))
			return false;
		if (!step(store, version) ||
		    !execute(store, "COMMIT", "save a migration")) {
			sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
			return false;
		}
	}
	return true;
}
