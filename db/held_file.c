/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The held sets as a file in a folder that is gone after a restart of the
 * machine, so that they outlive the daemon. What can't be read in it is passed
 * over from there on: it was never more than a help.
 *
 *	# set UID HOW
 *	# add|replace ID created N maker N
 *	LINE
 *	# remove ID
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "internal.h"
#include "text.h"

#define HELD_FILE "unsaved"
#define HELD_NEW HELD_FILE ".new"
#define LINE_MAX_HELD (SP_TEXT_LINE_MAX + 2)

static void print_change(FILE *file, const struct sp_change *change)
{
	const struct sp_rule *rule = &change->rule;
	char *line;

	if (change->kind == SP_CHANGE_REMOVE) {
		fprintf(file, "# remove %" PRIu64 "\n", rule->id);
		return;
	}
	line = sp_text_print(rule, NULL);
	fprintf(file, "# %s %" PRIu64 " created %" PRId64 " maker %" PRIu32 "\n%s\n",
		change->kind == SP_CHANGE_REPLACE ? "replace" : "add", rule->id,
		rule->created, rule->maker, line ? line : "");
	free(line);
}

static void print_all(FILE *file, const struct sp_held *held)
{
	for (size_t i = 0; i < held->count; i++) {
		fprintf(file, "# set %" PRIu32 " %s\n", held->sets[i].uid, held->sets[i].how);
		for (size_t j = 0; j < held->sets[i].count; j++)
			print_change(file, &held->sets[i].changes[j]);
	}
}

static bool write_new(const struct sp_held *held)
{
	int fd = openat(held->folder, HELD_NEW, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			S_IRUSR | S_IWUSR);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	bool good;

	if (!file) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	print_all(file, held);
	good = !ferror(file);
	return !fclose(file) && good;
}

void sp_held_write(struct sp_store *store)
{
	const struct sp_held *held = &store->held;
	char *trouble = store->trouble[SP_TROUBLE_HELD_FILE];

	if (held->folder < 0)
		return;
	trouble[0] = '\0';
	if (!held->count)
		unlinkat(held->folder, HELD_FILE, 0);
	else if (!write_new(held) || renameat(held->folder, HELD_NEW, held->folder, HELD_FILE))
		snprintf(trouble, sizeof(store->trouble[SP_TROUBLE_HELD_FILE]),
			 "what is not saved would not outlive the daemon: %s", strerror(errno));
}

/* A line without its newline; false: the end, or one that is too long. */
static bool next_line(FILE *file, char line[LINE_MAX_HELD])
{
	char *end;

	if (!fgets(line, LINE_MAX_HELD, file))
		return false;
	end = strchr(line, '\n');
	if (end)
		*end = '\0';
	return end;
}

static struct sp_change *add_change(struct sp_held *held)
{
	struct sp_held_set *set = held->count ? &held->sets[held->count - 1] : NULL;
	struct sp_change *more;

	more = set ? realloc(set->changes, (set->count + 1) * sizeof(*more)) : NULL;
	if (!more)
		return NULL;
	set->changes = more;
	sp_rule_init(&more[set->count].rule);
	return &more[set->count++];
}

static bool read_rule(FILE *file, char line[LINE_MAX_HELD], struct sp_change *change)
{
	const struct sp_rule about = change->rule;
	struct sp_text_error fault;

	if (!next_line(file, line) ||
	    sp_text_parse(line, strlen(line), SP_SYSTEM, NULL, &change->rule, &fault) != 1)
		return false;
	change->rule.id = about.id;
	change->rule.created = about.created;
	change->rule.maker = about.maker;
	return true;
}

static bool read_change(struct sp_held *held, FILE *file, char line[LINE_MAX_HELD])
{
	struct sp_change *change = add_change(held);
	struct sp_rule *rule = change ? &change->rule : NULL;
	char word[10];

	if (!change)
		return false;
	change->kind = SP_CHANGE_REMOVE;
	if (sscanf(line, "# remove %" SCNu64, &rule->id) == 1)
		return true;
	if (sscanf(line, "# %9s %" SCNu64 " created %" SCNd64 " maker %" SCNu32, word,
		   &rule->id, &rule->created, &rule->maker) == 4) {
		change->kind = strcmp(word, "add") ? SP_CHANGE_REPLACE : SP_CHANGE_PUT_BACK;
		if (read_rule(file, line, change))
			return true;
	}
	held->sets[held->count - 1].count--;
	return false;
}

static bool read_set(struct sp_held *held, const char *line)
{
	struct sp_held_set *set = &held->sets[held->count];

	if (held->count >= SP_HELD_MAX)
		return false;
	*set = (struct sp_held_set){ 0 };
	if (sscanf(line, "# set %" SCNu32 " %31[^\n]", &set->uid, set->how) < 1)
		return false;
	held->count++;
	return true;
}

/* One that has an id which the file gave as well was saved before the end. */
static bool was_saved(const struct sp_store *store, const struct sp_held_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->changes[i].kind == SP_CHANGE_PUT_BACK &&
		    set->changes[i].rule.id < store->last.next_rule)
			return true;
	return false;
}

static void take_ids(struct sp_store *store)
{
	for (size_t i = 0; i < store->held.count; i++)
		for (size_t j = 0; j < store->held.sets[i].count; j++) {
			uint64_t id = store->held.sets[i].changes[j].rule.id;

			if (id >= store->last.next_rule)
				store->last.next_rule = id + 1;
		}
}

void sp_held_read(struct sp_store *store)
{
	struct sp_held *held = &store->held;
	int fd = openat(held->folder, HELD_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char line[LINE_MAX_HELD];

	if (!file) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (next_line(file, line))
		if (!read_set(held, line) && !read_change(held, file, line))
			break;
	fclose(file);
	while (held->count && was_saved(store, &held->sets[0]))
		sp_held_drop_first(held);
	take_ids(store);
}

enum sp_store_error sp_store_hold_in(struct sp_store *store, const char *folder)
{
	store->held.folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->held.folder < 0) {
		sp_store_fail_errno(store, "open the folder", folder);
		return store->error;
	}
	sp_held_read(store);
	return sp_store_save_held(store);
}
