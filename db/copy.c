/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See copy.h: writing it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include "aside.h"
#include "copy_format.h"

static const char head[] =
	"# Sallyport's rules, copied after every change; read back when the store is\n"
	"# damaged. Changes that are made here are lost: see sallyport(1).\n";

struct writer {
	FILE *file;
	uLong sum;
	uint64_t count;
};

static void put(struct writer *writer, const char *text, size_t length)
{
	writer->sum = crc32(writer->sum, (const Bytef *)text, (uInt)length);
	fwrite(text, 1, length, writer->file);
}

static void print(struct writer *writer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void print(struct writer *writer, const char *format, ...)
{
	char line[200];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	put(writer, line, strlen(line));
}

/* A row of SP_SQL_RULE_LIST. Its damage must not come into the copy, which has a sum of its own. */
static bool write_rule(struct sp_store *store, struct writer *writer, sqlite3_stmt *row)
{
	const char *text = (const char *)sqlite3_column_text(row, 1);
	bool unconfirmed = sqlite3_column_int(row, 4);

	if (!sp_rules_check_row(store, row))
		return false;
	print(writer, COPY_RULE "%s\n", (uint64_t)sqlite3_column_int64(row, 0),
	      (int64_t)sqlite3_column_int64(row, 2), (uint32_t)sqlite3_column_int64(row, 3),
	      unconfirmed ? COPY_UNCONFIRMED : "");
	if (text)
		put(writer, text, (size_t)sqlite3_column_bytes(row, 1));
	put(writer, "\n", 1);
	writer->count++;
	return true;
}

static bool write_rules(struct sp_store *store, struct writer *writer)
{
	sqlite3_stmt *row = store->statement[SP_SQL_RULE_LIST];
	bool good = true;
	int code;

	while ((code = sqlite3_step(row)) == SQLITE_ROW && good)
		good = write_rule(store, writer, row);
	if (good && code != SQLITE_DONE)
		good = sp_store_fail_sqlite(store, code, "read the rules");
	sqlite3_reset(row);
	return good;
}

static bool write_all(struct sp_store *store, FILE *file)
{
	struct writer writer = { .file = file, .sum = crc32(0, NULL, 0) };

	put(&writer, head, strlen(head));
	print(&writer, COPY_HEAD "\n", store->last.number, store->last.next_rule);
	if (!write_rules(store, &writer))
		return false;
	fprintf(file, COPY_END "\n", writer.count, writer.sum);
	if (!ferror(file) && !fflush(file) && !fsync(fileno(file)))
		return true;
	return sp_store_fail_errno(store, "write", COPY_NEW);
}

static FILE *open_new(struct sp_store *store)
{
	int fd;
	FILE *file;

	unlinkat(store->folder, COPY_NEW, 0);
	fd = openat(store->folder, COPY_NEW, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    S_IRUSR | S_IWUSR);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (file)
		return file;
	sp_store_fail_errno(store, "make", COPY_NEW);
	if (fd >= 0)
		close(fd);
	return NULL;
}

static bool replace_copy(struct sp_store *store)
{
	FILE *file = open_new(store);
	bool good;

	if (!file)
		return false;
	good = write_all(store, file);
	if (fclose(file) && good)
		good = sp_store_fail_errno(store, "write", COPY_NEW);
	if (good && (renameat(store->folder, COPY_NEW, store->folder, COPY_FILE) ||
		     fsync(store->folder)))
		good = sp_store_fail_errno(store, "replace", COPY_FILE);
	if (!good)
		unlinkat(store->folder, COPY_NEW, 0);
	return good;
}

enum sp_store_error sp_store_copy(struct sp_store *store)
{
	char *trouble = store->trouble[SP_TROUBLE_COPY];

	trouble[0] = '\0';
	if (replace_copy(store))
		return SP_STORE_OK;
	snprintf(trouble, sizeof(store->trouble[SP_TROUBLE_COPY]),
		 "the copy of the rules is not up to date: %.150s", store->message);
	return store->error;
}
