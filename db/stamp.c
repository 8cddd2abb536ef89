/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See stamp.h. One line of a fixed length, with a checksum, written over the old
 * one: it needs no room on the disk and is far smaller than a sector.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include "internal.h"

#define STAMP_FILE "policy.last"
#define LINE_SIZE 80

static uLong sum_of(const char *line)
{
	return crc32(crc32(0, NULL, 0), (const Bytef *)line, (uInt)strlen(line));
}

static void print(char line[LINE_SIZE], const struct sp_stamp *stamp)
{
	size_t length;

	snprintf(line, LINE_SIZE, "change %020" PRIu64 " next-rule %020" PRIu64,
		 stamp->number, stamp->next_rule);
	length = strlen(line);
	snprintf(line + length, LINE_SIZE - length, " sum %08lx\n", sum_of(line));
}

bool sp_stamp_read(int folder, struct sp_stamp *stamp)
{
	char line[LINE_SIZE] = "", expected[LINE_SIZE];
	int fd = openat(folder, STAMP_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	ssize_t length;

	*stamp = (struct sp_stamp){ 0 };
	if (fd < 0)
		return false;
	length = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (length > 0 && sscanf(line, "change %" SCNu64 " next-rule %" SCNu64,
				 &stamp->number, &stamp->next_rule) == 2) {
		print(expected, stamp);
		if (!strcmp(line, expected))
			return true;
	}
	*stamp = (struct sp_stamp){ 0 };
	return false;
}

bool sp_stamp_open(struct sp_store *store)
{
	store->stamp = openat(store->folder, STAMP_FILE,
			      O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
			      S_IRUSR | S_IWUSR);
	/* Whatever umask it was made under: the next one has to open it, too. */
	return (store->stamp >= 0 && !fchmod(store->stamp, S_IRUSR | S_IWUSR)) ||
	       sp_store_fail_errno(store, "open", STAMP_FILE);
}

void sp_stamp_write(struct sp_store *store)
{
	char line[LINE_SIZE];
	ssize_t length, written;

	print(line, &store->last);
	length = (ssize_t)strlen(line);
	written = pwrite(store->stamp, line, (size_t)length, 0);
	store->trouble[SP_TROUBLE_STAMP][0] = '\0';
	if (written == length && !fdatasync(store->stamp))
		return;
	snprintf(store->trouble[SP_TROUBLE_STAMP], sizeof(store->trouble[SP_TROUBLE_STAMP]),
		 "could not write %s: %s", STAMP_FILE,
		 written >= 0 && written < length ? "it was cut short" : strerror(errno));
}
