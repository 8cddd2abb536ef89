/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See copy.h: reading it. It is good as a whole or not at all: with its end, its
 * checksum, and each rule a rule.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include "copy_format.h"
#include "text.h"

#define SIZE_MAX_COPY (1L << 30)
#define RULES_MAX 1000000u

struct reader {
	struct sp_store *store;
	struct sp_copy *copy;
	char *text, *end;	/* what is left of it */
};

static bool damaged(struct sp_store *store, const char *why)
{
	return sp_store_fail(store, SP_STORE_CORRUPT, COPY_FILE " is damaged: %s", why);
}

/* The next line, without its newline, which becomes a NUL; NULL: there is none. */
static char *next_line(struct reader *reader)
{
	char *line = reader->text;
	char *newline = memchr(line, '\n', (size_t)(reader->end - line));

	if (!newline)
		return NULL;
	*newline = '\0';
	reader->text = newline + 1;
	return line;
}

/* Takes off and checks the last line. */
static bool check_end(struct reader *reader, uint64_t *count)
{
	size_t size = (size_t)(reader->end - reader->text);
	char *last;
	char expected[100];
	uLong sum;

	if (size < 2 || reader->end[-1] != '\n' || strlen(reader->text) != size)
		return damaged(reader->store, "its end is missing");
	last = memrchr(reader->text, '\n', size - 1);
	if (!last || sscanf(last + 1, COPY_END, count, &sum) != 2)
		return damaged(reader->store, "its end is missing");
	sum = crc32(crc32(0, NULL, 0), (const Bytef *)reader->text,
		    (uInt)(last + 1 - reader->text));
	snprintf(expected, sizeof(expected), COPY_END "\n", *count, sum);
	if (strcmp(expected, last + 1) || *count > RULES_MAX)
		return damaged(reader->store, "its checksum does not fit");
	reader->end = last + 1;
	return true;
}

static bool read_head(struct reader *reader)
{
	struct sp_stamp *stamp = &reader->copy->stamp;
	char *line;

	while ((line = next_line(reader)))
		if (sscanf(line, COPY_HEAD, &stamp->number, &stamp->next_rule) == 2)
			return true;
	return damaged(reader->store, "its head is missing");
}

/* The next rule, and the comment before it. */
static bool read_rule(struct reader *reader, struct sp_rule *rule)
{
	char *about = next_line(reader), *line = about ? next_line(reader) : NULL;
	struct sp_text_error fault = { .message = "there is no rule in a line" };
	uint64_t id;
	int64_t created;
	uint32_t maker;

	if (!line || sscanf(about, COPY_RULE, &id, &created, &maker) != 3)
		return damaged(reader->store, "a rule is missing");
	if (sp_text_parse(line, strlen(line), SP_SYSTEM, NULL, rule, &fault) <= 0)
		return damaged(reader->store, fault.message);
	rule->id = id;
	rule->created = created;
	rule->maker = maker;
	rule->unconfirmed = strstr(about, COPY_UNCONFIRMED);
	return true;
}

static bool read_rules(struct reader *reader)
{
	uint64_t count;

	if (!check_end(reader, &count) || !read_head(reader))
		return false;
	reader->copy->rules = calloc(count + 1, sizeof(*reader->copy->rules));
	if (!reader->copy->rules)
		return sp_store_fail(reader->store, SP_STORE_FAILED, "out of memory");
	for (; reader->copy->count < count; reader->copy->count++)
		if (!read_rule(reader, &reader->copy->rules[reader->copy->count]))
			return false;
	return reader->text == reader->end || damaged(reader->store, "it has more than its rules");
}

/* All of the file and a NUL; NULL: the store's message. */
static char *read_file(struct sp_store *store, int fd, size_t *size)
{
	struct stat status;
	char *text;
	ssize_t got = 1;

	if (fstat(fd, &status) || !S_ISREG(status.st_mode) || status.st_size > SIZE_MAX_COPY) {
		damaged(store, "it is no file of a sensible size");
		return NULL;
	}
	text = malloc((size_t)status.st_size + 1);
	if (!text) {
		sp_store_fail(store, SP_STORE_FAILED, "out of memory");
		return NULL;
	}
	for (*size = 0; got > 0 && *size < (size_t)status.st_size; *size += (size_t)got) {
		got = read(fd, text + *size, (size_t)status.st_size - *size);
		if (got < 0)
			break;
	}
	text[*size] = '\0';
	if (got >= 0)
		return text;
	sp_store_fail_errno(store, "read", COPY_FILE);
	free(text);
	return NULL;
}

/* Reads the file into @reader->text, to be freed. */
static enum sp_copy_state open_copy(struct reader *reader)
{
	struct sp_store *store = reader->store;
	int fd = openat(store->folder, COPY_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	size_t size = 0;

	if (fd < 0) {
		if (errno == ENOENT)
			return SP_COPY_NONE;
		sp_store_fail_errno(store, "open", COPY_FILE);
		return SP_COPY_DAMAGED;
	}
	reader->text = read_file(store, fd, &size);
	close(fd);
	if (!reader->text)
		return SP_COPY_DAMAGED;
	reader->end = reader->text + size;
	return SP_COPY_GOOD;
}

enum sp_copy_state sp_copy_read(struct sp_store *store, struct sp_copy *copy)
{
	struct reader reader = { .store = store, .copy = copy };
	enum sp_copy_state state = open_copy(&reader);
	char *text = reader.text;

	*copy = (struct sp_copy){ 0 };
	if (state == SP_COPY_GOOD && !read_rules(&reader)) {
		sp_copy_clear(copy);
		state = SP_COPY_DAMAGED;
	}
	free(text);
	return state;
}

bool sp_copy_current(struct sp_store *store)
{
	struct sp_copy copy = { 0 };
	struct reader reader = { .store = store, .copy = &copy };
	bool good = open_copy(&reader) == SP_COPY_GOOD;
	char *text = reader.text;
	uint64_t count;

	good = good && check_end(&reader, &count) && read_head(&reader) &&
	       copy.stamp.number == store->last.number &&
	       copy.stamp.next_rule == store->last.next_rule;
	free(text);
	return good;
}

void sp_copy_clear(struct sp_copy *copy)
{
	while (copy->count)
		sp_rule_clear(&copy->rules[--copy->count]);
	free(copy->rules);
	*copy = (struct sp_copy){ 0 };
}
