/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can't be saved holds: until the store takes changes again, over the end of
 * the process, and not over a restart of the machine. The disk is full because no
 * file may grow beyond a page.
 */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "case.h"

static const struct sp_actor actor = { 1000, "answer" };
static char run_folder[] = "/tmp/sallyport-run-XXXXXX";

static void setup(void)
{
	case_setup();
	strcpy(run_folder, "/tmp/sallyport-run-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(run_folder));
	signal(SIGXFSZ, SIG_IGN);
}

static void fill_disk(bool full)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = full ? 4096 : limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void teardown(void)
{
	char path[64];

	fill_disk(false);
	case_teardown();
	snprintf(path, sizeof(path), "%s/unsaved", run_folder);
	unlink(path);
	rmdir(run_folder);
}

static void open_store(void)
{
	case_open();
	sp_store_hold_in(case_store, run_folder);
}

/* Fails, and is held. The id. */
static uint64_t hold(enum sp_change_kind kind, uint64_t id, const char *line)
{
	struct sp_change one = { .kind = kind };

	if (line)
		one.rule = unit_rule(line, id);
	else
		sp_rule_init(&one.rule);
	one.rule.id = id;
	one.rule.created = 7;
	one.rule.maker = 1000;
	ck_assert_int_ne(sp_store_apply(case_store, &one, 1, &actor), SP_STORE_OK);
	ck_assert_msg(sp_store_hold(case_store, &one, 1, &actor), "%s", sp_store_message(case_store));
	id = one.rule.id;
	sp_rule_clear(&one.rule);
	return id;
}

static void expect(const char *expected)
{
	char *rules = case_rules();

	ck_assert_str_eq(rules, expected);
	free(rules);
}

#define FIRST "1 7 1000 allow out\n"
#define HELD "3 7 1000 deny out program /held\n4 7 1000 deny out program /changed\n"

/* Rules 1 and 2 saved, 2 removed, 3 and 4 added, 4 changed while nothing can be. */
static void hold_some(void)
{
	open_store();
	case_add("allow out");
	case_add("allow in");
	fill_disk(true);
	ck_assert_uint_eq(hold(SP_CHANGE_ADD, 0, "deny out program /held"), 3);
	hold(SP_CHANGE_REMOVE, 2, NULL);
	ck_assert_uint_eq(hold(SP_CHANGE_ADD, 0, "deny out program /four"), 4);
	hold(SP_CHANGE_REPLACE, 4, "deny out program /changed");
	ck_assert_uint_eq(sp_store_held(case_store), 4);
	ck_assert_ptr_nonnull(strstr(sp_store_trouble(case_store), "not saved"));
	expect(FIRST HELD);
}

START_TEST(holds_until_it_can_be_saved)
{
	hold_some();
	ck_assert_int_ne(sp_store_save_held(case_store), SP_STORE_OK);
	expect(FIRST HELD);
	fill_disk(false);
	ck_assert_int_eq(sp_store_save_held(case_store), SP_STORE_OK);
	ck_assert_uint_eq(sp_store_held(case_store), 0);
	expect(FIRST HELD);
	case_close();
	open_store();
	expect(FIRST HELD);
	ck_assert_uint_eq(case_add("deny in"), 5);
}
END_TEST

START_TEST(goes_before_the_next_change)
{
	struct sp_journal_entry *entries;
	size_t count;

	hold_some();
	fill_disk(false);
	ck_assert_uint_eq(case_add("deny in"), 5);
	ck_assert_uint_eq(sp_store_held(case_store), 0);
	expect(FIRST HELD "5 7 1000 deny in\n");
	ck_assert_int_eq(sp_store_journal(case_store, 10, &entries, &count), SP_STORE_OK);
	ck_assert_uint_eq(count, 7);
	ck_assert_str_eq(entries[1].how, "answer");
	ck_assert_str_eq(entries[1].before, "deny out program /four");
	sp_journal_entries_free(entries, count);
}
END_TEST

#define LONGER "allow out program /x until 2040-01-01T00:00:00Z"

/* A rule that was to expire, and is to stay by a change that is held. */
START_TEST(goes_before_rules_expire)
{
	const int64_t after = 2000000000ll * 1000000000;
	size_t removed;

	open_store();
	case_add("allow out program /x until 2030-01-01T00:00:00Z");
	fill_disk(true);
	hold(SP_CHANGE_REPLACE, 1, LONGER);
	ck_assert_int_ne(sp_store_expire(case_store, after, &removed), SP_STORE_OK);
	fill_disk(false);
	ck_assert_int_eq(sp_store_expire(case_store, after, &removed), SP_STORE_OK);
	ck_assert_uint_eq(removed, 0);
	ck_assert_uint_eq(sp_store_held(case_store), 0);
	expect("1 7 1000 " LONGER "\n");
}
END_TEST

/* What a held change is about is gone: the others are saved, and that is said. */
START_TEST(says_what_can_never_be_saved)
{
	char why[200];

	open_store();
	case_add("allow out");
	fill_disk(true);
	hold(SP_CHANGE_REMOVE, 1, NULL);
	hold(SP_CHANGE_REPLACE, 1, "deny out");
	hold(SP_CHANGE_ADD, 0, "deny in");
	fill_disk(false);
	ck_assert(!sp_store_lost(case_store, why, sizeof(why)));
	ck_assert_int_eq(sp_store_save_held(case_store), SP_STORE_OK);
	expect("2 7 1000 deny in\n");
	ck_assert(sp_store_lost(case_store, why, sizeof(why)));
	ck_assert_str_eq(why, "there is no rule 1");
	ck_assert(!sp_store_lost(case_store, why, sizeof(why)));
}
END_TEST

START_TEST(outlives_the_process)
{
	hold_some();
	case_close();
	/* It can't be saved yet: opened while the disk is full. */
	fill_disk(false);
	case_open();
	fill_disk(true);
	ck_assert_int_ne(sp_store_hold_in(case_store, run_folder), SP_STORE_OK);
	expect(FIRST HELD);
	ck_assert_uint_eq(hold(SP_CHANGE_ADD, 0, "deny in"), 5);
	case_close();
	fill_disk(false);
	open_store();
	expect(FIRST HELD "5 7 1000 deny in\n");
	ck_assert_uint_eq(sp_store_held(case_store), 0);
}
END_TEST

START_TEST(does_not_outlive_the_machine)
{
	char path[64];

	hold_some();
	case_close();
	fill_disk(false);
	snprintf(path, sizeof(path), "%s/unsaved", run_folder);
	ck_assert_int_eq(unlink(path), 0);
	open_store();
	expect(FIRST "2 7 1000 allow in\n");
}
END_TEST

/* Saved, and killed before the file of held changes was taken away. */
START_TEST(is_not_saved_twice)
{
	char path[64], *text = NULL;
	size_t size = 0;
	FILE *file;

	hold_some();
	snprintf(path, sizeof(path), "%s/unsaved", run_folder);
	file = fopen(path, "r");
	ck_assert_int_gt(getdelim(&text, &size, '\0', file), 0);
	fclose(file);
	fill_disk(false);
	ck_assert_int_eq(sp_store_save_held(case_store), SP_STORE_OK);
	case_close();
	file = fopen(path, "w");
	fputs(text, file);
	fclose(file);
	free(text);
	open_store();
	expect(FIRST HELD);
	ck_assert_uint_eq(sp_store_held(case_store), 0);
}
END_TEST

START_TEST(holds_only_what_the_disk_refused)
{
	struct sp_change one = { SP_CHANGE_REMOVE, { .id = 9 } };

	open_store();
	sp_rule_init(&one.rule);
	one.rule.id = 9;
	ck_assert_int_eq(sp_store_apply(case_store, &one, 1, &actor), SP_STORE_NO_RULE);
	ck_assert(!sp_store_hold(case_store, &one, 1, &actor));
	one.kind = SP_CHANGE_ADD;
	fill_disk(true);
	while (sp_store_apply(case_store, &one, 1, &actor) &&
	       sp_store_hold(case_store, &one, 1, &actor))
		;
	fill_disk(false);
	ck_assert_uint_eq(sp_store_held(case_store), 256);
	ck_assert_int_eq(sp_store_save_held(case_store), SP_STORE_OK);
}
END_TEST

START_TEST(holds_while_another_has_the_lock)
{
	sqlite3 *db;

	open_store();
	ck_assert_int_eq(sqlite3_open(case_path("policy.db"), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	hold(SP_CHANGE_ADD, 0, "deny out");
	sqlite3_close(db);
	case_add("allow out");
	expect("1 7 1000 deny out\n2 7 1000 allow out\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("held");
	TCase *tcase = tcase_create("held");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, holds_until_it_can_be_saved);
	tcase_add_test(tcase, goes_before_the_next_change);
	tcase_add_test(tcase, goes_before_rules_expire);
	tcase_add_test(tcase, says_what_can_never_be_saved);
	tcase_add_test(tcase, outlives_the_process);
	tcase_add_test(tcase, does_not_outlive_the_machine);
	tcase_add_test(tcase, is_not_saved_twice);
	tcase_add_test(tcase, holds_only_what_the_disk_refused);
	tcase_add_test(tcase, holds_while_another_has_the_lock);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
