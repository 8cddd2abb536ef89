/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of rules: includes, order, limits, and that they are read whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "files.h"
#include "unit.h"

static char folder[64];
static struct sp_rule_set set;
static struct sp_file_error error;
static struct sp_file_options options;

static void setup(void)
{
	strcpy(folder, "/tmp/sallyport-files.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	memset(&set, 0, sizeof(set));
	memset(&error, 0, sizeof(error));
	options = (struct sp_file_options){ .context = { .owner = SP_SYSTEM } };
}

static void teardown(void)
{
	char command[128];

	sp_rule_set_clear(&set);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static void expect(size_t index, const char *line)
{
	char *text;

	ck_assert_uint_lt(index, set.count);
	text = sp_text_print(&set.rules[index].rule, NULL);
	ck_assert_str_eq(text, line);
	free(text);
}

static void expect_fault(bool result, const char *file, unsigned line, unsigned column,
			 const char *word)
{
	ck_assert(!result);
	ck_assert_uint_eq(set.count, 0);
	ck_assert_ptr_null(set.rules);
	ck_assert_msg(strstr(error.file, file) && error.error.line == line &&
		      error.error.column == column && strstr(error.error.message, word),
		      "expected %s:%u:%u: %s, got %s:%u:%u: %s", file, line, column, word,
		      error.file, error.error.line, error.error.column, error.error.message);
}

static bool read_file(const char *name)
{
	return sp_file_read(path_of(name), &options, &set, &error);
}

static bool read_folder(void)
{
	return sp_file_read_folder(folder, &options, &set, &error);
}

START_TEST(reads_a_file)
{
	put("a", "# first\nallow out\n\n  deny in port 22 # last");
	ck_assert(read_file("a"));
	ck_assert_uint_eq(set.count, 2);
	expect(0, "allow out");
	expect(1, "deny in port 22 # last");
	ck_assert_uint_eq(set.rules[1].line, 4);
	ck_assert_str_eq(set.files[set.rules[1].file], path_of("a"));
}
END_TEST

START_TEST(includes_where_it_says)
{
	put("a", "allow out port 1\ninclude b\nallow out port 3\n");
	put("b", "allow out port 2\ninclude \"b c\" # more\n");
	put("b c", "deny in\n");
	ck_assert_msg(read_file("a"), "%s: %s", error.file, error.error.message);
	ck_assert_uint_eq(set.count, 4);
	expect(1, "allow out port 2");
	expect(2, "deny in");
	expect(3, "allow out port 3");
	ck_assert_uint_eq(set.rules[2].line, 1);
	ck_assert_str_eq(set.files[set.rules[2].file], path_of("b c"));
}
END_TEST

START_TEST(includes_from_anywhere)
{
	char text[128], old[256];
	int fd = memfd_create("rules", MFD_CLOEXEC);

	/* By its whole path, and on another device. */
	ck_assert_int_eq(write(fd, "deny in\n", 8), 8);
	put("b", "allow out\n");
	snprintf(text, sizeof(text), "include %s/b\ninclude /proc/self/fd/%d\n", folder, fd);
	put("a", text);
	ck_assert_msg(read_file("a"), "%s: %s", error.file, error.error.message);
	ck_assert_uint_eq(set.count, 2);
	expect(0, "allow out");
	expect(1, "deny in");
	close(fd);
	/* A file that is named without a folder: those beside it. */
	sp_rule_set_clear(&set);
	put("c", "include b\n");
	ck_assert_ptr_nonnull(getcwd(old, sizeof(old)));
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert(sp_file_read("c", &options, &set, &error));
	ck_assert_int_eq(chdir(old), 0);
	expect(0, "allow out");
}
END_TEST

START_TEST(refuses_loops)
{
	put("a", "include b\n");
	put("b", "include ./a\n");
	expect_fault(read_file("a"), "/b", 1, 9, "\"./a\": the file includes itself");
	put("c", "include c\n");
	expect_fault(read_file("c"), "/c", 1, 9, "includes itself");
	put("d", "include b\ninclude b\n");
	put("b", "allow out\n");
	ck_assert(read_file("d"));	/* twice is no loop */
	ck_assert_uint_eq(set.count, 2);
}
END_TEST

START_TEST(bounds_includes)
{
	char name[16], text[64];
	FILE *file;

	for (unsigned i = 0; i < SP_FILE_DEPTH_MAX; i++) {
		snprintf(name, sizeof(name), "%u", i);
		snprintf(text, sizeof(text), i + 1 < SP_FILE_DEPTH_MAX ? "include %u\n" : "allow out\n", i + 1);
		put(name, text);
	}
	ck_assert(read_file("0"));
	sp_rule_set_clear(&set);
	put("deeper", "include 0\n");
	expect_fault(read_file("deeper"), "/6", 1, 9, "\"7\": files are included more than 8 deep");
	file = fopen(path_of("many"), "w");
	for (unsigned i = 0; i < SP_FILE_COUNT_MAX; i++)
		fprintf(file, "include 7\n");
	fclose(file);
	expect_fault(read_file("many"), "/many", 100, 9, "100 files");
}
END_TEST

START_TEST(says_where_it_is_wrong)
{
	put("a", "allow out\ninclude b\n");
	put("b", "allow out\n\nalow out\n");
	expect_fault(read_file("a"), "/b", 3, 1, "did you mean \"allow\"");
	put("a", "allow out\ninclude\n");
	expect_fault(read_file("a"), "/a", 2, 8, "expected a path");
	put("a", "include b c\n");
	expect_fault(read_file("a"), "/a", 1, 11, "one path");
	put("a", "include nowhere\n");
	expect_fault(read_file("a"), "/a", 1, 9, "\"nowhere\": No such file");
	put("a", "include .\n");
	expect_fault(read_file("a"), "/a", 1, 9, "\".\": this is no file");
	put("a", "allow out # \xff\n");
	expect_fault(read_file("a"), "/a", 1, 13, "UTF-8");
	ck_assert(!sp_file_read_text("stdin", "include a", 9, &options, &set, &error));
	ck_assert_ptr_nonnull(strstr(error.error.message, "files alone"));
}
END_TEST

START_TEST(never_waits_for_a_pipe)
{
	ck_assert_int_eq(mkfifo(path_of("pipe"), 0600), 0);
	expect_fault(read_file("pipe"), "pipe", 0, 1, "no file");
}
END_TEST

START_TEST(a_million_lines_are_too_many)
{
	FILE *file = fopen(path_of("a"), "w");

	for (unsigned i = 0; i < 1000000; i++)
		fprintf(file, "allow out port 1\n");
	fclose(file);
	expect_fault(read_file("a"), "/a", SP_FILE_RULES_MAX + 1, 1, "100000 rules");
}
END_TEST

START_TEST(a_long_file_is_refused)
{
	int fd = open(path_of("a"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	ck_assert_int_eq(ftruncate(fd, SP_FILE_BYTES_MAX + 1), 0);
	close(fd);
	expect_fault(read_file("a"), "/a", 0, 1, "64 MB");
}
END_TEST

START_TEST(a_folder_in_order)
{
	put("20-second.rules", "allow out port 2\n");
	put("10-first.rules", "deny out port 1\ninclude more\n");
	put("more", "log drop in\n");
	put("30-third.rules~", "nonsense\n");
	put("x-other.rules", "nonsense\n");
	put("5-one-digit.rules", "nonsense\n");
	put("README", "nonsense\n");
	ck_assert_msg(read_folder(), "%s: %s", error.file, error.error.message);
	ck_assert_uint_eq(set.count, 3);
	expect(0, "floor deny out port 1");
	expect(1, "floor log drop in");
	expect(2, "floor allow out port 2");
}
END_TEST

START_TEST(a_folder_whole_or_not_at_all)
{
	put("10-good.rules", "allow out\n");
	put("20-bad.rules", "allow\n");
	expect_fault(read_folder(), "20-bad.rules", 1, 6, "\"out\" or \"in\"");
	put("20-bad.rules", "allow out owner 1000\n");
	expect_fault(read_folder(), "20-bad.rules", 1, 1, "not a user's");
	ck_assert(sp_file_read_folder("/nowhere/at/all", &options, &set, &error));
	ck_assert_uint_eq(set.count, 0);
	put("20-bad.rules", "");
	expect_fault(sp_file_read_folder(path_of("20-bad.rules"), &options, &set, &error),
		     "20-bad.rules", 0, 1, "directory");
}
END_TEST

START_TEST(trusts_what_others_can_not_write)
{
	put("10-a.rules", "allow out\n");
	options.trusted = true;
	ck_assert_int_eq(chmod(path_of("10-a.rules"), 0644), 0);
	ck_assert(read_folder());
	sp_rule_set_clear(&set);
	ck_assert_int_eq(chmod(path_of("10-a.rules"), 0664), 0);
	expect_fault(read_folder(), "10-a.rules", 0, 1, "can write");
	ck_assert_int_eq(chmod(path_of("10-a.rules"), 0646), 0);
	expect_fault(read_folder(), "10-a.rules", 0, 1, "can write");
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chmod(path_of("10-a.rules"), 0644), 0);
	ck_assert_int_eq(chown(path_of("10-a.rules"), 1000, 1000), 0);
	expect_fault(read_folder(), "10-a.rules", 0, 1, "another user");
	/* His own, when it is he who reads it. */
	ck_assert_int_eq(chown(folder, 1000, 1000), 0);
	ck_assert_int_eq(seteuid(1000), 0);
	ck_assert(read_folder());
	ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

START_TEST(says_what_an_import_would_do)
{
	struct sp_rule there[] = {
		unit_rule("allow out port 1", 1), unit_rule("deny out port 2", 2),
		unit_rule("allow out port 2 until 2030-01-01T00:00:00Z # x", 3),
	};
	struct sp_rule more[] = {
		unit_rule("allow out port 1 # another note", 0), unit_rule("allow out port 2", 0),
		unit_rule("deny out port 2", 0), unit_rule("allow in port 1", 0),
		unit_rule("disabled allow out port 1", 0), unit_rule("log allow out port 1", 0),
	};
	static const struct { enum sp_import what; uint64_t which; } expected[] = {
		{ SP_IMPORT_SAME, 1 }, { SP_IMPORT_OTHER, 3 }, { SP_IMPORT_OTHER, 3 },
		{ SP_IMPORT_NEW, 0 }, { SP_IMPORT_NEW, 0 }, { SP_IMPORT_OTHER, 1 },
	};
	const struct sp_rule *which[6];
	enum sp_import what[6];

	ck_assert(sp_import_try(there, 3, more, 6, what, which));
	for (size_t i = 0; i < 6; i++) {
		ck_assert_int_eq(what[i], expected[i].what);
		ck_assert_uint_eq(which[i] ? which[i]->id : 0, expected[i].which);
		sp_rule_clear(&more[i]);
	}
	ck_assert(sp_import_try(NULL, 0, NULL, 0, what, which));
	for (size_t i = 0; i < 3; i++)
		sp_rule_clear(&there[i]);
}
END_TEST

/* @there and @more: a letter a rule, 'a' allows, 'd' denies; @expected: what becomes of each. */
static void expect_import(const char *there, const char *more, const char *expected)
{
	static const char marks[] = { [SP_IMPORT_NEW] = '+', [SP_IMPORT_SAME] = '=', [SP_IMPORT_OTHER] = '~' };
	struct sp_rule rules[2][4] = { 0 };
	const struct sp_rule *which[4];
	enum sp_import what[4];
	size_t count[2] = { strlen(there), strlen(more) };

	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < 2; j++)
			sp_rule_init(&rules[j][i]);
		rules[0][i].id = count[0] - i;	/* in no order */
		rules[0][i].action = i < count[0] && there[count[0] - 1 - i] == 'd' ? SP_DENY : SP_ALLOW;
		rules[1][i].action = i < count[1] && more[i] == 'd' ? SP_DENY : SP_ALLOW;
	}
	ck_assert(sp_import_try(rules[0], count[0], rules[1], count[1], what, which));
	for (size_t i = 0; i < count[1]; i++)
		ck_assert_msg(marks[what[i]] == expected[i], "%s into %s, %zu: %c", more, there,
			      i, marks[what[i]]);
}

/* The newest of those about the same decides: it must be the one of the file. */
START_TEST(says_so_of_order)
{
	expect_import("", "ad", "++");
	expect_import("d", "ad", "~~");
	expect_import("a", "ad", "=~");
	expect_import("ad", "ad", "==");
	expect_import("ad", "d", "=");
	expect_import("ad", "a", "~");
	expect_import("ad", "da", "=~");
	expect_import("da", "ad", "=~");
	expect_import("dad", "ad", "==");
	expect_import("add", "ad", "~~");
}
END_TEST

/* Of two that end otherwise, or of which one is logged, both would be there. */
START_TEST(says_so_of_ends)
{
	static const char *const lines[] = {
		"allow out until reboot boot 11111111111111111111111111111111",
		"allow out until reboot boot 22222222222222222222222222222222",
		"allow out until logout session 1 boot 11111111111111111111111111111111",
		"allow out until logout session 2 boot 11111111111111111111111111111111",
		"allow out until 2040-01-01T00:00:00Z", "allow out", "log allow out",
	};
	enum { COUNT = sizeof(lines) / sizeof(lines[0]) };
	struct sp_rule rules[COUNT];
	const struct sp_rule *which;
	enum sp_import what;

	for (size_t i = 0; i < COUNT; i++)
		rules[i] = unit_rule(lines[i], i + 1);
	for (size_t i = 0; i < COUNT; i++)
		for (size_t j = 0; j < COUNT; j++) {
			ck_assert(sp_import_try(&rules[i], 1, &rules[j], 1, &what, &which));
			ck_assert_int_eq(what, i == j ? SP_IMPORT_SAME : SP_IMPORT_OTHER);
		}
	for (size_t i = 0; i < COUNT; i++)
		sp_rule_clear(&rules[i]);
}
END_TEST

START_TEST(takes_files_of_a_folder_by_their_names)
{
	static const char *const others[] = {
		"1-a.rules", "100-a.rules", "10a.rules", "10-.rule", "10-a.rules~", "ab-a.rules", "10-",
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		put(others[i], "nonsense\n");
	put("10-a.rules", "deny out\n");
	ck_assert(read_folder());
	ck_assert_uint_eq(set.count, 1);
	sp_rule_set_clear(&set);
	/* A file is no folder. */
	ck_assert(!sp_file_read_folder(path_of("10-a.rules"), &options, &set, &error));
	ck_assert_uint_eq(error.error.line, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("files");
	TCase *tcase = tcase_create("files");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, reads_a_file);
	tcase_add_test(tcase, includes_where_it_says);
	tcase_add_test(tcase, includes_from_anywhere);
	tcase_add_test(tcase, refuses_loops);
	tcase_add_test(tcase, bounds_includes);
	tcase_add_test(tcase, says_where_it_is_wrong);
	tcase_add_test(tcase, never_waits_for_a_pipe);
	tcase_add_test(tcase, a_million_lines_are_too_many);
	tcase_add_test(tcase, a_long_file_is_refused);
	tcase_add_test(tcase, a_folder_in_order);
	tcase_add_test(tcase, a_folder_whole_or_not_at_all);
	tcase_add_test(tcase, trusts_what_others_can_not_write);
	tcase_add_test(tcase, says_what_an_import_would_do);
	tcase_add_test(tcase, says_so_of_order);
	tcase_add_test(tcase, says_so_of_ends);
	tcase_add_test(tcase, takes_files_of_a_folder_by_their_names);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
