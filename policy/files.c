/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading files of rules. A file that includes itself, by whatever name, is found
 * by its device and inode among those that are being read.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "files.h"
#include "lexer.h"
#include "text_error.h"

struct open_file {
	dev_t device;
	ino_t inode;
};

struct reader {
	const struct sp_file_options *options;
	struct sp_rule_set *set;
	struct sp_file_error *error;
	struct open_file open[SP_FILE_DEPTH_MAX];
	unsigned depth;		/* of the current file; 0: none is open */
	bool includes, floor;
};

__attribute__((format(printf, 5, 6)))
static bool fail(const struct reader *reader, const char *path, unsigned line,
		 unsigned column, const char *format, ...)
{
	struct sp_file_error *error = reader->error;
	va_list arguments;

	snprintf(error->file, sizeof(error->file), "%s", path);
	va_start(arguments, format);
	sp_text_fail_list(&error->error, column, format, arguments);
	va_end(arguments);
	error->error.line = line;
	return false;
}

static const char *current(const struct reader *reader, unsigned file)
{
	return reader->set->files[file];
}

static bool add_file(struct reader *reader, const char *path, unsigned *file)
{
	struct sp_rule_set *set = reader->set;

	if (set->file_count == SP_FILE_COUNT_MAX)
		return fail(reader, path, 0, 1, "there are more than %d files", SP_FILE_COUNT_MAX);
	set->files[set->file_count] = strdup(path);
	if (!set->files[set->file_count])
		return fail(reader, path, 0, 1, "out of memory");
	*file = set->file_count++;
	return true;
}

/* Takes @rule. */
static bool add_rule(struct reader *reader, struct sp_rule *rule, unsigned file, unsigned line)
{
	struct sp_rule_set *set = reader->set;
	struct sp_file_rule *more;

	if (set->count == SP_FILE_RULES_MAX) {
		sp_rule_clear(rule);
		return fail(reader, current(reader, file), line, 1,
			    "there are more than %d rules", SP_FILE_RULES_MAX);
	}
	if (set->count == set->size) {
		more = realloc(set->rules, (set->size + 64) * 2 * sizeof(*more));
		if (!more) {
			sp_rule_clear(rule);
			return fail(reader, current(reader, file), line, 1, "out of memory");
		}
		set->rules = more;
		set->size = (set->size + 64) * 2;
	}
	set->rules[set->count++] = (struct sp_file_rule){ *rule, file, line };
	return true;
}

/* Floor rules are the system's: what this rule says else is wrong here. */
static bool make_floor(struct reader *reader, struct sp_rule *rule, unsigned file, unsigned line)
{
	if (rule->owner == SP_SYSTEM) {
		rule->floor = true;
		return true;
	}
	sp_rule_clear(rule);
	return fail(reader, current(reader, file), line, 1,
		    "a rule of the administrator's files is the system's, not a user's");
}

static bool read_rule(struct reader *reader, unsigned file, unsigned number,
		      const char *line, size_t length)
{
	struct sp_text_error cause;
	struct sp_rule rule;
	int result = sp_text_read(line, length, &reader->options->context, &rule, &cause);

	if (result == 0)
		return true;
	if (result < 0) {
		snprintf(reader->error->file, sizeof(reader->error->file), "%s",
			 current(reader, file));
		reader->error->error = cause;
		reader->error->error.line = number;
		return false;
	}
	return (!reader->floor || make_floor(reader, &rule, file, number)) &&
	       add_rule(reader, &rule, file, number);
}

static bool read_path(struct reader *reader, const char *path);

/* @path as seen from the folder of @file, for the caller to free. */
static char *resolve(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');
	char *joined;

	if (*path == '/' || !slash)
		return strdup(path);
	return asprintf(&joined, "%.*s/%s", (int)(slash - file), file, path) < 0 ? NULL : joined;
}

/* What is wrong with the file as a whole is wrong with the line that includes it. */
static bool include(struct reader *reader, unsigned file, unsigned number,
		    const struct sp_word *word)
{
	char *path = resolve(current(reader, file), word->text);
	char shown[SP_SHOWN], message[sizeof(reader->error->error.message)];
	bool good;

	if (!path)
		return fail(reader, current(reader, file), number, 1, "out of memory");
	good = read_path(reader, path);
	free(path);
	if (good || reader->error->error.line)
		return good;
	strcpy(message, reader->error->error.message);
	return fail(reader, current(reader, file), number, word->column, "\"%s\": %s",
		    sp_text_shown(word->text, shown), message);
}

/* 1: the line was one; 0: it is none; -1: it is wrong. */
static int read_include(struct reader *reader, unsigned file, unsigned number,
			const char *line, size_t length)
{
	const char *name = current(reader, file);
	struct sp_text_error cause;
	struct sp_lexer lexer;
	struct sp_word word, more;
	int result;

	if (!sp_lex_begin(&lexer, line, length, &cause) || sp_lex_word(&lexer, &word) <= 0 ||
	    strcmp(word.text, "include"))
		return 0;
	if (!reader->includes)
		return fail(reader, name, number, 1, "\"include\" is for files alone") - 1;
	result = sp_lex_word(&lexer, &word);
	if (result <= 0)
		return fail(reader, name, number, word.column, "expected a path after \"include\"") - 1;
	if (sp_lex_word(&lexer, &more))
		return fail(reader, name, number, more.column, "expected one path after \"include\"") - 1;
	return include(reader, file, number, &word) ? 1 : -1;
}

static bool read_lines(struct reader *reader, unsigned file, const char *text, size_t length)
{
	const char *end = text + length;

	for (unsigned number = 1; text < end; number++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t size = (size_t)((newline ? newline : end) - text);
		int include = read_include(reader, file, number, text, size);

		if (include < 0)
			return false;
		if (!include && !read_rule(reader, file, number, text, size))
			return false;
		text = newline ? newline + 1 : end;
	}
	return true;
}

static bool check_file(struct reader *reader, const char *path, const struct stat *status)
{
	if (!S_ISREG(status->st_mode))
		return fail(reader, path, 0, 1, "this is no file");
	if (status->st_size > SP_FILE_BYTES_MAX)
		return fail(reader, path, 0, 1, "the file is longer than %u MB", SP_FILE_BYTES_MAX >> 20);
	if (reader->options->trusted && status->st_uid != 0 && status->st_uid != geteuid())
		return fail(reader, path, 0, 1, "the file belongs to another user");
	if (reader->options->trusted && status->st_mode & (S_IWGRP | S_IWOTH))
		return fail(reader, path, 0, 1, "others than its owner can write the file");
	for (unsigned i = 0; i < reader->depth; i++)
		if (reader->open[i].device == status->st_dev && reader->open[i].inode == status->st_ino)
			return fail(reader, path, 0, 1, "the file includes itself");
	return true;
}

/* All of it, for the caller to free; its size may have changed since. */
static char *read_bytes(struct reader *reader, const char *path, int fd, size_t *length)
{
	size_t size = 65536;
	char *text = NULL;

	for (*length = 0; ; ) {
		char *more = realloc(text, size);
		ssize_t got;

		if (!more) {
			fail(reader, path, 0, 1, "out of memory");
			break;
		}
		text = more;
		got = read(fd, text + *length, size - *length);
		if (got == 0)
			return text;
		if (got < 0 && errno != EINTR) {
			fail(reader, path, 0, 1, "%s", strerror(errno));
			break;
		}
		*length += got > 0 ? (size_t)got : 0;
		if (*length > SP_FILE_BYTES_MAX) {
			fail(reader, path, 0, 1, "the file is longer than %u MB", SP_FILE_BYTES_MAX >> 20);
			break;
		}
		if (*length == size)
			size *= 2;
	}
	free(text);
	return NULL;
}

static bool read_fd(struct reader *reader, const char *path, int fd)
{
	struct stat status;
	unsigned file;
	size_t length;
	char *text;
	bool good;

	if (fstat(fd, &status))
		return fail(reader, path, 0, 1, "%s", strerror(errno));
	if (!check_file(reader, path, &status) || !add_file(reader, path, &file))
		return false;
	text = read_bytes(reader, path, fd, &length);
	if (!text)
		return false;
	reader->open[reader->depth++] = (struct open_file){ status.st_dev, status.st_ino };
	good = read_lines(reader, file, text, length);
	reader->depth--;
	free(text);
	return good;
}

static bool read_path(struct reader *reader, const char *path)
{
	bool good;
	int fd;

	if (reader->depth == SP_FILE_DEPTH_MAX)
		return fail(reader, path, 0, 1, "files are included more than %d deep", SP_FILE_DEPTH_MAX);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return fail(reader, path, 0, 1, "%s", strerror(errno));
	good = read_fd(reader, path, fd);
	close(fd);
	return good;
}

static bool finish(struct sp_rule_set *set, bool good)
{
	if (!good)
		sp_rule_set_clear(set);
	return good;
}

bool sp_file_read(const char *path, const struct sp_file_options *options,
		  struct sp_rule_set *set, struct sp_file_error *error)
{
	struct reader reader = {
		.options = options, .set = set, .error = error, .includes = true,
	};

	return finish(set, read_path(&reader, path));
}

bool sp_file_read_text(const char *name, const char *text, size_t length,
		       const struct sp_file_options *options,
		       struct sp_rule_set *set, struct sp_file_error *error)
{
	struct reader reader = { .options = options, .set = set, .error = error };
	unsigned file;

	return finish(set, add_file(&reader, name, &file) &&
			   read_lines(&reader, file, text, length));
}

/* "10-name.rules" */
static int is_numbered(const struct dirent *entry)
{
	const char *name = entry->d_name;
	size_t length = strlen(name), digits = strspn(name, "0123456789");

	return digits == 2 && name[2] == '-' && length > 6 &&
	       !strcmp(name + length - 6, ".rules");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool read_entry(struct reader *reader, const char *folder, const char *name)
{
	char *path;
	bool good;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return fail(reader, folder, 0, 1, "out of memory");
	good = read_path(reader, path);
	free(path);
	return good;
}

bool sp_file_read_folder(const char *folder, const struct sp_file_options *options,
			 struct sp_rule_set *set, struct sp_file_error *error)
{
	struct reader reader = {
		.options = options, .set = set, .error = error, .includes = true, .floor = true,
	};
	struct dirent **entries;
	int count = scandir(folder, &entries, is_numbered, by_name);
	bool good = true;

	if (count < 0)
		return errno == ENOENT || fail(&reader, folder, 0, 1, "%s", strerror(errno));
	for (int i = 0; i < count; i++) {
		good = good && read_entry(&reader, folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return finish(set, good);
}

void sp_rule_set_clear(struct sp_rule_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		sp_rule_clear(&set->rules[i].rule);
	for (unsigned i = 0; i < set->file_count; i++)
		free(set->files[i]);
	free(set->rules);
	*set = (struct sp_rule_set){ 0 };
}
