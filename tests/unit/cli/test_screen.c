/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the terminal agent shows, in panes of every size. */
#include <locale.h>
#include <string.h>

#include "questions.h"
#include "screen.h"
#include "unit.h"
#include "width.h"

static const struct sp_moment now = { 10000000, 19 * G_USEC_PER_SEC };

static struct sp_dialog *asked(GVariantDict *more)
{
	struct sp_dialog *dialog = sp_dialog_new();

	sp_dialog_ask(dialog, test_question(1, more), (struct sp_moment){ 0, 0 });
	return dialog;
}

static char *make(struct sp_dialog *dialog, int rows, int columns, gboolean *complete)
{
	struct sp_screen screen;
	char *text;

	sp_screen_make(&screen, dialog, rows, columns, FALSE, now);
	*complete = screen.complete;
	ck_assert_int_le(screen.lines->len, MAX(rows, 1));
	for (guint i = 0; i < screen.lines->len; i++)
		ck_assert_int_le(sp_width(g_ptr_array_index(screen.lines, i)), MAX(columns, 1));
	g_ptr_array_add(screen.lines, NULL);
	text = g_strjoinv("\n", (char **)screen.lines->pdata);
	sp_screen_clear(&screen);
	return text;
}

static void expect(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part), "\"%s\" is not in:\n%s", part, text);
}

START_TEST(full_size)
{
	static const char *const parts[] = {
		"curl wants to connect to 192.0.2.2 on port 80 (TCP).\n",
		"  Program       /usr/bin/curl\n",
		"  User          alice, process 1234\n",
		"  Command line  curl http://192.0.2.2/\n",
		"  Started by    /bin/bash\n",
		"  Destination   192.0.2.2 port 80, TCP, through eth0\n",
		"  For           this host and port\n",
		"  As text       allow out program /usr/bin/curl",
		"1 connection waits; denied in 41 s\n",
		"a allow always   o allow once   d deny always   n not now\n",
		"q quit",
	};
	struct sp_dialog *dialog = asked(NULL);
	gboolean complete;
	g_autofree char *text = make(dialog, 24, 80, &complete);

	ck_assert(complete);
	ck_assert(g_str_has_prefix(text, parts[0]));
	for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
		expect(text, parts[i]);
	sp_dialog_free(dialog);
}
END_TEST

START_TEST(every_size)
{
	struct sp_dialog *dialog = asked(NULL);

	sp_dialog_ask(dialog, test_question(2, NULL), now);
	for (int rows = 0; rows < 30; rows++)
		for (int columns = 0; columns < 100; columns++) {
			gboolean complete;
			g_autofree char *text = make(dialog, rows, columns, &complete);

			if (complete) {
				expect(text, "denied");
				expect(text, "n not now");
			} else {
				ck_assert(rows < 12 || columns < 20);
			}
		}
	sp_dialog_free(dialog);
}
END_TEST

START_TEST(small_pane)
{
	struct sp_dialog *dialog = asked(NULL);
	gboolean complete;
	g_autofree char *text = make(dialog, 5, 60, &complete);

	ck_assert(complete);
	expect(text, "curl wants to connect to 192.0.2.2 on port 80 (TCP).");
	expect(text, "denied in 41 s");
	expect(text, "a allow always");
	sp_dialog_free(dialog);
}
END_TEST

START_TEST(more_wait)
{
	struct sp_dialog *dialog = asked(NULL);
	gboolean complete;
	g_autofree char *text = NULL;

	for (guint id = 2; id < 200; id++)
		sp_dialog_ask(dialog, test_question(id, NULL), now);
	text = make(dialog, 24, 80, &complete);
	expect(text, "198 more questions wait:\n  curl → 192.0.2.2 port 80");
	sp_dialog_free(dialog);
}
END_TEST

START_TEST(text_is_harmless)
{
	static const char evil[] = "/tmp/\033[2J\xe2\x80\xae" "x\r\n";
	static const char *const flags[] = { "older", "\033]0;x\007", NULL };
	struct sp_dialog *dialog;
	GVariantDict more;
	gboolean complete;
	g_autofree char *text = NULL, *plain = NULL;

	g_variant_dict_init(&more, NULL);
	g_variant_dict_insert(&more, "title", "s", evil);
	g_variant_dict_insert(&more, "program", "s", evil);
	g_variant_dict_insert(&more, "name", "s", evil);
	g_variant_dict_insert(&more, "command-line", "s", evil);
	g_variant_dict_insert(&more, "user-name", "s", evil);
	g_variant_dict_insert(&more, "parent", "s", evil);
	g_variant_dict_insert(&more, "remote", "s", evil);
	g_variant_dict_insert(&more, "protocol", "s", evil);
	g_variant_dict_insert(&more, "interface", "s", evil);
	g_variant_dict_insert_value(&more, "flags", g_variant_new_strv(flags, -1));
	dialog = asked(&more);
	text = make(dialog, 40, 80, &complete);
	plain = sp_screen_plain(dialog, now);
	expect(text, "started before the firewall");
	ck_assert_ptr_null(strpbrk(text, "\033\r\007"));
	ck_assert_ptr_null(strstr(text, "\xe2\x80\xae"));
	ck_assert_ptr_null(strpbrk(plain, "\033\r\007"));
	ck_assert_ptr_null(strstr(plain, "\xe2\x80\xae"));
	sp_dialog_free(dialog);
}
END_TEST

START_TEST(plain_text)
{
	struct sp_dialog *dialog = asked(NULL);
	g_autofree char *text = sp_screen_plain(dialog, now);

	ck_assert(g_str_has_prefix(text, "curl wants to connect to 192.0.2.2 on port 80 (TCP).\n"));
	expect(text, "  Scope anything: allow out program /usr/bin/curl\n");
	expect(text, "  How long: once, 15m, 1h, always\n");
	sp_dialog_free(dialog);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("screen");
	TCase *tests = tcase_create("screen");

	setlocale(LC_ALL, "");
	tcase_add_test(tests, full_size);
	tcase_add_test(tests, every_size);
	tcase_add_test(tests, small_pane);
	tcase_add_test(tests, more_wait);
	tcase_add_test(tests, text_is_harmless);
	tcase_add_test(tests, plain_text);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
