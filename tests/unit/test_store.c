/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store on real files: what it keeps, what it refuses, and what is left
 * when the disk, the file or the process fails.
 */
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "store.h"
#include "text.h"
#include "unit.h"

#define JOURNAL_MAX 10000
#define NOBODY 65534

static char folder[64], message[512];
static struct sp_store *store;
static enum sp_store_error error;
static const struct sp_actor actor = { 1000, "test" };
static bool mounted;

static const char *path(const char *name)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s/%s", folder, name);
	return text;
}

static bool exists(const char *name)
{
	return !access(path(name), F_OK);
}

static void open_store(void)
{
	store = sp_store_open(folder, &error, message, sizeof(message));
	ck_assert_msg(store && error == SP_STORE_OK, "%s", message);
}

static void close_store(void)
{
	sp_store_close(store);
	store = NULL;
}

static void expect_refused(enum sp_store_error expected, const char *word)
{
	store = sp_store_open(folder, &error, message, sizeof(message));
	ck_assert_ptr_null(store);
	ck_assert_msg(error == expected && strstr(message, word),
		      "expected %d, %s; got %d, %s", expected, word, error, message);
}

static int remove_one(const char *name, const struct stat *status, int type, struct FTW *walk)
{
	return remove(name);
}

static void setup(void)
{
	umask(022);
	strcpy(folder, "/tmp/sallyport-store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
	close_store();
	if (mounted)
		umount2(folder, MNT_DETACH);
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static enum sp_store_error change(enum sp_change_kind kind, const char *line, uint64_t *id)
{
	struct sp_change one = { .kind = kind };
	enum sp_store_error result;

	if (line)
		one.rule = unit_rule(line, *id);
	else
		sp_rule_init(&one.rule);
	one.rule.id = *id;
	one.rule.created = 5;
	one.rule.maker = 1000;
	result = sp_store_apply(store, &one, 1, &actor);
	*id = one.rule.id;
	sp_rule_clear(&one.rule);
	return result;
}

static uint64_t add(const char *line)
{
	uint64_t id = 0;

	ck_assert_msg(change(SP_CHANGE_ADD, line, &id) == SP_STORE_OK, "%s",
		      sp_store_message(store));
	ck_assert_uint_ne(id, 0);
	return id;
}

static size_t count_rules(void)
{
	struct sp_rule *rules;
	size_t count;

	ck_assert_msg(sp_store_load(store, &rules, &count) == SP_STORE_OK, "%s",
		      sp_store_message(store));
	for (size_t i = 0; i < count; i++)
		sp_rule_clear(&rules[i]);
	free(rules);
	return count;
}

/* The rule in the store; NULL: it is not there. */
static char *line_of(uint64_t id)
{
	struct sp_rule *rules;
	char *line = NULL;
	size_t count;

	ck_assert_int_eq(sp_store_load(store, &rules, &count), SP_STORE_OK);
	for (size_t i = 0; i < count; i++) {
		if (rules[i].id == id)
			line = sp_text_print(&rules[i], NULL);
		sp_rule_clear(&rules[i]);
	}
	free(rules);
	return line;
}

static void expect_line(uint64_t id, const char *expected)
{
	char *line = line_of(id);

	ck_assert_pstr_eq(line, expected);
	free(line);
}

/* Runs SQL behind the store's back. */
static void run_sql(const char *sql)
{
	sqlite3 *db;
	char *fault = NULL;

	ck_assert_int_eq(sqlite3_open(path("policy.db"), &db), SQLITE_OK);
	sqlite3_exec(db, sql, NULL, NULL, &fault);
	ck_assert_msg(!fault, "%s", fault);
	sqlite3_close(db);
}

START_TEST(makes_a_private_file)
{
	struct stat status;

	umask(0);
	open_store();
	ck_assert_uint_eq(count_rules(), 0);
	add("allow out");
	ck_assert_int_eq(stat(path("policy.db"), &status), 0);
	ck_assert_int_eq(status.st_mode & 07777, 0600);
	ck_assert_int_eq(stat(path("policy.db-wal"), &status), 0);
	ck_assert_int_eq(status.st_mode & 07777, 0600);
	ck_assert(!exists("policy.db.new"));
	close_store();
	chmod(path("policy.db"), 0644);
	open_store();
	ck_assert_int_eq(stat(path("policy.db"), &status), 0);
	ck_assert_int_eq(status.st_mode & 07777, 0600);
}
END_TEST

START_TEST(works_under_any_umask)
{
	umask(0777);
	open_store();
	add("allow out");
	close_store();
	open_store();
	ck_assert_uint_eq(count_rules(), 1);
}
END_TEST

static const char *const lines[] = {
	"allow out",
	"disabled floor drop in program \"/opt/a b\" user 0 protocol udp from 2001:db8::/32 port 1-2 remote-port 3-4 interface eth0 until 2262-04-11T23:47:16.854775807Z # '; DROP TABLE rules; --",
	"ask out user 4294967294 owner 4294967294",
	"deny out owner 0 protocol 255 to 192.0.2.0/24",
	"deny out protocol tcp port 65535 local-port 0 # é 中",
	"allow out to 8000::/1 until 1970-01-01T00:00:00.000000001Z",
};

#define LINES (sizeof(lines) / sizeof(lines[0]))

START_TEST(finds_everything_again)
{
	uint64_t ids[LINES];
	struct sp_rule *rules;
	size_t count;

	open_store();
	for (size_t i = 0; i < LINES; i++)
		ids[i] = add(lines[i]);
	close_store();
	open_store();
	for (size_t i = 0; i < LINES; i++)
		expect_line(ids[i], lines[i]);
	ck_assert_int_eq(sp_store_load(store, &rules, &count), SP_STORE_OK);
	ck_assert_uint_eq(count, LINES);
	for (size_t i = 0; i < count; i++) {
		ck_assert(i == 0 || rules[i].id > rules[i - 1].id);
		ck_assert_int_eq(rules[i].created, 5);
		ck_assert_uint_eq(rules[i].maker, 1000);
		sp_rule_clear(&rules[i]);
	}
	free(rules);
}
END_TEST

START_TEST(keeps_random_rules)
{
	struct unit_random random = { 8 };
	struct sp_change changes[200];
	struct sp_rule *rules;
	size_t count;

	open_store();
	for (size_t i = 0; i < 200; i++) {
		changes[i].kind = SP_CHANGE_ADD;
		unit_random_rule(&random, 0, &changes[i].rule);
	}
	ck_assert_int_eq(sp_store_apply(store, changes, 200, &actor), SP_STORE_OK);
	ck_assert_int_eq(sp_store_load(store, &rules, &count), SP_STORE_OK);
	ck_assert_uint_eq(count, 200);
	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_eq(rules[i].id, changes[i].rule.id);
		ck_assert(sp_rule_same_match(&rules[i], &changes[i].rule));
		ck_assert_int_eq(rules[i].expires, changes[i].rule.expires);
		sp_rule_clear(&rules[i]);
		sp_rule_clear(&changes[i].rule);
	}
	free(rules);
}
END_TEST

START_TEST(changes_and_removes)
{
	uint64_t first, second;

	open_store();
	first = add("allow out");
	second = add("deny out");
	ck_assert_int_eq(change(SP_CHANGE_REPLACE, "drop in port 1", &first), SP_STORE_OK);
	ck_assert_int_eq(change(SP_CHANGE_REMOVE, NULL, &second), SP_STORE_OK);
	close_store();
	open_store();
	expect_line(first, "drop in port 1");
	expect_line(second, NULL);
	ck_assert_uint_eq(count_rules(), 1);
}
END_TEST

START_TEST(never_uses_an_id_again)
{
	uint64_t id, last = 0;

	open_store();
	for (unsigned i = 0; i < 5; i++) {
		id = add("allow out");
		ck_assert_uint_gt(id, last);
		last = id;
		ck_assert_int_eq(change(SP_CHANGE_REMOVE, NULL, &id), SP_STORE_OK);
		close_store();
		open_store();
	}
}
END_TEST

START_TEST(changes_all_or_nothing)
{
	struct sp_change changes[3] = {
		{ SP_CHANGE_ADD, unit_rule("allow out program /a", 0) },
		{ SP_CHANGE_REPLACE, unit_rule("allow in", 1) },
		{ SP_CHANGE_REMOVE, unit_rule("allow out", 77) },
	};
	struct sp_journal_entry *entries;
	size_t count;

	open_store();
	ck_assert_uint_eq(add("deny out"), 1);
	ck_assert_int_eq(sp_store_apply(store, changes, 3, &actor), SP_STORE_NO_RULE);
	ck_assert_ptr_nonnull(strstr(sp_store_message(store), "77"));
	ck_assert_uint_eq(changes[0].rule.id, 0);
	ck_assert_uint_eq(count_rules(), 1);
	expect_line(1, "deny out");
	ck_assert_int_eq(sp_store_journal(store, 10, &entries, &count), SP_STORE_OK);
	ck_assert_uint_eq(count, 1);
	sp_journal_entries_free(entries, count);
	changes[2].rule.id = 1;
	ck_assert_int_eq(sp_store_apply(store, changes, 3, &actor), SP_STORE_OK);
	ck_assert_uint_gt(changes[0].rule.id, 1);
	expect_line(changes[0].rule.id, "allow out program /a");
	ck_assert_uint_eq(count_rules(), 1);
	for (size_t i = 0; i < 3; i++)
		sp_rule_clear(&changes[i].rule);
	ck_assert_int_eq(sp_store_apply(store, NULL, 0, &actor), SP_STORE_OK);
}
END_TEST

START_TEST(refuses_rules_that_can_not_be)
{
	struct sp_change one = { SP_CHANGE_ADD, unit_rule("allow out", 0) };

	open_store();
	one.rule.protocol = 999;
	ck_assert_int_eq(sp_store_apply(store, &one, 1, &actor), SP_STORE_INVALID);
	ck_assert_ptr_nonnull(strstr(sp_store_message(store), "255"));
	one.kind = (enum sp_change_kind)9;
	ck_assert_int_eq(sp_store_apply(store, &one, 1, &actor), SP_STORE_INVALID);
	one.kind = SP_CHANGE_REPLACE;
	one.rule.protocol = 6;
	ck_assert_int_eq(sp_store_apply(store, &one, 1, &actor), SP_STORE_NO_RULE);
	one.kind = SP_CHANGE_REMOVE;
	ck_assert_int_eq(sp_store_apply(store, &one, 1, &actor), SP_STORE_NO_RULE);
	ck_assert_uint_eq(count_rules(), 0);
}
END_TEST

START_TEST(journal_has_before_and_after)
{
	struct sp_journal_entry *entries;
	size_t count;
	uint64_t id;

	open_store();
	id = add("allow out # one");
	change(SP_CHANGE_REPLACE, "deny out owner 1000", &id);
	change(SP_CHANGE_REMOVE, NULL, &id);
	ck_assert_int_eq(sp_store_journal(store, 10, &entries, &count), SP_STORE_OK);
	ck_assert_uint_eq(count, 3);
	ck_assert_str_eq(entries[0].before, "deny out owner 1000");
	ck_assert_ptr_null(entries[0].after);
	ck_assert_str_eq(entries[1].before, "allow out # one");
	ck_assert_str_eq(entries[1].after, "deny out owner 1000");
	ck_assert_ptr_null(entries[2].before);
	ck_assert_str_eq(entries[2].after, "allow out # one");
	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_eq(entries[i].rule, id);
		ck_assert_uint_eq(entries[i].uid, 1000);
		ck_assert_str_eq(entries[i].how, "test");
		ck_assert_int_gt(entries[i].time, 1000000000000000000);
		ck_assert(i == 0 || entries[i].change < entries[i - 1].change);
		ck_assert(entries[i].kind == SP_SET_CHANGE && !entries[i].undone);
		ck_assert_int_eq(entries[i].created, 5);
	}
	sp_journal_entries_free(entries, count);
	ck_assert_int_eq(sp_store_journal(store, 1, &entries, &count), SP_STORE_OK);
	ck_assert_uint_eq(count, 1);
	sp_journal_entries_free(entries, count);
	ck_assert_int_eq(sp_store_journal(store, 0, &entries, &count), SP_STORE_OK);
	ck_assert_uint_eq(count, 0);
	sp_journal_entries_free(entries, count);
}
END_TEST

static bool has_change(uint64_t change)
{
	struct sp_journal_entry *entries = NULL;
	enum sp_store_error found;
	size_t count = 0;

	found = sp_store_journal_change(store, change, &entries, &count);
	ck_assert(found == SP_STORE_OK || found == SP_STORE_NO_CHANGE);
	sp_journal_entries_free(entries, count);
	return found == SP_STORE_OK;
}

START_TEST(journal_is_bounded)
{
	size_t number = JOURNAL_MAX + 100, count;
	struct sp_change *changes = calloc(number, sizeof(*changes));
	struct sp_journal_entry *entries;

	open_store();
	for (size_t i = 0; i < number; i++) {
		changes[i].kind = SP_CHANGE_ADD;
		sp_rule_init(&changes[i].rule);
	}
	ck_assert_int_eq(sp_store_apply(store, changes, 200, &actor), SP_STORE_OK);
	ck_assert_int_eq(sp_store_apply(store, changes, number - 200, &actor), SP_STORE_OK);
	ck_assert_uint_eq(count_rules(), number);
	/* 100 of the first 200 are too many, but the newest changes stay whole. */
	for (size_t i = 0; i < 8; i++)
		add("deny in");
	ck_assert(has_change(1));
	/* A part can't be undone, so all go. */
	add("deny in");
	ck_assert(!has_change(1) && has_change(2));
	for (size_t i = 0; i < 91; i++)
		add("deny in");
	ck_assert(has_change(2));
	add("deny in");
	ck_assert(!has_change(2));
	ck_assert_int_eq(sp_store_journal(store, SIZE_MAX, &entries, &count), SP_STORE_OK);
	ck_assert_uint_eq(count, 101);
	ck_assert_str_eq(entries[0].after, "deny in");
	sp_journal_entries_free(entries, count);
	free(changes);
}
END_TEST

START_TEST(expires_rules)
{
	struct sp_journal_entry *entries;
	size_t removed = 99, count;
	uint64_t stays, later;

	open_store();
	add("allow out until 1970-01-01T00:00:01Z");
	stays = add("allow out");
	add("allow in until 1970-01-01T00:00:02Z");
	later = add("allow in until 1970-01-01T00:00:03Z");
	ck_assert_int_eq(sp_store_expire(store, 999999999, &removed), SP_STORE_OK);
	ck_assert_uint_eq(removed, 0);
	ck_assert_int_eq(sp_store_expire(store, 2000000000, &removed), SP_STORE_OK);
	ck_assert_uint_eq(removed, 2);
	ck_assert_uint_eq(count_rules(), 2);
	expect_line(stays, "allow out");
	expect_line(later, "allow in until 1970-01-01T00:00:03Z");
	ck_assert_int_eq(sp_store_journal(store, 2, &entries, &count), SP_STORE_OK);
	ck_assert_str_eq(entries[0].how, "expired");
	ck_assert_str_eq(entries[0].before, "allow in until 1970-01-01T00:00:02Z");
	ck_assert_ptr_null(entries[0].after);
	sp_journal_entries_free(entries, count);
}
END_TEST

START_TEST(refuses_folders)
{
	char file[] = "/tmp/sallyport-file-XXXXXX";
	int fd;

	chmod(folder, 0775);
	expect_refused(SP_STORE_FAILED, "others can write");
	chmod(folder, 0757);
	expect_refused(SP_STORE_FAILED, "others can write");
	ck_assert(!exists("policy.db"));
	chmod(folder, 0755);
	if (!geteuid()) {
		ck_assert_int_eq(chown(folder, NOBODY, 0), 0);
		expect_refused(SP_STORE_FAILED, "belongs to user 65534");
		ck_assert_int_eq(chown(folder, 0, 0), 0);
	}
	open_store();
	close_store();
	ck_assert_ptr_null(sp_store_open("/nonexistent", &error, message, sizeof(message)));
	ck_assert_int_eq(error, SP_STORE_FAILED);
	ck_assert_ptr_nonnull(strstr(message, "/nonexistent"));
	fd = mkstemp(file);
	ck_assert_ptr_null(sp_store_open(file, &error, message, sizeof(message)));
	ck_assert_int_eq(error, SP_STORE_FAILED);
	close(fd);
	unlink(file);
}
END_TEST

START_TEST(refuses_files_of_another_kind)
{
	ck_assert_int_eq(symlink("/etc/passwd", path("policy.db")), 0);
	expect_refused(SP_STORE_FAILED, "no regular file");
	unlink(path("policy.db"));
	ck_assert_int_eq(mkdir(path("policy.db"), 0700), 0);
	expect_refused(SP_STORE_FAILED, "no regular file");
	rmdir(path("policy.db"));
	open_store();
	close_store();
	if (!geteuid()) {
		ck_assert_int_eq(chown(path("policy.db"), NOBODY, 0), 0);
		expect_refused(SP_STORE_FAILED, "belongs to user 65534");
	}
}
END_TEST

/* A leftover of a store that was never finished is no store. */
START_TEST(begins_again_after_a_crash_while_making_it)
{
	int fd = open(path("policy.db.new"), O_CREAT | O_WRONLY, 0600);

	ck_assert_int_eq(write(fd, "half", 4), 4);
	close(fd);
	open_store();
	ck_assert_uint_eq(count_rules(), 0);
	ck_assert(!exists("policy.db.new"));
}
END_TEST

static void make_store(unsigned rules)
{
	open_store();
	for (unsigned i = 0; i < rules; i++)
		add("allow out program /usr/bin/curl # a note that needs some room in the file");
	close_store();
}

static off_t file_size(const char *name)
{
	struct stat status;

	ck_assert_int_eq(stat(path(name), &status), 0);
	return status.st_size;
}

static void read_all(const char *name, char **bytes, off_t *size)
{
	int fd = open(path(name), O_RDONLY);

	*size = file_size(name);
	*bytes = malloc((size_t)*size);
	ck_assert_int_eq(read(fd, *bytes, (size_t)*size), *size);
	close(fd);
}

START_TEST(leaves_newer_stores_alone)
{
	char *before, *after;
	off_t size, size_after;

	make_store(1);
	run_sql("PRAGMA journal_mode = DELETE; PRAGMA user_version = 99; CREATE TABLE more (a)");
	read_all("policy.db", &before, &size);
	expect_refused(SP_STORE_NEWER, "newer");
	read_all("policy.db", &after, &size_after);
	ck_assert_int_eq(size, size_after);
	ck_assert_mem_eq(before, after, (size_t)size);
	ck_assert(!exists("policy.db-wal") && !exists("policy.db-journal"));
	ck_assert(!exists("policy.db.damaged-1"));
	free(before);
	free(after);
}
END_TEST

START_TEST(says_when_it_is_locked)
{
	sqlite3 *db;
	uint64_t id = 0;

	open_store();
	ck_assert_int_eq(sqlite3_open(path("policy.db"), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(change(SP_CHANGE_ADD, "allow out", &id), SP_STORE_BUSY);
	ck_assert_uint_eq(id, 0);
	ck_assert_uint_eq(count_rules(), 0);
	ck_assert_int_eq(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	add("allow out");
	close_store();
	ck_assert_int_eq(sqlite3_open(path("policy.db"), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE",
				      NULL, NULL, NULL), SQLITE_OK);
	expect_refused(SP_STORE_BUSY, "locked");
	ck_assert(exists("policy.db") && !exists("policy.db.damaged-1"));
	sqlite3_close(db);
}
END_TEST

/* What a child that is not root finds; its exit status. */
static int in_child(int (*act)(void))
{
	pid_t child = fork();
	int status;

	if (!child) {
		if (!geteuid() && (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
				   setresuid(NOBODY, NOBODY, NOBODY)))
			_exit(100);
		_exit(act());
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 101;
}

static int try_open(void)
{
	struct sp_store *other = sp_store_open(folder, &error, message, sizeof(message));

	sp_store_close(other);
	return other ? 0 : (int)error;
}

START_TEST(says_when_the_folder_is_read_only)
{
	make_store(1);
	ck_assert_int_eq(chmod(folder, 0555), 0);
	ck_assert_int_eq(in_child(try_open), SP_STORE_READONLY);
	if (!geteuid()) {
		ck_assert_int_eq(chmod(path("policy.db"), 0444), 0);
		ck_assert_int_eq(chown(folder, NOBODY, NOBODY), 0);
		ck_assert_int_eq(chmod(folder, 0755), 0);
		ck_assert_int_eq(in_child(try_open), SP_STORE_FAILED);	/* may not chmod */
		ck_assert_int_eq(chown(folder, 0, 0), 0);
	}
	ck_assert_int_eq(chmod(folder, 0755), 0);
	open_store();
	ck_assert_uint_eq(count_rules(), 1);
}
END_TEST

/* A file system of @size bytes over the folder, for this process alone. */
static bool mount_small(const char *options)
{
	mounted = !geteuid() && !unshare(CLONE_NEWNS) &&
		  !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
		  !mount("none", folder, "tmpfs", 0, options);
	if (!mounted)
		printf("# not run: only root can mount a small file system\n");
	return mounted;
}

static void fill_up(void)
{
	char block[4096] = { 1 };
	int fd = open(path("filler"), O_CREAT | O_WRONLY, 0600);

	while (write(fd, block, sizeof(block)) > 0)
		;
	close(fd);
}

START_TEST(says_when_the_disk_is_full)
{
	uint64_t id = 0, last = 0;
	size_t count;

	if (!mount_small("size=512k,mode=0755"))
		return;
	open_store();
	count = 5;
	for (size_t i = 0; i < count; i++)
		last = add("allow out");
	fill_up();
	while (change(SP_CHANGE_ADD, "allow out # fills what is left", &id) == SP_STORE_OK) {
		last = id;
		id = 0;
		count++;
	}
	ck_assert_int_eq(change(SP_CHANGE_ADD, "deny out", &id), SP_STORE_FULL);
	ck_assert_uint_eq(id, 0);
	ck_assert_int_eq(change(SP_CHANGE_REMOVE, NULL, &last), SP_STORE_FULL);
	ck_assert_ptr_nonnull(strstr(sp_store_message(store), "full"));
	ck_assert_uint_eq(count_rules(), count);
	close_store();
	ck_assert_int_eq(unlink(path("filler")), 0);
	open_store();
	ck_assert_uint_eq(count_rules(), count);
	add("deny out");
}
END_TEST

START_TEST(says_when_there_is_no_room_to_begin)
{
	if (!mount_small("size=64k,mode=0755"))
		return;
	fill_up();
	expect_refused(SP_STORE_FULL, "");
	ck_assert(!exists("policy.db") && !exists("policy.db.new"));
	ck_assert_int_eq(unlink(path("filler")), 0);
	open_store();
}
END_TEST

START_TEST(says_when_the_file_system_is_read_only)
{
	uint64_t id = 0;

	if (!mount_small("size=1m,mode=0755"))
		return;
	make_store(1);
	ck_assert_int_eq(mount("none", folder, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	expect_refused(SP_STORE_READONLY, "Read-only");
	ck_assert_int_eq(mount("none", folder, NULL, MS_REMOUNT, NULL), 0);
	open_store();
	ck_assert_uint_eq(count_rules(), 1);
	ck_assert_int_eq(change(SP_CHANGE_ADD, "deny out", &id), SP_STORE_OK);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("store");
	TCase *tcase = tcase_create("store");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, makes_a_private_file);
	tcase_add_test(tcase, works_under_any_umask);
	tcase_add_test(tcase, finds_everything_again);
	tcase_add_test(tcase, keeps_random_rules);
	tcase_add_test(tcase, changes_and_removes);
	tcase_add_test(tcase, never_uses_an_id_again);
	tcase_add_test(tcase, changes_all_or_nothing);
	tcase_add_test(tcase, refuses_rules_that_can_not_be);
	tcase_add_test(tcase, journal_has_before_and_after);
	tcase_add_test(tcase, journal_is_bounded);
	tcase_add_test(tcase, expires_rules);
	tcase_add_test(tcase, refuses_folders);
	tcase_add_test(tcase, refuses_files_of_another_kind);
	tcase_add_test(tcase, begins_again_after_a_crash_while_making_it);
	tcase_add_test(tcase, leaves_newer_stores_alone);
	tcase_add_test(tcase, says_when_it_is_locked);
	tcase_add_test(tcase, says_when_the_folder_is_read_only);
	tcase_add_test(tcase, says_when_the_disk_is_full);
	tcase_add_test(tcase, says_when_there_is_no_room_to_begin);
	tcase_add_test(tcase, says_when_the_file_system_is_read_only);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
