/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder for one file at a time, for readers that take files by their names. */
#pragma once

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static char folder_path[] = "/tmp/sallyport-fuzz-XXXXXX";
static int folder = -1;

static void folder_end(void)
{
	rmdir(folder_path);
}

/* It is there until folder_take(). */
static void folder_put(const char *name, const void *data, size_t size)
{
	int fd;

	if (folder < 0) {
		if (!mkdtemp(folder_path))
			abort();
		folder = open(folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		atexit(folder_end);
	}
	fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

static void folder_take(const char *name)
{
	unlinkat(folder, name, 0);
}
