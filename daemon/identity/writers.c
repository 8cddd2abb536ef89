/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the root of the path on, each with lstat(2). */
#include "writers.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 4096

static enum sp_writers judge(const char *path, bool folder)
{
	struct stat stat;

	if (lstat(path, &stat) || (folder ? !S_ISDIR(stat.st_mode) : !S_ISREG(stat.st_mode)))
		return SP_WRITERS_UNKNOWN;
	if (stat.st_uid || stat.st_mode & (S_IWGRP | S_IWOTH))
		return SP_WRITERS_OTHERS;
	return SP_WRITERS_ROOT;
}

/* What others can write is theirs, whatever can't be seen behind it. */
enum sp_writers sp_writers_of_folders(const char *path)
{
	enum sp_writers writers = judge("/", true);
	const char *slash = path;
	char part[PATH_SIZE];

	if (*path != '/' || strlen(path) >= sizeof(part))
		return SP_WRITERS_UNKNOWN;
	while (writers == SP_WRITERS_ROOT && (slash = strchr(slash + 1, '/'))) {
		memcpy(part, path, (size_t)(slash - path));
		part[slash - path] = 0;
		writers = judge(part, true);
	}
	return writers;
}

enum sp_writers sp_writers_of_file(const char *path)
{
	enum sp_writers writers = sp_writers_of_folders(path);

	return writers == SP_WRITERS_ROOT ? judge(path, false) : writers;
}
