/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See restore.h. A new store is made under another name and renamed when it is
 * complete, so that an empty policy.db is never new: it is a store that was lost.
 * Its numbers go on from whatever is known of the old one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "aside.h"
#include "connect.h"
#include "copy.h"
#include "migrations.h"
#include "restore.h"

#define NEW_FILE SP_STORE_FILE ".new"

struct source {
	struct sp_stamp stamp;		/* of the last acknowledged change */
	bool stamped;
	enum sp_copy_state state;
	struct sp_copy copy;
	bool older;			/* the copy, or that can't be known */
	size_t unconfirmed;
};

static bool make_file(struct sp_store *store)
{
	int fd = openat(store->folder, NEW_FILE, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			S_IRUSR | S_IWUSR);
	bool good;

	if (fd < 0)
		return sp_store_fail_errno(store, "make", NEW_FILE);
	good = !fchmod(fd, S_IRUSR | S_IWUSR) || sp_store_fail_errno(store, "make", NEW_FILE);
	close(fd);
	return good;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static bool add_rules(struct sp_store *store, struct source *source)
{
	for (size_t i = 0; i < source->copy.count; i++) {
		struct sp_rule *rule = &source->copy.rules[i];

		rule->unconfirmed |= source->older && rule->action == SP_ALLOW;
		source->unconfirmed += rule->unconfirmed;
		if (!sp_rules_add(store, rule, rule->id))
			return false;
	}
	return true;
}

/* As a change of its own, that can't be undone. */
static bool fill(struct sp_store *store, struct source *source)
{
	const struct sp_actor actor = { 0, "restored" };
	const struct sp_set set = { SP_SET_RESTORED, 0, &actor };

	store->last.number = larger(source->stamp.number, source->copy.stamp.number);
	store->last.next_rule = larger(larger(source->stamp.next_rule,
					      source->copy.stamp.next_rule), 1);
	return sp_change_begin(store, &set) && sp_change_end(store, add_rules(store, source));
}

static bool make(struct sp_store *store, const char *path, struct source *source, bool fresh)
{
	return make_file(store) && sp_connect(store, path, NEW_FILE) &&
	       sp_migrate(store, sp_migration_count) &&
	       (fresh || (sp_store_prepare(store) && fill(store, source)));
}

static bool finish(struct sp_store *store)
{
	if (!sp_store_rename(store->folder, NEW_FILE, SP_STORE_FILE))
		return errno == EEXIST ?
			sp_store_fail(store, SP_STORE_BUSY, "another process makes the store") :
			sp_store_fail_errno(store, "make", SP_STORE_FILE);
	return !fsync(store->folder) || sp_store_fail_errno(store, "make", SP_STORE_FILE);
}

static void find_source(struct sp_store *store, struct source *source, char *how, size_t size)
{
	char name[SP_ASIDE_NAME];

	source->stamped = sp_stamp_read(store->folder, &source->stamp);
	source->state = sp_copy_read(store, &source->copy);
	source->older = !source->stamped || source->copy.stamp.number < source->stamp.number;
	if (source->state != SP_COPY_DAMAGED)
		return;
	if (sp_store_set_copy_aside(store->folder, name))
		snprintf(how, size, "its copy can't be read and is kept as %s (%.100s); it begins empty",
			 name, store->message);
	else
		snprintf(how, size, "its copy can't be read (%.100s); it begins empty", store->message);
}

static void describe(const struct source *source, char *how, size_t size)
{
	switch (source->state) {
	case SP_COPY_DAMAGED:
		return;
	case SP_COPY_NONE:
		snprintf(how, size, "there is no copy; it begins empty");
		return;
	case SP_COPY_GOOD:
		break;
	}
	if (!source->older)
		snprintf(how, size, "all %zu rules are restored from the copy", source->copy.count);
	else
		snprintf(how, size, "%zu rules are restored from a copy that may lack the latest changes; "
			 "%zu of them that allow ask until they are confirmed",
			 source->copy.count, source->unconfirmed);
}

bool sp_restore(struct sp_store *store, const char *path, bool *fresh, char *how, size_t size)
{
	struct source source = { 0 };
	bool good;

	sp_store_unlink(store->folder, NEW_FILE);
	find_source(store, &source, how, size);
	*fresh = !source.stamped && source.state == SP_COPY_NONE && *fresh;
	good = make(store, path, &source, *fresh);
	sp_disconnect(store);
	good = good && finish(store);
	if (good && !*fresh)
		describe(&source, how, size);
	if (!good)
		sp_store_unlink(store->folder, NEW_FILE);
	sp_copy_clear(&source.copy);
	return good;
}
