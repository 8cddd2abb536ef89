/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules from arguments and from standard input. */
#include <string.h>

#include "error.h"
#include "rule_text.h"
#include "unit.h"

static void joins(const char *expected, ...)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	g_autofree char *line = NULL;
	va_list args;
	char *word;

	va_start(args, expected);
	do {
		word = va_arg(args, char *);
		g_ptr_array_add(words, word);
	} while (word);
	va_end(args);
	line = sp_rule_text_join((char **)words->pdata);
	ck_assert_str_eq(line, expected);
}

START_TEST(arguments)
{
	joins("", NULL);
	joins("allow out  port 80", "allow out  port 80", NULL);
	joins("allow out port 80", "allow", "out", "port", "80", NULL);
	joins("allow out program \"/opt/My App/x\"", "allow", "out", "program", "/opt/My App/x", NULL);
	joins("allow out program \"/a\\\"b\\\\\"", "allow", "out", "program", "/a\"b\\", NULL);
	joins("allow out program \"/a b\"", "allow", "out", "program", "\"/a b\"", NULL);
	joins("allow out # my \"note\" here", "allow", "out", "#", "my", "\"note\" here", NULL);
	joins("allow out interface \"\"", "allow", "out", "interface", "", NULL);
}
END_TEST

static GArray *parse(const char *text, GError **error)
{
	return sp_rule_text_parse(text, strlen(text), "file", SP_SYSTEM, error);
}

START_TEST(lines)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) rules = parse("# first\nallow out\n\ndeny in user root # x", &error);

	ck_assert_ptr_nonnull(rules);
	ck_assert_uint_eq(rules->len, 2);
	ck_assert_uint_eq(g_array_index(rules, struct sp_typed_rule, 1).line, 4);
	ck_assert_uint_eq(g_array_index(rules, struct sp_typed_rule, 1).rule.user, 0);
}
END_TEST

static void fails(const char *text, int code, const char *message)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(parse(text, &error));
	ck_assert(g_error_matches(error, SP_CLIENT_ERROR, code));
	ck_assert_msg(strstr(error->message, message) != NULL, "%s", error->message);
}

START_TEST(errors)
{
	fails("", SP_CLIENT_ERROR_USAGE, "no rule");
	fails("# nothing\n\n", SP_CLIENT_ERROR_USAGE, "no rule");
	fails("allow out\nallow out prt 80\n", SP_CLIENT_ERROR_INVALID_RULE, "file:2:11:");
	fails("allow out\nallow out prt 80\n", SP_CLIENT_ERROR_INVALID_RULE,
	      "\n  allow out prt 80\n            ^");
	fails("allow out user system", SP_CLIENT_ERROR_INVALID_RULE, "system");
	fails("allow out \033[2J", SP_CLIENT_ERROR_INVALID_RULE, "\\x1B[2J");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rule text");
	TCase *tests = tcase_create("rule text");

	tcase_add_test(tests, arguments);
	tcase_add_test(tests, lines);
	tcase_add_test(tests, errors);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
