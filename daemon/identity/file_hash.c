/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Read once, and looked at before and after: what was changed meanwhile counts not. */
#include "file_hash.h"

#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK	((size_t)1 << 18)

struct sp_file_hash {
	struct sallyport_image image;
	GChecksum *sum;
	long long left;		/* bytes that may be read still */
	int fd;
};

static bool is_image(const struct sp_file_hash *file)
{
	const struct sallyport_image *image = &file->image;
	struct stat stat;

	return !fstat(file->fd, &stat) && S_ISREG(stat.st_mode) && stat.st_size <= SP_HASHED_MAX &&
	       stat.st_ino == image->ino &&
	       stat.st_ctim.tv_sec * 1000000000ll + stat.st_ctim.tv_nsec == image->ctime;
}

struct sp_file_hash *sp_file_hash_new(int fd, const struct sallyport_image *image)
{
	struct sp_file_hash *file = g_new0(struct sp_file_hash, 1);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	file->image = *image;
	file->sum = g_checksum_new(G_CHECKSUM_SHA256);
	file->left = SP_HASHED_MAX;
	if (file->fd >= 0 && is_image(file))
		return file;
	sp_file_hash_free(file);
	return NULL;
}

/* What read() said last: 0 at the end, less after an error. */
static ssize_t read_piece(struct sp_file_hash *file)
{
	g_autofree guchar *bytes = g_malloc(CHUNK);
	long long end = file->left - SP_HASHED_PIECE;
	ssize_t length = 1;

	while (file->left > end && (length = read(file->fd, bytes, CHUNK)) > 0) {
		file->left -= length;
		g_checksum_update(file->sum, bytes, length);
	}
	return length;
}

enum sp_hashed sp_file_hash_read(struct sp_file_hash *file, char hash[SP_HASH_TEXT])
{
	ssize_t length = read_piece(file);

	if (length > 0 && file->left >= 0)
		return SP_HASHED_PART;
	if (length || !is_image(file))
		return SP_HASHED_FAILED;
	g_strlcpy(hash, g_checksum_get_string(file->sum), SP_HASH_TEXT);
	return SP_HASHED_WHOLE;
}

void sp_file_hash_free(struct sp_file_hash *file)
{
	if (!file)
		return;
	if (file->fd >= 0)
		close(file->fd);
	g_checksum_free(file->sum);
	g_free(file);
}
