/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From every version that there was to this one. fixtures/version-N.sql is a
 * store of version N, version-N.expected what is in it: its rules, then its
 * journal. A schema that comes without its fixture fails here.
 */
#include <sqlite3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "case.h"
#include "migrations.h"
#include "sum.h"

/* A file of the fixtures; NULL: it is not there. To be freed. */
static char *fixture(unsigned version, const char *kind)
{
	char path[400], *text = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/version-%u.%s", getenv("STORE_FIXTURES"), version, kind);
	file = fopen(path, "r");
	if (!file)
		return NULL;
	ck_assert_int_ge(getdelim(&text, &size, '\0', file), 0);
	fclose(file);
	return text;
}

static void run_sql(const char *sql)
{
	sqlite3 *db;
	char *fault = NULL;

	ck_assert_int_eq(sqlite3_open(case_path("policy.db"), &db), SQLITE_OK);
	ck_assert_int_eq(sp_sum_register(db), SQLITE_OK);
	sqlite3_exec(db, sql, NULL, NULL, &fault);
	ck_assert_msg(!fault, "%s", fault);
	sqlite3_close(db);
}

static void make(unsigned version)
{
	char *sql = fixture(version, "sql");

	ck_assert_msg(sql, "there is no store of version %u to be tested with (see HACKING.md)", version);
	run_sql(sql);
	free(sql);
}

static unsigned version_of_file(void)
{
	unsigned version;
	sqlite3_stmt *row;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(case_path("policy.db"), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &row, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
	version = (unsigned)sqlite3_column_int(row, 0);
	sqlite3_finalize(row);
	sqlite3_close(db);
	return version;
}

static char *contents(void)
{
	char *rules = case_rules(), *journal = case_journal(), *all;

	ck_assert_int_gt(asprintf(&all, "%s\n%s", rules, journal), 0);
	free(rules);
	free(journal);
	return all;
}

static void expect_contents(unsigned version)
{
	char *expected = fixture(version, "expected"), *found = contents();

	ck_assert_msg(expected, "it is not said what is in version %u", version);
	ck_assert_str_eq(found, expected);
	free(expected);
	free(found);
}

START_TEST(from_every_version)
{
	ck_assert_uint_ge(sp_migration_count, 2);
	for (unsigned version = 1; version <= sp_migration_count; version++) {
		make(version);
		ck_assert_uint_eq(version_of_file(), version);
		case_open();
		ck_assert_str_eq(case_message, "");
		expect_contents(version);
		case_close();
		ck_assert_uint_eq(version_of_file(), sp_migration_count);
		case_empty();
	}
}
END_TEST

/* What came from version 1 can be undone as well, whole sets of it. */
START_TEST(old_changes_can_be_undone)
{
	const struct sp_actor actor = { 0, "test" };
	struct sp_change *changes;
	size_t count;
	char *rules;

	make(1);
	case_open();
	ck_assert_int_eq(sp_store_undo(case_store, 8, false, &actor, &changes, &count), SP_STORE_OK);
	ck_assert_uint_eq(count, 3);
	for (size_t i = 0; i < count; i++)
		sp_rule_clear(&changes[i].rule);
	free(changes);
	rules = case_rules();
	ck_assert_ptr_nonnull(strstr(rules, "1 1700000000000000001 1001 allow out\n"));
	ck_assert_ptr_nonnull(strstr(rules, "deny out owner 0 protocol 255"));
	ck_assert_ptr_null(strstr(rules, "allow in protocol tcp"));
	free(rules);
	ck_assert_uint_eq(case_add("allow out"), 10);	/* 9 was given and removed */
}
END_TEST

START_TEST(a_row_that_is_no_rule_is_damage)
{
	make(1);
	run_sql("UPDATE rules SET program = 'relative' WHERE id = 1");
	case_open();
	ck_assert_ptr_nonnull(strstr(case_message, "damaged rule"));
	ck_assert(case_exists("policy.db.damaged-1"));
	case_close();
}
END_TEST

/* No file may become longer than @size in here; what the store says then. */
static int try_open(rlim_t size)
{
	const struct rlimit limit = { size, size };
	enum sp_store_error error;

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	case_store = sp_store_open(case_folder, &error, case_message, sizeof(case_message));
	return case_store ? 0 : 100 + (int)error;
}

START_TEST(a_step_is_whole_or_not_at_all)
{
	unsigned failed = 0, migrated = 0;

	for (rlim_t size = 0; size < 60000; size += 1500) {
		unsigned version;
		int status;
		pid_t child;

		make(1);
		child = fork();
		if (!child)
			_exit(try_open(size));
		waitpid(child, &status, 0);
		ck_assert(WIFEXITED(status));
		version = version_of_file();
		ck_assert_msg(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) > 100, "%d", status);
		failed += version == 1;
		migrated += version > 1;
		case_open();
		ck_assert_str_eq(case_message, "");
		expect_contents(1);
		case_close();
		case_empty();
	}
	ck_assert_uint_gt(failed, 0);
	ck_assert_uint_gt(migrated, 0);
}
END_TEST

/* For whoever adds a version: with STORE_DUMP=N all this does is to say what is in it. */
START_TEST(dump)
{
	char *text;

	make((unsigned)atoi(getenv("STORE_DUMP")));
	case_open();
	text = contents();
	fputs(text, stderr);
	free(text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("migrations");
	TCase *tcase = tcase_create("migrations");

	tcase_add_checked_fixture(tcase, case_setup, case_teardown);
	tcase_set_timeout(tcase, 600);
	suite_add_tcase(suite, tcase);
	if (getenv("STORE_DUMP")) {
		tcase_add_test(tcase, dump);
		return unit_run(suite);
	}
	tcase_add_test(tcase, from_every_version);
	tcase_add_test(tcase, old_changes_can_be_undone);
	tcase_add_test(tcase, a_row_that_is_no_rule_is_damage);
	tcase_add_test(tcase, a_step_is_whole_or_not_at_all);
	return unit_run(suite);
}
