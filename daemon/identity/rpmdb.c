/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file is in WAL mode, and rpm leaves its -wal and -shm there when it is done. While
 * it installs, what it has committed is in the -wal. SQLite reads all three without writing
 * if it may not write to the -shm (readonly_shm; in the daemon's unit the whole file system
 * is read-only besides): where another program has the database open it uses that one's
 * index of the -wal, else it makes its own in memory. Its locks are shared ones, which keep
 * rpm from nothing but emptying the -wal while we read.
 *
 * Where one of the two is missing, this is not possible, and nobody has the database open
 * (an image, from which they were taken): it is read as a file that does not change. With
 * something in the -wal that would be half the truth, so it fails.
 */
#include "rpmdb.h"

#include <errno.h>
#include <glib.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cache.h"

#define HEADER_MAX	(64 << 20)	/* bytes */
#define BUSY_TIMEOUT	2000		/* ms: who opens it may have it alone for a while */

static const char *const folders[] = { "/usr/lib/sysimage/rpm", "/var/lib/rpm" };

static bool is_in(const char *root, const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(*root ? root : "/", folder, name, NULL);

	return !access(path, F_OK);
}

/* NULL: there is none; *@foreign: but another kind of rpm's. */
static char *find(const char *root, bool *foreign)
{
	*foreign = false;
	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		if (is_in(root, folders[i], "rpmdb.sqlite"))
			return g_build_filename(*root ? root : "/", folders[i], "rpmdb.sqlite",
						NULL);
		*foreign |= is_in(root, folders[i], "Packages.db") ||
			    is_in(root, folders[i], "Packages");
	}
	return NULL;
}

/* What is in the file may be anything; nothing in it is run. */
static int set_up(sqlite3 *db)
{
	sqlite3_busy_timeout(db, BUSY_TIMEOUT);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, HEADER_MAX);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	return sqlite3_exec(db, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;"
			    SP_SQLITE_CACHE, NULL, NULL, NULL);
}

static off_t size_beside(const char *path, const char *suffix)
{
	g_autofree char *beside = g_strconcat(path, suffix, NULL);
	struct stat info;

	return stat(beside, &info) ? -1 : info.st_size;
}

/* How it is opened; NULL: it can't be. */
static const char *option_for(const char *path)
{
	off_t wal = size_beside(path, "-wal");

	if (wal >= 0 && size_beside(path, "-shm") >= 0)
		return "readonly_shm=1";
	return wal > 0 ? NULL : "immutable=1";
}

static int open_rows(const char *path, const char *sql, sqlite3 **db, sqlite3_stmt **rows)
{
	const char *option = option_for(path);
	g_autofree char *file = g_filename_to_uri(path, NULL, NULL);
	g_autofree char *uri = g_strconcat(file, "?mode=ro&", option, NULL);
	int code = SQLITE_CANTOPEN;

	if (option)
		code = sqlite3_open_v2(uri, db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI |
				       SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK)
		code = set_up(*db);
	return code == SQLITE_OK ? sqlite3_prepare_v2(*db, sql, -1, rows, NULL) : code;
}

/* What it has is taken as it comes; rpm.h looks at it. */
static int step(sqlite3_stmt *rows, sp_rpmdb_fn fn, void *arg)
{
	int code;

	while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
		const void *header = sqlite3_column_blob(rows, 1);
		int length = sqlite3_column_bytes(rows, 1);

		if (header && !fn(sqlite3_column_int64(rows, 0), header, (size_t)length, arg))
			return SQLITE_DONE;
	}
	return code;
}

static int error_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return ENOMEM;
	case SQLITE_BUSY:
		return EBUSY;
	case SQLITE_TOOBIG:
		return EFBIG;
	default:
		return EIO;
	}
}

/* @sql: may have one parameter, the number. */
static enum sp_rpmdb read_rows(const char *root, const char *sql, int64_t number,
			       sp_rpmdb_fn fn, void *arg)
{
	bool foreign;
	g_autofree char *path = find(root, &foreign);
	sqlite3_stmt *rows = NULL;
	sqlite3 *db = NULL;
	int code;

	if (!path)
		return foreign ? SP_RPMDB_FOREIGN : SP_RPMDB_NONE;
	code = open_rows(path, sql, &db, &rows);
	if (code == SQLITE_OK && sqlite3_bind_parameter_count(rows))
		code = sqlite3_bind_int64(rows, 1, number);
	if (code == SQLITE_OK)
		code = step(rows, fn, arg);
	sqlite3_finalize(rows);
	sqlite3_close(db);
	if (code == SQLITE_DONE)
		return SP_RPMDB_READ;
	errno = error_of(code);
	return SP_RPMDB_FAILED;
}

enum sp_rpmdb sp_rpmdb_read(const char *root, sp_rpmdb_fn fn, void *arg)
{
	return read_rows(root, "SELECT hnum, blob FROM Packages", 0, fn, arg);
}

enum sp_rpmdb sp_rpmdb_read_one(const char *root, int64_t number, sp_rpmdb_fn fn, void *arg)
{
	return read_rows(root, "SELECT hnum, blob FROM Packages WHERE hnum = ?", number, fn, arg);
}
