/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text on a grid: widths, elision, wrapping, tables. */
#include <locale.h>
#include <string.h>

#include "table.h"
#include "unit.h"
#include "width.h"

static void elides(const char *text, int cells, const char *expected)
{
	g_autofree char *cut = sp_width_elide(text, cells);

	ck_assert_str_eq(cut, expected);
	ck_assert_int_le(sp_width(cut), MAX(cells, 0));
}

START_TEST(widths)
{
	ck_assert_int_eq(sp_width("curl"), 4);
	ck_assert_int_eq(sp_width("日本"), 4);
	ck_assert_int_eq(sp_width("e\xcc\x81"), 1);
	elides("curl", 4, "curl");
	elides("/usr/lib/x/curl", 9, "/usr…curl");
	elides("/usr/lib/x/curl", 8, "/usr…url");
	elides("curl", 2, "cu");
	elides("curl", 0, "");
	elides("日本日本", 5, "日…本");
	elides("日本日本", 1, "");
}
END_TEST

static void wraps(const char *text, int cells, const char *expected)
{
	g_autoptr(GPtrArray) lines = sp_width_wrap(text, cells);
	g_autofree char *joined = NULL;

	g_ptr_array_add(lines, NULL);
	joined = g_strjoinv("|", (char **)lines->pdata);
	ck_assert_str_eq(joined, expected);
}

START_TEST(wrapping)
{
	wraps("", 10, "");
	wraps("one two", 10, "one two");
	wraps("one two", 7, "one two");
	wraps("one two", 6, "one|two");
	wraps("one two", 3, "one|two");
	wraps("abcdefgh", 3, "abc|def|gh");
	wraps("a bcdefgh", 4, "a|bcde|fgh");
	wraps("日本", 1, "日|本");
}
END_TEST

static const struct sp_column columns[] = {
	{ .title = "ID", .right = TRUE },
	{ .title = "Rule", .min = 8, .elastic = TRUE },
	{ .title = "Owner" },
};

static struct sp_table *table_of(void)
{
	struct sp_table *table = sp_table_new(columns, G_N_ELEMENTS(columns));

	sp_table_add(table, "1", SP_STYLE_PLAIN);
	sp_table_add(table, "allow out program /usr/bin/curl", SP_STYLE_GOOD);
	sp_table_add(table, "alice", SP_STYLE_PLAIN);
	sp_table_add(table, "12", SP_STYLE_PLAIN);
	sp_table_add(table, "deny in", SP_STYLE_PLAIN);
	sp_table_add(table, "", SP_STYLE_PLAIN);
	return table;
}

static void shows(int width, gboolean titles, gboolean colour, const char *expected)
{
	struct sp_table *table = table_of();
	g_autofree char *text = sp_table_text(table, width, titles, colour);

	ck_assert_str_eq(text, expected);
	sp_table_free(table);
}

START_TEST(tables)
{
	shows(0, TRUE, FALSE,
	      "ID  Rule                             Owner\n"
	      " 1  allow out program /usr/bin/curl  alice\n"
	      "12  deny in\n");
}
END_TEST

START_TEST(narrow_tables)
{
	shows(31, FALSE, FALSE,
	      " 1  allow out …/bin/curl  alice\n"
	      "12  deny in\n");
	shows(5, FALSE, FALSE,	/* not below the minimum */
	      " 1  allo…url  alice\n"
	      "12  deny in\n");
}
END_TEST

static void shows_facts(int width, const char *expected)
{
	static const struct sp_column facts[] = {
		{ .title = "What" }, { .title = "Since", .optional = 1 },
		{ .title = "Who", .optional = 2 }, { .title = "Why", .min = 5, .wraps = TRUE },
	};
	static const char *const cells[] = {
		"Mode", "12:00", "root", "somebody is in", "Rules", "13:00", "alice", "7",
	};
	struct sp_table *table = sp_table_new(facts, G_N_ELEMENTS(facts));
	g_autofree char *text = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(cells); i++)
		sp_table_add(table, cells[i], SP_STYLE_PLAIN);
	text = sp_table_text(table, width, FALSE, FALSE);
	ck_assert_str_eq(text, expected);
	sp_table_free(table);
}

START_TEST(what_does_not_fit_goes_on_below)
{
	shows_facts(0, "Mode   12:00  root   somebody is in\n"
		       "Rules  13:00  alice  7\n");
	shows_facts(30, "Mode   12:00  root   somebody\n"
			"                     is in\n"
			"Rules  13:00  alice  7\n");
}
END_TEST

START_TEST(what_may_be_left_out_is)
{
	shows_facts(25, "Mode   12:00  somebody is\n"
			"              in\n"
			"Rules  13:00  7\n");
	shows_facts(15, "Mode   somebody\n"
			"       is in\n"
			"Rules  7\n");
	shows_facts(3, "Mode   someb\n"
		       "       ody\n"
		       "       is in\n"
		       "Rules  7\n");
}
END_TEST

START_TEST(colour)
{
	shows(0, FALSE, TRUE,
	      " 1  \033[32mallow out program /usr/bin/curl\033[0m  alice\n"
	      "12  deny in\n");
}
END_TEST

START_TEST(cells_are_harmless)
{
	static const struct sp_column one[] = { { .title = "x" } };
	struct sp_table *table = sp_table_new(one, 1);
	g_autofree char *text = NULL;

	sp_table_add(table, "\033[2J\nx", SP_STYLE_PLAIN);
	text = sp_table_text(table, 0, FALSE, FALSE);
	ck_assert_ptr_null(strchr(text, '\033'));
	ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
	sp_table_free(table);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("table");
	TCase *tests = tcase_create("table");

	setlocale(LC_ALL, "");
	tcase_add_test(tests, widths);
	tcase_add_test(tests, wrapping);
	tcase_add_test(tests, tables);
	tcase_add_test(tests, narrow_tables);
	tcase_add_test(tests, what_does_not_fit_goes_on_below);
	tcase_add_test(tests, what_may_be_left_out_is);
	tcase_add_test(tests, colour);
	tcase_add_test(tests, cells_are_harmless);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
