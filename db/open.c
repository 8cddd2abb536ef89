/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening a store. Nothing in the folder is changed before the file is known to
 * be healthy and of a version we know. A new store is made under another name
 * and renamed when it is complete, so that an empty policy.db is never new: it
 * is a store that was lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "aside.h"
#include "internal.h"
#include "migrations.h"

#define NEW_FILE SP_STORE_FILE ".new"
#define BUSY_TIMEOUT 250	/* ms */

/* A folder while its store is opened. */
struct place {
	int fd;
	char *path;		/* absolute, without symbolic links */
};

static bool fail_errno(struct sp_store *store, const char *what, const char *name)
{
	enum sp_store_error error = SP_STORE_FAILED;

	if (errno == ENOSPC || errno == EDQUOT)
		error = SP_STORE_FULL;
	else if (errno == EROFS)
		error = SP_STORE_READONLY;
	return sp_store_fail(store, error, "could not %s %s: %s", what, name, strerror(errno));
}

static bool trusted(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

/* Whoever can write to the folder can put another store there. */
static bool check_folder(struct sp_store *store, const struct place *place)
{
	struct stat status;

	if (fstat(place->fd, &status))
		return fail_errno(store, "look at", place->path);
	if (!trusted(status.st_uid))
		return sp_store_fail(store, SP_STORE_FAILED,
				     "the folder %s belongs to user %u; it must be root's or the daemon's",
				     place->path, (unsigned)status.st_uid);
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return sp_store_fail(store, SP_STORE_FAILED,
				     "others can write to the folder %s (mode %04o); it must be 0755 or stricter",
				     place->path, status.st_mode & 07777);
	if (!faccessat(place->fd, ".", W_OK | X_OK, AT_EACCESS))
		return true;
	return sp_store_fail(store, SP_STORE_READONLY, "could not write to the folder %s: %s",
			     place->path, strerror(errno));
}

static bool open_place(struct sp_store *store, const char *folder, struct place *place)
{
	place->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place->fd < 0)
		return fail_errno(store, "open the folder", folder);
	place->path = realpath(folder, NULL);
	if (!place->path)
		return fail_errno(store, "open the folder", folder);
	return check_folder(store, place);
}

static void close_place(struct place *place)
{
	if (place->fd >= 0)
		close(place->fd);
	free(place->path);
}

static bool execute(struct sp_store *store, const char *sql)
{
	int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK || sp_store_fail_sqlite(store, code, "set up the store");
}

/* Until the file is known to be ours, closing it must not write to it. */
static void set_checkpoint(struct sp_store *store, bool on_close)
{
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !on_close, NULL);
}

static bool connect_file(struct sp_store *store, const struct place *place, const char *name)
{
	char *path = NULL;
	int code;

	if (asprintf(&path, "%s/%s", place->path, name) < 0)
		return sp_store_fail(store, SP_STORE_FAILED, "out of memory");
	code = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE |
			       SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
	free(path);
	if (code != SQLITE_OK)
		return sp_store_fail_sqlite(store, code, "open the store");
	if (sqlite3_db_readonly(store->db, "main"))
		return sp_store_fail(store, SP_STORE_READONLY, "the store can only be read");
	sqlite3_extended_result_codes(store->db, 1);
	sqlite3_busy_timeout(store->db, BUSY_TIMEOUT);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	set_checkpoint(store, false);
	return execute(store, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
			      "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY");
}

static void disconnect(struct sp_store *store)
{
	sqlite3_close(store->db);
	store->db = NULL;
}

static bool make_file(struct sp_store *store, const struct place *place)
{
	int fd = openat(place->fd, NEW_FILE, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			S_IRUSR | S_IWUSR);
	bool good;

	if (fd < 0)
		return fail_errno(store, "make", NEW_FILE);
	good = !fchmod(fd, S_IRUSR | S_IWUSR) || fail_errno(store, "make", NEW_FILE);
	close(fd);
	return good;
}

/* An empty store of our version, complete or not at all. */
static bool create(struct sp_store *store, const struct place *place)
{
	bool good;

	sp_store_unlink(place->fd, NEW_FILE);
	good = make_file(store, place) && connect_file(store, place, NEW_FILE) &&
	       sp_migrate(store);
	disconnect(store);
	if (good && !sp_store_rename(place->fd, NEW_FILE, SP_STORE_FILE))
		good = errno == EEXIST ?
			sp_store_fail(store, SP_STORE_BUSY, "another process makes the store") :
			fail_errno(store, "make", SP_STORE_FILE);
	if (good)
		return !fsync(place->fd) || fail_errno(store, "make", SP_STORE_FILE);
	sp_store_unlink(place->fd, NEW_FILE);
	return false;
}

static bool check_file(struct sp_store *store, const struct place *place,
		       const struct stat *status)
{
	if (!S_ISREG(status->st_mode))
		return sp_store_fail(store, SP_STORE_FAILED, "%s/" SP_STORE_FILE " is no regular file",
				     place->path);
	if (!trusted(status->st_uid))
		return sp_store_fail(store, SP_STORE_FAILED,
				     "%s/" SP_STORE_FILE " belongs to user %u; it must be root's or the daemon's",
				     place->path, (unsigned)status->st_uid);
	if (!(status->st_mode & (S_IRWXG | S_IRWXO)))
		return true;
	return !fchmodat(place->fd, SP_STORE_FILE, S_IRUSR | S_IWUSR, 0) ||
	       fail_errno(store, "protect", SP_STORE_FILE);
}

/* Finds the file, or makes it; never a log without its database. */
static bool find_file(struct sp_store *store, const struct place *place)
{
	char name[SP_ASIDE_NAME];
	struct stat status;

	if (!fstatat(place->fd, SP_STORE_FILE, &status, AT_SYMLINK_NOFOLLOW))
		return check_file(store, place, &status);
	if (errno != ENOENT)
		return fail_errno(store, "look at", SP_STORE_FILE);
	if (!sp_store_stray(place->fd))
		return create(store, place);
	if (!sp_store_set_aside(place->fd, name))
		return fail_errno(store, "set aside the log of", SP_STORE_FILE);
	return sp_store_fail(store, SP_STORE_CORRUPT,
			     "the store is gone, only its log was left; that is kept as %s/%s-wal",
			     place->path, name);
}

static bool check_version(struct sp_store *store)
{
	unsigned version;

	if (!sp_migrate_version(store, &version))
		return false;
	if (version == 0)
		return sp_store_fail(store, SP_STORE_CORRUPT, "the file is empty or no policy store");
	if (version <= sp_migration_count)
		return true;
	return sp_store_fail(store, SP_STORE_NEWER,
			     "the store was made by a newer Sallyport (its version is %u, this one knows %u)",
			     version, sp_migration_count);
}

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

/* A file with our version and without our tables is no policy store. */
static bool prepare(struct sp_store *store)
{
	if (sp_store_prepare(store))
		return true;
	if (sqlite3_errcode(store->db) == SQLITE_ERROR)
		store->error = SP_STORE_CORRUPT;
	return false;
}

static bool open_file(struct sp_store *store, const struct place *place)
{
	if (!connect_file(store, place, SP_STORE_FILE) || !check_version(store) ||
	    !check_pages(store))
		return false;
	set_checkpoint(store, true);
	return execute(store, "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 4194304") &&
	       sp_migrate(store) && prepare(store);
}

static void finalize(struct sp_store *store)
{
	for (size_t i = 0; i < SP_SQL_COUNT; i++) {
		sqlite3_finalize(store->statement[i]);
		store->statement[i] = NULL;
	}
}

/* Keeps a damaged file under another name; says so after what was wrong. */
static void set_aside(struct sp_store *store, const struct place *place)
{
	char name[SP_ASIDE_NAME], why[sizeof(store->message)];

	strcpy(why, store->message);
	finalize(store);
	set_checkpoint(store, false);
	disconnect(store);
	if (sp_store_set_aside(place->fd, name))
		sp_store_fail(store, SP_STORE_CORRUPT, "the store is damaged and is kept as %s/%s (%.200s)",
			      place->path, name, why);
	else
		sp_store_fail(store, SP_STORE_CORRUPT,
			      "the store %s/" SP_STORE_FILE " is damaged (%.200s) and could not be renamed: %s",
			      place->path, why, strerror(errno));
}

static bool open_store(struct sp_store *store, const struct place *place)
{
	if (!find_file(store, place))
		return false;
	if (open_file(store, place))
		return true;
	if (store->error == SP_STORE_CORRUPT && store->db)
		set_aside(store, place);
	return false;
}

struct sp_store *sp_store_open(const char *folder, enum sp_store_error *error,
			       char *message, size_t size)
{
	struct sp_store *store = calloc(1, sizeof(*store));
	struct place place = { .fd = -1 };
	bool good;

	if (!store) {
		*error = SP_STORE_FAILED;
		snprintf(message, size, "out of memory");
		return NULL;
	}
	good = open_place(store, folder, &place) && open_store(store, &place);
	close_place(&place);
	*error = good ? SP_STORE_OK : store->error;
	snprintf(message, size, "%s", store->message);
	if (good)
		return store;
	sp_store_close(store);
	return NULL;
}
