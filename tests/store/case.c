/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See case.h. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "case.h"
#include "text.h"

char case_folder[64], case_message[512];
struct sp_store *case_store;

static const struct sp_actor actor = { 1000, "test" };

void case_setup(void)
{
	strcpy(case_folder, "/dev/shm/sallyport-store-XXXXXX");
	if (!mkdtemp(case_folder))
		case_setup_on_disk();
}

void case_setup_on_disk(void)
{
	strcpy(case_folder, "/tmp/sallyport-store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(case_folder));
}

void case_teardown(void)
{
	case_close();
	case_empty();
	rmdir(case_folder);
}

void case_open(void)
{
	enum sp_store_error error;

	case_store = sp_store_open(case_folder, &error, case_message, sizeof(case_message));
	ck_assert_msg(case_store && error == SP_STORE_OK, "%d: %s", error, case_message);
}

void case_close(void)
{
	sp_store_close(case_store);
	case_store = NULL;
}

static uint64_t change(enum sp_change_kind kind, uint64_t id, const char *line)
{
	struct sp_change one = { .kind = kind };

	if (line)
		one.rule = unit_rule(line, id);
	else
		sp_rule_init(&one.rule);
	one.rule.id = id;
	one.rule.created = 7;
	one.rule.maker = 1000;
	ck_assert_msg(sp_store_apply(case_store, &one, 1, &actor) == SP_STORE_OK, "%s",
		      sp_store_message(case_store));
	id = one.rule.id;
	sp_rule_clear(&one.rule);
	return id;
}

uint64_t case_add(const char *line)
{
	return change(SP_CHANGE_ADD, 0, line);
}

void case_replace(uint64_t id, const char *line)
{
	change(SP_CHANGE_REPLACE, id, line);
}

void case_remove(uint64_t id)
{
	change(SP_CHANGE_REMOVE, id, NULL);
}

static void print_rule(FILE *out, const struct sp_rule *rule)
{
	char *line = sp_text_print(rule, NULL);

	fprintf(out, "%" PRIu64 " %" PRId64 " %" PRIu32 "%s %s\n", rule->id, rule->created,
		rule->maker, rule->unconfirmed ? " unconfirmed" : "", line);
	free(line);
}

char *case_rules(void)
{
	struct sp_rule *rules;
	size_t count, size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	ck_assert_msg(sp_store_load(case_store, &rules, &count) == SP_STORE_OK, "%s",
		      sp_store_message(case_store));
	for (size_t i = 0; i < count; i++) {
		print_rule(out, &rules[i]);
		sp_rule_clear(&rules[i]);
	}
	free(rules);
	fclose(out);
	return text;
}

char *case_journal(void)
{
	struct sp_journal_entry *entries;
	size_t count, size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	ck_assert_msg(sp_store_journal(case_store, SIZE_MAX, &entries, &count) == SP_STORE_OK,
		      "%s", sp_store_message(case_store));
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%" PRIu64 " %d %" PRIu64 " %d %" PRId64 " %" PRIu32 " %s %" PRIu64
			" %s | %s %" PRId64 " %" PRIu32 "%s\n",
			entries[i].change, (int)entries[i].kind, entries[i].target,
			entries[i].undone, entries[i].time, entries[i].uid, entries[i].how,
			entries[i].rule, entries[i].before ?: "-", entries[i].after ?: "-",
			entries[i].created, entries[i].maker,
			entries[i].unconfirmed ? " unconfirmed" : "");
	sp_journal_entries_free(entries, count);
	fclose(out);
	return text;
}

const char *case_path(const char *name)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/%s", case_folder, name);
	return path;
}

bool case_exists(const char *name)
{
	return !access(case_path(name), F_OK);
}

void case_read(const char *name, struct case_file *file)
{
	int fd = open(case_path(name), O_RDONLY);
	struct stat status;

	*file = (struct case_file){ .name = name };
	if (fd < 0)
		return;
	ck_assert_int_eq(fstat(fd, &status), 0);
	file->size = (size_t)status.st_size;
	file->bytes = malloc(file->size + 1);
	ck_assert_int_eq(read(fd, file->bytes, file->size), (ssize_t)file->size);
	close(fd);
}

void case_write(const struct case_file *file)
{
	int fd;

	if (!file->bytes)
		return;
	fd = open(case_path(file->name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, file->bytes, file->size), (ssize_t)file->size);
	close(fd);
}

void case_forget(struct case_file *file)
{
	free(file->bytes);
	file->bytes = NULL;
}

void case_empty(void)
{
	DIR *dir = opendir(case_folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}
