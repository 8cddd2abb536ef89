/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index of packages and a database that rpm itself has made (make_rpms.sh), also
 * while another program has it open, on its way, damaged.
 */
#include <check.h>
#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "database.h"
#include "folder.h"
#include "index.h"
#include "packages.h"

#define DATABASE "usr/lib/sysimage/rpm/rpmdb.sqlite"

static char *made;		/* as the script made it */
static char *root;		/* a test's own */
static struct sp_packages *packages;

static char *output_of(const char *const *arguments)
{
	char *text;
	int status;

	ck_assert(g_spawn_sync(NULL, (char **)arguments, NULL,
			       G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &text,
			       NULL, &status, NULL));
	ck_assert_int_eq(status, 0);
	return text;
}

#define OUTPUT(...)	output_of((const char *const[]){ __VA_ARGS__, NULL })
#define RUN(...)	g_free(OUTPUT(__VA_ARGS__))

static void make(void)
{
	made = g_dir_make_tmp("sallyport-rpms-XXXXXX", NULL);
	RUN(g_getenv("MAKE_RPMS"), made);
}

static void unmake(void)
{
	folder_remove(made);
	g_free(made);
}

static void setup(void)
{
	root = g_dir_make_tmp("sallyport-rpmdb-XXXXXX", NULL);
	g_rmdir(root);
	RUN("cp", "-a", made, root);
}

static void teardown(void)
{
	g_clear_pointer(&packages, sp_packages_free);
	folder_remove(root);
	g_free(root);
}

static void load(void)
{
	g_clear_pointer(&packages, sp_packages_free);
	packages = sp_packages_load(root);
	ck_assert_ptr_nonnull(packages);
}

static void fails(int error)
{
	ck_assert_ptr_null(sp_packages_load(root));
	ck_assert_int_eq(errno, error);
}

/* Where the packages have it, which is where the script made it. */
static char *file(const char *name)
{
	return g_build_filename(made, "files", name, NULL);
}

static const char *package_of(const char *name)
{
	g_autofree char *path = file(name);

	return sp_packages_find(packages, path);
}

static char *in_root(const char *name)
{
	return g_build_filename(root, name, NULL);
}

static sqlite3 *connect_to(const char *name)
{
	g_autofree char *path = in_root(name);
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	return db;
}

static void tell(sqlite3 *db, const char *sql)
{
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

#define WITHOUT_PROBE "DELETE FROM Packages WHERE hnum = 1"

START_TEST(files_of_packages)
{
	load();
	ck_assert_uint_eq(sp_packages_count(packages), 5);
	ck_assert_str_eq(package_of("probe"), "probe");
	ck_assert_str_eq(package_of("probe.conf"), "probe");
	ck_assert_str_eq(package_of("older"), "older");
	ck_assert_str_eq(sp_packages_find(packages, "/bin/probe-tool"), "probe");
	ck_assert_ptr_null(package_of("folder"));
	ck_assert_ptr_null(package_of("link"));
	ck_assert_ptr_null(package_of("ghost"));
	ck_assert_ptr_null(package_of("other"));
	/* The later package has put its own there. */
	ck_assert_str_eq(package_of("shared"), "older");
}
END_TEST

START_TEST(merged_usr)
{
	g_autofree char *link = in_root("bin");
	struct sp_file_sum sum;

	ck_assert_int_eq(symlink("usr/bin", link), 0);
	load();
	ck_assert_str_eq(sp_packages_find(packages, "/usr/bin/probe-tool"), "probe");
	ck_assert(sp_packages_sum(packages, "/usr/bin/probe-tool", &sum));
	ck_assert_int_eq(sum.type, G_CHECKSUM_SHA256);
}
END_TEST

static void assert_state(struct sp_index *index, const char *name, enum sp_package_state wanted)
{
	g_autofree char *path = file(name);
	struct sallyport_image image = { 0 };
	struct stat info;

	ck_assert_int_eq(stat(path, &info), 0);
	image.ino = info.st_ino;
	image.ctime = info.st_ctim.tv_sec * 1000000000 + info.st_ctim.tv_nsec;
	ck_assert_int_eq(sp_index_state(index, &image, path), wanted);
}

/* SHA-256 and, as in older packages, MD5. */
START_TEST(states)
{
	static const char *const names[] = { "probe", "older" };
	struct sp_index *index = sp_index_new(root);
	g_autofree char *path = file(names[_i]), *before = NULL;

	ck_assert(g_file_get_contents(path, &before, NULL, NULL));
	assert_state(index, names[_i], SP_PACKAGE_UNMODIFIED);
	ck_assert(g_file_set_contents(path, "changed", -1, NULL));
	assert_state(index, names[_i], SP_PACKAGE_MODIFIED);
	ck_assert(g_file_set_contents(path, before, -1, NULL));
	sp_index_unref(index);
}
END_TEST

START_TEST(sums)
{
	g_autofree char *probe = file("probe"), *shared = file("shared"), *ghost = file("ghost");
	struct sp_file_sum sum;

	load();
	ck_assert(sp_packages_sum(packages, probe, &sum));
	ck_assert_int_eq(sum.type, G_CHECKSUM_SHA256);
	ck_assert_uint_eq(strlen(sum.digits), 64);
	ck_assert(sp_packages_sum(packages, shared, &sum));
	ck_assert_int_eq(sum.type, G_CHECKSUM_MD5);
	ck_assert_uint_eq(strlen(sum.digits), 32);
	ck_assert(!sp_packages_sum(packages, ghost, &sum));
}
END_TEST

/* The package has gone since the index was read. */
START_TEST(sums_of_what_has_gone)
{
	g_autofree char *probe = file("probe"), *older = file("older");
	sqlite3 *db = connect_to(DATABASE);
	struct sp_file_sum sum;

	load();
	tell(db, WITHOUT_PROBE);
	ck_assert(!sp_packages_sum(packages, probe, &sum));
	ck_assert(sp_packages_sum(packages, older, &sum));
	sqlite3_close(db);
}
END_TEST

START_TEST(dpkg_counts_first)
{
	g_autofree char *path = file("probe"), *list = g_strconcat(path, "\n", NULL);

	folder_put(root, "var/lib/dpkg/info/debians.list", list);
	load();
	ck_assert_str_eq(package_of("probe"), "debians");
	ck_assert_str_eq(package_of("older"), "older");
}
END_TEST

START_TEST(the_other_place)
{
	g_autofree char *from = in_root("usr/lib/sysimage"), *to = in_root("var/lib");

	ck_assert_int_eq(g_mkdir_with_parents(to, 0700), 0);
	RUN("mv", "-T", from, to);
	load();
	ck_assert_str_eq(package_of("probe"), "probe");
}
END_TEST

/* Names, sizes and times of what is in the database's folder. */
static char *picture(void)
{
	g_autofree char *path = in_root("usr/lib/sysimage/rpm");
	char *text = OUTPUT("find", path, "-printf", "%p %s %T@\n");

	ck_assert_ptr_nonnull(strstr(text, "rpmdb.sqlite"));
	return text;
}

static void assert_untouched(void)
{
	g_autofree char *before = picture(), *probe = file("probe"), *after = NULL;
	struct sp_file_sum sum;

	load();
	ck_assert(sp_packages_sum(packages, probe, &sum));
	after = picture();
	ck_assert_str_eq(before, after);
}

START_TEST(nothing_is_written)
{
	assert_untouched();
}
END_TEST

static void remove_beside(const char *suffix)
{
	g_autofree char *path = in_root(DATABASE), *beside = g_strconcat(path, suffix, NULL);

	ck_assert_int_eq(g_unlink(beside), 0);
}

/* As in images from which they were taken. */
START_TEST(without_what_is_beside)
{
	remove_beside("-shm");
	assert_untouched();
	remove_beside("-wal");
	assert_untouched();
}
END_TEST

/* Another program, which has done these and keeps the database open. */
static pid_t begin_other(const char *sql)
{
	int done[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(done), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		sqlite3 *db = connect_to(DATABASE);

		tell(db, "PRAGMA wal_autocheckpoint = 0");
		tell(db, sql);
		if (write(done[1], "", 1) == 1)
			pause();
		_exit(EXIT_FAILURE);
	}
	close(done[1]);
	ck_assert_int_eq(read(done[0], &byte, 1), 1);
	close(done[0]);
	return pid;
}

static void kill_other(pid_t pid)
{
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

/* What it has committed is not in the file yet, what it does is not committed. */
START_TEST(another_writes)
{
	pid_t other = begin_other(WITHOUT_PROBE "; BEGIN IMMEDIATE; DELETE FROM Packages");

	load();
	ck_assert_ptr_null(package_of("probe"));
	ck_assert_str_eq(package_of("older"), "older");
	kill_other(other);
	load();
	ck_assert_ptr_null(package_of("probe"));
	ck_assert_str_eq(package_of("older"), "older");
}
END_TEST

START_TEST(another_reads)
{
	pid_t other = begin_other("BEGIN; SELECT count(*) FROM Packages");

	assert_untouched();
	kill_other(other);
}
END_TEST

/* What is in the file alone would be half the truth. */
START_TEST(half_of_it)
{
	kill_other(begin_other(WITHOUT_PROBE));
	remove_beside("-shm");
	fails(EIO);
}
END_TEST

START_TEST(other_kinds)
{
	static const char *const names[] = {
		"usr/lib/sysimage/rpm/Packages.db", "var/lib/rpm/Packages",
	};
	g_autofree char *path = in_root("usr/lib/sysimage/rpm");

	folder_remove(path);
	load();
	ck_assert_uint_eq(sp_packages_count(packages), 0);
	folder_put(root, names[_i], "");
	fails(ENOTSUP);
	folder_put(root, "var/lib/dpkg/info/bash.list", "/bin/bash\n");
	load();
	ck_assert_uint_eq(sp_packages_count(packages), 1);
}
END_TEST

START_TEST(odd_rows)
{
	sqlite3 *db = connect_to(DATABASE);

	tell(db, "INSERT INTO Packages (blob) VALUES (''), (x''), (x'00'), ('text'), (5), (1.5),"
	     "(zeroblob(8)), (zeroblob(1000000)), (x'ffffffffffffffff')");
	tell(db, "UPDATE Packages SET blob = substr(blob, 1, length(blob) - 1) WHERE hnum = 2");
	sqlite3_close(db);
	load();
	ck_assert_str_eq(package_of("probe"), "probe");
	ck_assert_ptr_null(package_of("older"));
}
END_TEST

START_TEST(no_table)
{
	sqlite3 *db = connect_to(DATABASE);

	tell(db, "PRAGMA foreign_keys = OFF; ALTER TABLE Packages RENAME TO other;"
	     "CREATE VIEW Packages AS SELECT * FROM other");
	sqlite3_close(db);
	fails(EIO);
}
END_TEST

START_TEST(no_database)
{
	folder_put(root, DATABASE, "This is none at all, but somewhat longer than a head is.");
	fails(EIO);
}
END_TEST

START_TEST(too_large)
{
	sqlite3 *db = connect_to(DATABASE);

	tell(db, "INSERT INTO Packages (blob) VALUES (zeroblob(70000000))");
	sqlite3_close(db);
	fails(EFBIG);
}
END_TEST

/* Each page in turn is filled with the same: read, or refused. */
START_TEST(damaged)
{
	g_autofree char *path = in_root(DATABASE), *bytes = NULL;
	gsize length;

	ck_assert(g_file_get_contents(path, &bytes, &length, NULL));
	for (gsize at = 0; at < length; at += 4096) {
		g_autofree char *other = g_memdup2(bytes, length);

		memset(other + at, _i, 4096);
		/* Not durable, which would take its time. */
		ck_assert(g_file_set_contents_full(path, other, (gssize)length,
						   G_FILE_SET_CONTENTS_NONE, 0600, NULL));
		sp_packages_free(sp_packages_load(root));
	}
}
END_TEST

static void quit(void *data)
{
	g_main_loop_quit(data);
}

START_TEST(changes_are_told)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);
	struct sp_database *watched = sp_database_watch(root, quit, loop);
	g_autofree char *folder = in_root("usr/lib/sysimage/rpm");

	RUN("rpm", "--dbpath", folder, "-e", "--justdb", "probe");
	g_main_loop_run(loop);
	load();
	ck_assert_ptr_null(package_of("probe"));
	sp_database_free(watched);
	g_main_loop_unref(loop);
}
END_TEST

static Suite *suite(void)
{
	Suite *all = suite_create("rpmdb");
	TCase *tests = tcase_create("rpmdb");

	tcase_add_unchecked_fixture(tests, make, unmake);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, files_of_packages);
	tcase_add_test(tests, merged_usr);
	tcase_add_loop_test(tests, states, 0, 2);
	tcase_add_test(tests, sums);
	tcase_add_test(tests, sums_of_what_has_gone);
	tcase_add_test(tests, dpkg_counts_first);
	tcase_add_test(tests, the_other_place);
	tcase_add_test(tests, nothing_is_written);
	tcase_add_test(tests, without_what_is_beside);
	tcase_add_test(tests, another_writes);
	tcase_add_test(tests, another_reads);
	tcase_add_test(tests, half_of_it);
	tcase_add_loop_test(tests, other_kinds, 0, 2);
	tcase_add_test(tests, odd_rows);
	tcase_add_test(tests, no_table);
	tcase_add_test(tests, no_database);
	tcase_add_test(tests, too_large);
	tcase_add_loop_test(tests, damaged, 0, 2);
	tcase_add_test(tests, changes_are_told);
	suite_add_tcase(all, tests);
	return all;
}

static bool have(const char *program)
{
	g_autofree char *path = g_find_program_in_path(program);

	return path;
}

int main(void)
{
	SRunner *runner;
	int failed;

	if (!have("rpm") || !have("rpmbuild")) {
		puts("1..0 # SKIP no rpm, no rpmbuild");
		return EXIT_SUCCESS;
	}
	runner = srunner_create(suite());
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
