/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GVariant as JSON. */
#include <math.h>

#include "json.h"
#include "unit.h"

static void prints(const char *variant, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) value = g_variant_parse(NULL, variant, NULL, NULL, &error);
	g_autoptr(GString) text = g_string_new(NULL);

	ck_assert_msg(value != NULL, "%s: %s", variant, error ? error->message : "");
	sp_json_append(text, value);
	ck_assert_str_eq(text->str, expected);
}

START_TEST(values)
{
	prints("true", "true");
	prints("byte 0xff", "255");
	prints("int64 -9223372036854775808", "-9223372036854775808");
	prints("uint64 18446744073709551615", "18446744073709551615");
	prints("1.5", "1.5");
	prints("<'x'>", "\"x\"");
	prints("('a', uint32 1)", "[\"a\",1]");
	prints("['a', 'b']", "[\"a\",\"b\"]");
	prints("@as []", "[]");
	prints("@a{sv} {}", "{}");
	prints("{'id': <uint64 7>, 'tables': <{'flows': (uint32 1, uint32 2)}>}",
	       "{\"id\":7,\"tables\":{\"flows\":[1,2]}}");
	prints("[{'a': <1>}, {'b': <2>}]", "[{\"a\":1},{\"b\":2}]");
	prints("{uint32 1: 'x'}", "[null]");
}
END_TEST

static void escapes(const char *text, const char *expected)
{
	g_autoptr(GString) to = g_string_new(NULL);

	sp_json_append_string(to, text);
	ck_assert_str_eq(to->str, expected);
}

START_TEST(strings)
{
	escapes("", "\"\"");
	escapes("a\"b\\c/", "\"a\\\"b\\\\c/\"");
	escapes("\n\t\r\033\177", "\"\\n\\t\\u000d\\u001b\\u007f\"");
	escapes("é→", "\"é→\"");
	escapes("\xe2\x80\xae", "\"\\u202e\"");		/* right-to-left override */
	escapes("\xc2\x9b", "\"\\u009b\"");		/* C1 */
	escapes("\xf3\xa0\x80\xa1", "\"\\udb40\\udc21\"");	/* a tag character */
}
END_TEST

START_TEST(numbers_that_json_lacks)
{
	g_autoptr(GString) to = g_string_new(NULL);
	g_autoptr(GVariant) value = g_variant_ref_sink(g_variant_new_double(INFINITY));

	sp_json_append(to, value);
	ck_assert_str_eq(to->str, "null");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("json");
	TCase *tests = tcase_create("json");

	tcase_add_test(tests, values);
	tcase_add_test(tests, strings);
	tcase_add_test(tests, numbers_that_json_lacks);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
