/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See place.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "place.h"

static bool trusted(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

/* Whoever can write to the folder can put another store there. */
static bool check_folder(struct sp_store *store, const char *path)
{
	struct stat status;

	if (fstat(store->folder, &status))
		return sp_store_fail_errno(store, "look at", path);
	if (!trusted(status.st_uid))
		return sp_store_fail(store, SP_STORE_FAILED,
				     "the folder %s belongs to user %u; it must be root's or the daemon's",
				     path, (unsigned)status.st_uid);
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return sp_store_fail(store, SP_STORE_FAILED,
				     "others can write to the folder %s (mode %04o); it must be 0755 or stricter",
				     path, status.st_mode & 07777);
	if (!faccessat(store->folder, ".", W_OK | X_OK, AT_EACCESS))
		return true;
	return sp_store_fail(store, SP_STORE_READONLY, "could not write to the folder %s: %s",
			     path, strerror(errno));
}

bool sp_place_open(struct sp_store *store, const char *folder, char **path)
{
	store->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->folder < 0)
		return sp_store_fail_errno(store, "open the folder", folder);
	*path = realpath(folder, NULL);
	if (!*path)
		return sp_store_fail_errno(store, "open the folder", folder);
	return check_folder(store, *path);
}

static bool check_file(struct sp_store *store, const char *path,
		       const struct stat *status)
{
	if (!S_ISREG(status->st_mode))
		return sp_store_fail(store, SP_STORE_FAILED, "%s/" SP_STORE_FILE " is no regular file",
				     path);
	if (!trusted(status->st_uid))
		return sp_store_fail(store, SP_STORE_FAILED,
				     "%s/" SP_STORE_FILE " belongs to user %u; it must be root's or the daemon's",
				     path, (unsigned)status->st_uid);
	if (!(status->st_mode & (S_IRWXG | S_IRWXO)))
		return true;
	return !fchmodat(store->folder, SP_STORE_FILE, S_IRUSR | S_IWUSR, 0) ||
	       sp_store_fail_errno(store, "protect", SP_STORE_FILE);
}

bool sp_place_find(struct sp_store *store, const char *path, bool *found)
{
	struct stat status;

	*found = !fstatat(store->folder, SP_STORE_FILE, &status, AT_SYMLINK_NOFOLLOW);
	if (*found)
		return check_file(store, path, &status);
	return errno == ENOENT || sp_store_fail_errno(store, "look at", SP_STORE_FILE);
}
