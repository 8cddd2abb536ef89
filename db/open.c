/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening a store. Nothing in the folder is changed before the file is known to
 * be healthy and of a version we know, or not to be: then it is set aside and
 * made anew.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "aside.h"
#include "connect.h"
#include "copy.h"
#include "migrations.h"
#include "place.h"
#include "restore.h"

#define HOW_SIZE 300

/* A log that lost its end looks like one that never had it; the stamp knows. */
static bool check_stamp(struct sp_store *store)
{
	struct sp_stamp stamp;

	if (!sp_stamp_read(store->folder, &stamp) || stamp.number <= store->last.number)
		return true;
	return sp_store_fail(store, SP_STORE_CORRUPT,
			     "it ends with change %llu, but change %llu was acknowledged",
			     (unsigned long long)store->last.number,
			     (unsigned long long)stamp.number);
}

/* A file of an older version has no state before it is migrated. */
static bool open_file(struct sp_store *store, const char *path)
{
	int code;

	if (!sp_connect(store, path, SP_STORE_FILE) || !sp_connect_check(store) ||
	    !sp_migrate(store, sp_migration_count) || !sp_store_prepare(store) ||
	    !sp_change_read_state(store) || !check_stamp(store))
		return false;
	sp_connect_trust(store, true);
	code = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 4194304",
			    NULL, NULL, NULL);
	return code == SQLITE_OK || sp_store_fail_sqlite(store, code, "set up the store");
}

/* Keeps what is there under another name; says so after what was wrong. */
static bool set_aside(struct sp_store *store, const char *path, char *happened, size_t size)
{
	char name[SP_ASIDE_NAME];

	if (store->db) {
		sp_connect_trust(store, false);
		sp_disconnect(store);
	}
	if (!sp_store_set_aside(store->folder, name))
		return sp_store_fail(store, SP_STORE_CORRUPT,
				     "the store %s/" SP_STORE_FILE " is damaged (%.200s) and could not be renamed: %s",
				     path, store->message, strerror(errno));
	snprintf(happened, size, "the store is damaged and is kept as %s/%s (%.200s)",
		 path, name, store->message);
	return true;
}

/* Makes a file where there is none; @happened: why there is none, "": not known. */
static bool make_anew(struct sp_store *store, const char *path, char *happened, size_t size)
{
	char how[HOW_SIZE] = "";
	bool fresh = !happened[0];
	size_t length;

	if (!sp_restore(store, path, &fresh, how, sizeof(how)))
		return false;
	if (!fresh && !happened[0])
		snprintf(happened, size, "the store is gone");
	length = strlen(happened);
	if (!fresh)
		snprintf(happened + length, size - length, "; %s", how);
	return open_file(store, path);
}

/* Finds the file, or makes it; never a log without its database. */
static bool open_store(struct sp_store *store, const char *path, char *happened, size_t size)
{
	bool found;

	if (!sp_place_find(store, path, &found))
		return false;
	if (found) {
		if (open_file(store, path))
			return true;
		if (store->error != SP_STORE_CORRUPT)
			return false;
	} else if (sp_store_stray(store->folder)) {
		sp_store_fail(store, SP_STORE_CORRUPT, "only its log was left");
	} else {
		return make_anew(store, path, happened, size);
	}
	return set_aside(store, path, happened, size) && make_anew(store, path, happened, size);
}

/* What is kept beside the store, as of now. */
static bool open_rest(struct sp_store *store)
{
	if (!sp_stamp_open(store))
		return false;
	if (!sp_copy_current(store))
		sp_store_copy(store);
	sp_stamp_write(store);
	return true;
}

static bool open_all(struct sp_store *store, const char *folder, char *happened, size_t size)
{
	char *path = NULL;
	bool good = sp_place_open(store, folder, &path) &&
		    open_store(store, path, happened, size) && open_rest(store);

	free(path);
	return good;
}

struct sp_store *sp_store_open(const char *folder, enum sp_store_error *error,
			       char *message, size_t size)
{
	struct sp_store *store = calloc(1, sizeof(*store));
	bool good;

	message[0] = '\0';
	if (!store) {
		*error = SP_STORE_FAILED;
		snprintf(message, size, "out of memory");
		return NULL;
	}
	store->folder = store->stamp = store->held.folder = -1;
	good = open_all(store, folder, message, size);
	*error = good ? SP_STORE_OK : store->error;
	if (good)
		return store;
	snprintf(message, size, "%s", store->message);
	sp_store_close(store);
	return NULL;
}
