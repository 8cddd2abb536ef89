/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See schema.h. A file with our version and other tables is no store of ours, or
 * one in which the schema or the version itself was damaged.
 */
#include <stdlib.h>
#include <string.h>
#include "migrations.h"
#include "schema.h"

#define APPLICATION_ID 0x53616c79	/* as in migrations/002-text.sql */

/* One text or number out of one row; NULL: the store's error. To be freed. */
static char *value(struct sp_store *store, const char *sql)
{
	sqlite3_stmt *row = NULL;
	int code = sqlite3_prepare_v2(store->db, sql, -1, &row, NULL);
	const char *text = NULL;
	char *copy = NULL;

	if (code == SQLITE_OK)
		code = sqlite3_step(row);
	if (code == SQLITE_ROW) {
		text = (const char *)sqlite3_column_text(row, 0);
		copy = strdup(text ? text : "");
	}
	if (!copy)
		sp_store_fail_sqlite(store, code == SQLITE_ROW ? SQLITE_NOMEM : code,
				     "read the store's schema");
	sqlite3_finalize(row);
	return copy;
}

static char *schema_of(struct sp_store *store)
{
	return value(store, "SELECT group_concat(type || ' ' || name || ' ' || tbl_name || ' ' || "
			    "ifnull(sql, ''), char(10)) FROM (SELECT * FROM sqlite_schema ORDER BY name)");
}

/* What the migrations up to @version make. */
static char *schema_of_version(struct sp_store *store, unsigned version)
{
	struct sp_store model = { .folder = -1, .stamp = -1, .held.folder = -1 };
	char *schema = NULL;

	if (sqlite3_open(":memory:", &model.db) == SQLITE_OK && sp_migrate_register(&model) &&
	    sp_migrate(&model, version))
		schema = schema_of(&model);
	if (!schema)
		sp_store_fail(store, SP_STORE_FAILED, "could not make a model of the store: %s",
			      sqlite3_errmsg(model.db));
	sqlite3_close(model.db);
	return schema;
}

static bool has_schema(struct sp_store *store, unsigned version, bool *same)
{
	char *there = schema_of(store);
	char *expected = there ? schema_of_version(store, version) : NULL;
	bool good = expected;

	*same = good && !strcmp(there, expected);
	free(there);
	free(expected);
	return good;
}

static bool check_application(struct sp_store *store, bool *ours)
{
	char *id = value(store, "PRAGMA application_id");

	*ours = id && strtol(id, NULL, 10) == APPLICATION_ID;
	free(id);
	return id;
}

static bool check_unknown(struct sp_store *store, unsigned version)
{
	bool ours, damaged;

	if (!check_application(store, &ours) || !has_schema(store, sp_migration_count, &damaged))
		return false;
	if (!ours || damaged)
		return sp_store_fail(store, SP_STORE_CORRUPT, "the file is no policy store, or its version is damaged");
	return sp_store_fail(store, SP_STORE_NEWER,
			     "the store was made by a newer Sallyport (its version is %u, this one knows %u)",
			     version, sp_migration_count);
}

bool sp_schema_check(struct sp_store *store)
{
	unsigned version;
	bool ours = true, same;

	if (!sp_migrate_version(store, &version))
		return false;
	if (version == 0)
		return sp_store_fail(store, SP_STORE_CORRUPT, "the file is empty or no policy store");
	if (version > sp_migration_count)
		return check_unknown(store, version);
	if (version > 1 && !check_application(store, &ours))
		return false;
	if (!has_schema(store, version, &same))
		return false;
	return (ours && same) ||
	       sp_store_fail(store, SP_STORE_CORRUPT, "the file does not have the tables of a policy store");
}
