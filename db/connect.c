/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See connect.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cache.h"
#include "connect.h"
#include "schema.h"

#define BUSY_TIMEOUT 250	/* ms */

void sp_connect_trust(struct sp_store *store, bool trusted)
{
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !trusted, NULL);
}

static bool set_up(struct sp_store *store)
{
	int code;

	sqlite3_extended_result_codes(store->db, 1);
	sqlite3_busy_timeout(store->db, BUSY_TIMEOUT);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sp_connect_trust(store, false);
	code = sqlite3_exec(store->db, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
			    "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
			    SP_SQLITE_CACHE,
			    NULL, NULL, NULL);
	if (code == SQLITE_OK)
		return sp_migrate_register(store);
	sp_store_fail_sqlite(store, code, "set up the store");
	if ((code & 0xff) == SQLITE_ERROR)	/* "unsupported file format" */
		store->error = SP_STORE_CORRUPT;
	return false;
}

bool sp_connect(struct sp_store *store, const char *path, const char *name)
{
	char *file = NULL;
	int code;

	if (asprintf(&file, "%s/%s", path, name) < 0)
		return sp_store_fail(store, SP_STORE_FAILED, "out of memory");
	code = sqlite3_open_v2(file, &store->db, SQLITE_OPEN_READWRITE |
			       SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
	free(file);
	if (code != SQLITE_OK)
		return sp_store_fail_sqlite(store, code, "open the store");
	if (sqlite3_db_readonly(store->db, "main"))
		return sp_store_fail(store, SP_STORE_READONLY, "the store can only be read");
	return set_up(store);
}

void sp_disconnect(struct sp_store *store)
{
	sp_store_finalize(store);
	sqlite3_close(store->db);
	store->db = NULL;
}

/* The checksums are constraints: this looks at them as well. */
static bool check_pages(struct sp_store *store)
{
	sqlite3_stmt *row = NULL;
	int code = sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &row, NULL);
	const char *answer = NULL;
	bool good;

	if (code == SQLITE_OK)
		code = sqlite3_step(row);
	if (code == SQLITE_ROW)
		answer = (const char *)sqlite3_column_text(row, 0);
	good = answer && !strcmp(answer, "ok");
	if (!good && code == SQLITE_ROW)
		sp_store_fail(store, SP_STORE_CORRUPT, "%s", answer ? answer : "no answer");
	else if (!good)
		sp_store_fail_sqlite(store, code, "check the store");
	sqlite3_finalize(row);
	return good;
}

/* It could be opened for writing; a head that forbids it was never ours. */
static bool check_head(struct sp_store *store)
{
	return !sqlite3_db_readonly(store->db, "main") ||
	       sp_store_fail(store, SP_STORE_CORRUPT, "its head is of an unknown format");
}

bool sp_connect_check(struct sp_store *store)
{
	return sp_schema_check(store) && check_pages(store) && check_head(store);
}
