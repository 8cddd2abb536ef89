/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Read once, and looked at before and after: what was changed meanwhile counts not. */
#include "file_hash.h"

#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_image(int fd, const struct sallyport_image *image)
{
	struct stat stat;

	return !fstat(fd, &stat) && S_ISREG(stat.st_mode) && stat.st_size <= SP_HASHED_MAX &&
	       stat.st_ino == image->ino &&
	       stat.st_ctim.tv_sec * 1000000000ll + stat.st_ctim.tv_nsec == image->ctime;
}

static bool read_all(int fd, GChecksum *sum)
{
	static const size_t size = 1 << 18;
	g_autofree guchar *bytes = g_malloc(size);
	long long left = SP_HASHED_MAX;
	ssize_t length;

	while ((length = read(fd, bytes, size)) > 0 && (left -= length) >= 0)
		g_checksum_update(sum, bytes, length);
	return !length;
}

bool sp_file_hash(int fd, const struct sallyport_image *image, char hash[SP_HASH_TEXT])
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	char path[64];
	bool good;
	int file;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (file < 0)
		return false;
	good = is_image(file, image) && read_all(file, sum) && is_image(file, image);
	close(file);
	if (good)
		g_strlcpy(hash, g_checksum_get_string(sum), SP_HASH_TEXT);
	return good;
}
