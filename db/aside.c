/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Renaming a store's files. A database and its log belong together: a log that
 * is left behind would be played into the next database of that name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "aside.h"
#include "internal.h"

#define ASIDE_MAX 100000

static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };

#define COUNT (sizeof(suffixes) / sizeof(suffixes[0]))

static void join(char name[SP_ASIDE_NAME], const char *base, const char *suffix)
{
	snprintf(name, SP_ASIDE_NAME, "%s%s", base, suffix);
}

static bool exists(int folder, const char *name)
{
	return !faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW);
}

bool sp_store_rename(int folder, const char *from, const char *to)
{
	if (!renameat2(folder, from, folder, to, RENAME_NOREPLACE))
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	if (exists(folder, to)) {
		errno = EEXIST;
		return false;
	}
	return !renameat(folder, from, folder, to);
}

/* Is none of the names that the files would get taken? */
static bool available(int folder, const char *base)
{
	char name[SP_ASIDE_NAME];

	for (size_t i = 0; i < COUNT; i++) {
		join(name, base, suffixes[i]);
		if (exists(folder, name))
			return false;
	}
	return true;
}

/* The database first: what crashes half-way leaves a stray log, not a wrong one. */
static bool move(int folder, const char *base)
{
	char from[SP_ASIDE_NAME], to[SP_ASIDE_NAME];

	for (size_t i = 0; i < COUNT; i++) {
		join(from, SP_STORE_FILE, suffixes[i]);
		join(to, base, suffixes[i]);
		if (!sp_store_rename(folder, from, to) && errno != ENOENT)
			return false;
	}
	return !fsync(folder);
}

bool sp_store_set_aside(int folder, char name[SP_ASIDE_NAME])
{
	for (unsigned i = 1; i < ASIDE_MAX; i++) {
		snprintf(name, SP_ASIDE_NAME, SP_STORE_FILE ".damaged-%u", i);
		if (available(folder, name))
			return move(folder, name);
	}
	errno = EEXIST;
	return false;
}

bool sp_store_set_copy_aside(int folder, char name[SP_ASIDE_NAME])
{
	for (unsigned i = 1; i < ASIDE_MAX; i++) {
		snprintf(name, SP_ASIDE_NAME, SP_COPY_FILE ".damaged-%u", i);
		if (sp_store_rename(folder, SP_COPY_FILE, name))
			return !fsync(folder);
		if (errno != EEXIST)
			return false;
	}
	return false;
}

bool sp_store_stray(int folder)
{
	return !exists(folder, SP_STORE_FILE) && exists(folder, SP_STORE_FILE "-wal");
}

void sp_store_unlink(int folder, const char *base)
{
	char name[SP_ASIDE_NAME];

	for (size_t i = 0; i < COUNT; i++) {
		join(name, base, suffixes[i]);
		unlinkat(folder, name, 0);
	}
}
