/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that run other people's code: what their file may say, and who is one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runners.h"
#include "text.h"
#include "unit.h"

static struct sp_text_error error;

static struct sp_runners *read_bytes(const char *text, size_t length)
{
	FILE *file = length ? fmemopen((void *)(uintptr_t)text, length, "r") : fopen("/dev/null", "r");
	struct sp_runners *runners = sp_runners_read(file, &error);

	fclose(file);
	return runners;
}

static void expect_fault(const char *text, size_t length, unsigned line, unsigned column,
			 const char *word)
{
	ck_assert_ptr_null(read_bytes(text, length));
	ck_assert_msg(error.line == line && error.column == column && strstr(error.message, word),
		      "expected %u:%u: %s, got %u:%u: %s", line, column, word, error.line,
		      error.column, error.message);
}

#define FAULT(text, line, column, word) expect_fault(text, sizeof(text) - 1, line, column, word)

START_TEST(the_file_says_who)
{
	static const char text[] = "# some\n\n  \nbash shell commands\r\n"
				   "python\tinterpreter\tscripts\nld.so launcher # loads";
	struct sp_runners *runners = read_bytes(text, sizeof(text) - 1);

	ck_assert_msg(runners, "%u:%u: %s", error.line, error.column, error.message);
	ck_assert_int_eq(sp_runners_find(runners, "bash"), SP_RUNNER_SHELL);
	ck_assert_int_eq(sp_runners_find(runners, "python3.11"), SP_RUNNER_INTERPRETER);
	ck_assert_int_eq(sp_runners_find(runners, "ld.so.2"), SP_RUNNER_LAUNCHER);
	ck_assert_int_eq(sp_runners_find(runners, "pythonista"), SP_RUNNER_NONE);
	ck_assert_int_eq(sp_runners_find(runners, "bas"), SP_RUNNER_NONE);
	ck_assert_int_eq(sp_runners_find(runners, "Bash"), SP_RUNNER_NONE);
	ck_assert_int_eq(sp_runners_find(runners, ""), SP_RUNNER_NONE);
	ck_assert_int_eq(sp_runners_find(NULL, "bash"), SP_RUNNER_NONE);
	ck_assert_str_eq(sp_runner_name(SP_RUNNER_MACHINE), "machine");
	ck_assert_ptr_null(sp_runner_name(SP_RUNNER_NONE));
	sp_runners_free(runners);
}
END_TEST

START_TEST(what_is_wrong_is_said)
{
	FAULT("bash shell x\nb/sh shell x\n", 2, 1, "\"b/sh\" is no name");
	FAULT("bash shell x\nbash shell y\n", 2, 1, "twice");
	FAULT("bash\n", 1, 5, "a class is expected");
	FAULT("bash shel x\n", 1, 6, "\"shel\" is no class");
	FAULT("bash shell\n", 1, 11, "the reason is missing");
	FAULT("\nba\033sh shell x", 2, 1, "\"ba\\x1Bsh\" is no name");
	FAULT("bash shell x\0y\n", 1, 1, "a NUL");
	FAULT("\0\n", 1, 1, "a NUL");
	FAULT("\0", 1, 1, "a NUL");
	FAULT("bash shell x\0y", 1, 1, "a NUL");
}
END_TEST

START_TEST(limits_hold)
{
	char *text = malloc(SP_RUNNERS_MAX * 32 + 1024), *end = text, last[16];
	struct sp_runners *runners;

	for (int i = 0; i < SP_RUNNERS_MAX; i++)
		end += sprintf(end, "x%dy shell z\n", i);
	runners = read_bytes(text, (size_t)(end - text));
	ck_assert_ptr_nonnull(runners);
	ck_assert_int_eq(sp_runners_find(runners, "x0y"), SP_RUNNER_SHELL);
	snprintf(last, sizeof(last), "x%dy", SP_RUNNERS_MAX - 1);
	ck_assert_int_eq(sp_runners_find(runners, last), SP_RUNNER_SHELL);
	sp_runners_free(runners);
	end += sprintf(end, "one-more shell z\n");
	expect_fault(text, (size_t)(end - text), SP_RUNNERS_MAX + 1, 1, "more than 512");
	memset(text, 'a', 1024);
	expect_fault(text, 1024, 1, 1, "512 bytes");
	memcpy(text, "x shell ", 8);
	text[512] = '\n';
	runners = read_bytes(text, 513);
	ck_assert_ptr_nonnull(runners);
	sp_runners_free(runners);
	memset(text, 'a', 512);
	memcpy(text + 64, " shell x\n", 9);
	expect_fault(text, 73, 1, 1, "at most 63");
	free(text);
}
END_TEST

START_TEST(a_file_that_is_not_there)
{
	ck_assert_ptr_null(sp_runners_load("/nowhere/at/all", &error));
	ck_assert_uint_eq(error.line, 0);
	ck_assert_ptr_nonnull(strstr(error.message, "No such file"));
	ck_assert_ptr_null(sp_runners_load("/", &error));
	ck_assert_uint_eq(error.line, 0);
}
END_TEST

static struct sp_runners *shipped(void)
{
	char path[4096];
	struct sp_runners *runners;

	snprintf(path, sizeof(path), "%s/runners", getenv("DATA"));
	runners = sp_runners_load(path, &error);
	ck_assert_msg(runners, "%u:%u: %s", error.line, error.column, error.message);
	return runners;
}

START_TEST(what_is_shipped)
{
	static const char *const yes[] = { "sh", "dash", "busybox", "python3.13", "perl5.36.0",
		"node", "java", "wine64-preloader", "ld-linux-x86-64.so.2", "qemu-x86_64", "gdb" };
	static const char *const no[] = { "curl", "firefox-esr", "bashtop", "shell", "nodejsx" };
	struct sp_runners *runners = shipped();

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		ck_assert_msg(sp_runners_find(runners, yes[i]), "%s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		ck_assert_msg(!sp_runners_find(runners, no[i]), "%s", no[i]);
	sp_runners_free(runners);
}
END_TEST

static void no_runner(const struct sp_runners *runners, const char *line)
{
	struct sp_rule rule;
	const char *name;

	if (sp_text_parse(line, strcspn(line, "\n"), SP_SYSTEM, NULL, &rule, &error) != 1)
		return;
	name = rule.program ? strrchr(rule.program, '/') + 1 : "";
	ck_assert_msg(!sp_runners_find(runners, name), "%s", line);
	sp_rule_clear(&rule);
}

START_TEST(a_new_installation_lets_none_of_them_out)
{
	static const char *const files[] = { "starter.rules", "starter-ssh.rules" };
	struct sp_runners *runners = shipped();
	char path[4096], line[4096];
	size_t lines = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", getenv("DATA"), files[i]);
		file = fopen(path, "r");
		ck_assert_ptr_nonnull(file);
		for (; fgets(line, sizeof(line), file); lines++)
			no_runner(runners, line);
		fclose(file);
	}
	ck_assert_uint_gt(lines, 20);
	sp_runners_free(runners);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("runners");
	TCase *tests = tcase_create("runners");

	tcase_add_test(tests, the_file_says_who);
	tcase_add_test(tests, what_is_wrong_is_said);
	tcase_add_test(tests, limits_hold);
	tcase_add_test(tests, a_file_that_is_not_there);
	tcase_add_test(tests, what_is_shipped);
	tcase_add_test(tests, a_new_installation_lets_none_of_them_out);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
