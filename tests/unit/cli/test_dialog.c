/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal agent's mind: what keys do, and when they don't. */
#include <locale.h>
#include <string.h>

#include "dialog.h"
#include "answer_line.h"
#include "error.h"
#include "questions.h"
#include "unit.h"

static struct sp_dialog *dialog;
static struct sp_moment now;

static void setup(void)
{
	dialog = sp_dialog_new();
	now = (struct sp_moment){ 1000000, 0 };
}

static void teardown(void)
{
	sp_dialog_free(dialog);
}

static void pass(gint64 ms)
{
	now.clock += ms * 1000;
	now.wall += ms * 1000;
}

static void press(gunichar key)
{
	sp_dialog_key(dialog, key, now);
}

static void ask(guint64 id)
{
	sp_dialog_ask(dialog, test_question(id, NULL), now);
}

/* A question that has been on screen for long enough. */
static void ask_and_wait(guint64 id)
{
	ask(id);
	pass(901);
}

static void expect_nothing(void)
{
	ck_assert_ptr_null(sp_dialog_take(dialog));
}

static void expect_answer(guint64 id, const char *action, const char *scope,
			  const char *lifetime)
{
	struct sp_act *act = sp_dialog_take(dialog);

	ck_assert_ptr_nonnull(act);
	ck_assert_int_eq(act->kind, SP_ACT_ANSWER);
	ck_assert_uint_eq(act->id, id);
	ck_assert_str_eq(act->token, "token");
	ck_assert_str_eq(act->action, action);
	ck_assert_str_eq(act->scope, scope);
	ck_assert_str_eq(act->lifetime, lifetime);
	sp_act_free(act);
	expect_nothing();
}

static void expect_said(const char *text)
{
	struct sp_act *act = sp_dialog_take(dialog);

	ck_assert_ptr_nonnull(act);
	ck_assert_int_eq(act->kind, SP_ACT_SAY);
	ck_assert_str_eq(act->text, text);
	sp_act_free(act);
}

static void expect_act(enum sp_act_kind kind)
{
	struct sp_act *act = sp_dialog_take(dialog);

	ck_assert_ptr_nonnull(act);
	ck_assert_int_eq(act->kind, kind);
	sp_act_free(act);
}

static void fail_reply(guint64 id, enum sp_client_error code)
{
	g_autoptr(GError) error = g_error_new_literal(SP_CLIENT_ERROR, code, "so it is");

	sp_dialog_reply(dialog, id, 0, error, now);
}

START_TEST(early_keys_do_nothing)
{
	static const char keys[] = "aodnslq\r \n";

	ask(7);
	for (const char *key = keys; *key; key++) {
		pass(899);
		press((guchar)*key);
		expect_nothing();
		ck_assert_int_eq(sp_dialog_state(dialog), SP_DIALOG_SHOWN);
		ck_assert_uint_eq(sp_dialog_scope(dialog), 1);
	}
	pass(900);
	press('a');
	expect_answer(7, "allow", "this-host-port", "always");
}
END_TEST

START_TEST(each_key_answers)
{
	static const struct { gunichar key; const char *action, *lifetime, *said; } table[] = {
		{ 'a', "allow", "always", "allowed always: curl → 192.0.2.2 port 80 (rule 12)" },
		{ 'o', "allow", "once", "allowed once: curl → 192.0.2.2 port 80" },
		{ 'd', "deny", "always", "denied always: curl → 192.0.2.2 port 80 (rule 12)" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		ask_and_wait(i + 1);
		press(table[i].key);
		expect_answer(i + 1, table[i].action, "this-host-port", table[i].lifetime);
		ck_assert_int_eq(sp_dialog_state(dialog), SP_DIALOG_SENDING);
		sp_dialog_reply(dialog, i + 1, table[i].key == 'o' ? 0 : 12, NULL, now);
		expect_said(table[i].said);
		ck_assert_int_eq(sp_dialog_state(dialog), SP_DIALOG_IDLE);
	}
}
END_TEST

START_TEST(not_now_dismisses)
{
	ask_and_wait(3);
	press('n');
	expect_act(SP_ACT_DISMISS);
	sp_dialog_reply(dialog, 3, 0, NULL, now);
	expect_said("not now: curl → 192.0.2.2 port 80");
}
END_TEST

START_TEST(other_keys_do_nothing)
{
	static const gunichar keys[] = { '\r', '\n', ' ', 'A', 'y', 'x', 27, 0x2192 };

	ask_and_wait(1);
	for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
		press(keys[i]);
		expect_nothing();
	}
	ck_assert_int_eq(sp_dialog_state(dialog), SP_DIALOG_SHOWN);
}
END_TEST

START_TEST(pasted_keys_start_the_wait_again)
{
	ask_and_wait(1);
	press(SP_KEY_OTHER);
	pass(500);
	press('a');
	expect_nothing();
	pass(901);
	press('a');
	expect_answer(1, "allow", "this-host-port", "always");
}
END_TEST

START_TEST(scope_and_lifetime_cycle)
{
	ask_and_wait(1);
	press('s');
	ck_assert_uint_eq(sp_dialog_scope(dialog), 0);
	press('s');
	press('s');
	press('l');
	ck_assert_str_eq(sp_dialog_lifetime(dialog), "once");
	press('l');
	ck_assert_str_eq(sp_dialog_lifetime(dialog), "15m");
	press('a');	/* the rule on screen is new */
	expect_nothing();
	pass(901);
	press('d');
	expect_answer(1, "deny", "anything", "15m");
	sp_dialog_reply(dialog, 1, 0, NULL, now);
	expect_said("denied for 15 minutes: curl → 192.0.2.2 port 80");
}
END_TEST

static struct sp_question *named(guint64 id, const char *key, const char *text)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, key, "s", text);
	return test_question(id, &dict);
}

/* What becomes known is shown; what was chosen stays chosen, and keys wait again. */
START_TEST(asked_again_with_more_known)
{
	guint serial;

	ask_and_wait(1);
	ask(2);
	press('s');
	press('l');
	serial = sp_dialog_serial(dialog);
	sp_dialog_ask(dialog, named(1, "host", "shop.test"), now);
	ck_assert_str_eq(sp_dialog_current(dialog)->host, "shop.test");
	ck_assert_uint_eq(sp_dialog_count_behind(dialog), 1);
	ck_assert_uint_ne(sp_dialog_serial(dialog), serial);
	press('a');
	expect_nothing();
	pass(901);
	press('a');
	expect_answer(1, "allow", "anything", "once");
	/* one behind: the one on screen is as old as before */
	sp_dialog_reply(dialog, 1, 0, NULL, now);
	expect_act(SP_ACT_SAY);
	ask(3);
	pass(901);
	sp_dialog_ask(dialog, named(3, "host", "other.test"), now);
	ck_assert_str_eq(sp_dialog_behind(dialog, 0)->host, "other.test");
	press('a');
	expect_answer(2, "allow", "this-host-port", "always");
}
END_TEST

/* Whatever an interpreter runs, anywhere, for ever: the key is pressed twice. */
START_TEST(much_is_allowed_twice)
{
	sp_dialog_ask(dialog, named(1, "runs", "shell"), now);
	pass(901);
	press('s');	/* anything */
	pass(901);
	press('a');
	expect_nothing();
	ck_assert_ptr_nonnull(strstr(sp_dialog_message(dialog), "curl runs other code"));
	press('a');	/* at once is by accident */
	expect_nothing();
	pass(901);
	press('s');
	press('s');	/* another answer, and back */
	ck_assert_ptr_null(sp_dialog_message(dialog));
	pass(901);
	press('a');
	expect_nothing();
	pass(901);
	press('a');
	expect_answer(1, "allow", "anything", "always");
}
END_TEST

START_TEST(others_queue_behind)
{
	ask_and_wait(1);
	ask(2);
	ask(3);
	ck_assert_uint_eq(sp_dialog_current(dialog)->id, 1);
	ck_assert_uint_eq(sp_dialog_count_behind(dialog), 2);
	ck_assert_uint_eq(sp_dialog_behind(dialog, 1)->id, 3);
	press('a');	/* the one on screen is as old as before */
	expect_answer(1, "allow", "this-host-port", "always");
	sp_dialog_reply(dialog, 1, 0, NULL, now);
	expect_act(SP_ACT_SAY);
	ck_assert_uint_eq(sp_dialog_current(dialog)->id, 2);
	press('a');
	expect_nothing();
	pass(901);
	press('a');
	expect_answer(2, "allow", "this-host-port", "always");
}
END_TEST

START_TEST(nothing_while_sending)
{
	ask_and_wait(1);
	press('a');
	expect_act(SP_ACT_ANSWER);
	pass(2000);
	press('d');
	press('n');
	press('q');
	expect_nothing();
}
END_TEST

START_TEST(cancelled_on_screen)
{
	ask_and_wait(1);
	ask(2);
	sp_dialog_cancel(dialog, 1, "expired", now);
	expect_said("nobody answered in time: curl → 192.0.2.2 port 80");
	ck_assert_uint_eq(sp_dialog_current(dialog)->id, 2);
	press('a');	/* meant for the first one */
	expect_nothing();
}
END_TEST

START_TEST(cancelled_in_the_queue)
{
	ask_and_wait(1);
	ask(2);
	sp_dialog_cancel(dialog, 2, "rule", now);
	expect_said("decided by a new rule: curl → 192.0.2.2 port 80");
	ck_assert_uint_eq(sp_dialog_count_behind(dialog), 0);
	press('o');
	expect_answer(1, "allow", "this-host-port", "once");
}
END_TEST

START_TEST(cancelled_while_sending)
{
	ask_and_wait(1);
	press('a');
	expect_act(SP_ACT_ANSWER);
	sp_dialog_cancel(dialog, 1, "answered", now);
	expect_nothing();
	sp_dialog_reply(dialog, 1, 4, NULL, now);
	expect_said("allowed always: curl → 192.0.2.2 port 80 (rule 4)");

	ask_and_wait(2);
	press('a');
	expect_act(SP_ACT_ANSWER);
	sp_dialog_cancel(dialog, 2, "expired", now);
	fail_reply(2, SP_CLIENT_ERROR_NO_SUCH_QUESTION);
	expect_said("nobody answered in time: curl → 192.0.2.2 port 80");
	ck_assert_int_eq(sp_dialog_state(dialog), SP_DIALOG_IDLE);
}
END_TEST

START_TEST(refused_answers_come_back)
{
	ask_and_wait(1);
	press('a');
	expect_act(SP_ACT_ANSWER);
	fail_reply(1, SP_CLIENT_ERROR_NOT_AUTHORISED);
	ck_assert_int_eq(sp_dialog_state(dialog), SP_DIALOG_SHOWN);
	ck_assert_str_eq(sp_dialog_message(dialog), "so it is");
	press('o');
	expect_nothing();
	pass(901);
	press('o');
	expect_answer(1, "allow", "this-host-port", "once");
	fail_reply(1, SP_CLIENT_ERROR_NO_SUCH_QUESTION);
	expect_said("no longer asked: curl → 192.0.2.2 port 80");
}
END_TEST

START_TEST(half_answered_is_over)
{
	ask_and_wait(1);
	press('a');
	expect_act(SP_ACT_ANSWER);
	fail_reply(1, SP_CLIENT_ERROR_NOT_SAVED);
	expect_said("so it is: curl → 192.0.2.2 port 80");
	ck_assert_int_eq(sp_dialog_state(dialog), SP_DIALOG_IDLE);
}
END_TEST

START_TEST(only_once_is_offered)
{
	static const char *const only[] = { "once", NULL };
	GVariantDict more;

	g_variant_dict_init(&more, NULL);
	g_variant_dict_insert_value(&more, "lifetimes", g_variant_new_strv(only, -1));
	sp_dialog_ask(dialog, test_question(1, &more), now);
	pass(901);
	ck_assert_str_eq(sp_dialog_lifetime(dialog), "once");
	press('d');
	expect_answer(1, "deny", "this-host-port", "once");
}
END_TEST

START_TEST(only_what_is_offered)
{
	static const char *const only[] = { "15m", NULL };
	GVariantDict more;

	g_variant_dict_init(&more, NULL);
	g_variant_dict_insert_value(&more, "lifetimes", g_variant_new_strv(only, -1));
	sp_dialog_ask(dialog, test_question(1, &more), now);
	pass(901);
	press('o');
	expect_nothing();
	ck_assert_ptr_nonnull(sp_dialog_message(dialog));
	press('a');
	expect_answer(1, "allow", "this-host-port", "15m");
}
END_TEST

START_TEST(unanswerable_questions_are_none)
{
	GVariantDict more;

	g_variant_dict_init(&more, NULL);
	g_variant_dict_insert_value(&more, "scopes",
				    g_variant_new_array(G_VARIANT_TYPE("(sss)"), NULL, 0));
	ck_assert_ptr_null(test_question(1, &more));
}
END_TEST

START_TEST(hidden_is_inert)
{
	ask_and_wait(1);
	sp_dialog_hide(dialog, TRUE, now);
	pass(901);
	press('a');
	expect_nothing();
	sp_dialog_hide(dialog, FALSE, now);
	press('a');
	expect_nothing();
	pass(901);
	press('a');
	expect_act(SP_ACT_ANSWER);
}
END_TEST

START_TEST(quit_and_reset)
{
	press('q');
	expect_act(SP_ACT_QUIT);
	ask_and_wait(1);
	press('q');
	expect_act(SP_ACT_QUIT);
	press('a');
	expect_act(SP_ACT_ANSWER);
	sp_dialog_reset(dialog);
	sp_dialog_reply(dialog, 1, 0, NULL, now);	/* of before */
	expect_nothing();
	ck_assert_int_eq(sp_dialog_state(dialog), SP_DIALOG_IDLE);
}
END_TEST

START_TEST(wakes_each_second)
{
	ck_assert_int_eq(sp_dialog_wake(dialog, now), -1);
	ask(1);
	ck_assert_int_eq(sp_dialog_wake(dialog, now), 900000);
	pass(900);
	ck_assert_int_eq(sp_dialog_seconds(dialog, now), 60);
	ck_assert_int_eq(sp_dialog_wake(dialog, now), 100000);
	pass(100);
	ck_assert_int_eq(sp_dialog_seconds(dialog, now), 59);
	ck_assert_int_eq(sp_dialog_wake(dialog, now), 1000000);
	pass(70000);
	ck_assert_int_eq(sp_dialog_seconds(dialog, now), 0);
	ck_assert_int_eq(sp_dialog_wake(dialog, now), -1);
}
END_TEST

START_TEST(update_moves_the_deadline)
{
	g_autoptr(GVariant) changes = NULL;
	GVariantDict dict;

	ask_and_wait(1);
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "flows", "u", 5u);
	g_variant_dict_insert(&dict, "deadline", "x", (gint64)(TEST_DEADLINE * 2));
	changes = g_variant_ref_sink(g_variant_dict_end(&dict));
	sp_dialog_update(dialog, 1, changes, now);
	ck_assert_uint_eq(sp_dialog_current(dialog)->flows, 5);
	press('a');	/* it is the same question */
	expect_act(SP_ACT_ANSWER);
}
END_TEST

START_TEST(keys_wait_where_it_says_something_else)
{
	static const char *const others[] = { "192.0.2.77", NULL };
	g_autoptr(GVariant) changes = NULL;
	GVariantDict dict;
	guint serial;

	ask_and_wait(1);
	serial = sp_dialog_serial(dialog);
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "other-remotes", "^as", others);
	changes = g_variant_ref_sink(g_variant_dict_end(&dict));
	sp_dialog_update(dialog, 1, changes, now);
	ck_assert_uint_ne(sp_dialog_serial(dialog), serial);
	press('a');	/* before that could be read */
	expect_nothing();
	pass(1000);
	press('a');
	expect_act(SP_ACT_ANSWER);
}
END_TEST

static void try_line(const char *line, enum sp_line_result expected)
{
	g_autofree char *problem = NULL;

	ck_assert_int_eq(sp_answer_line(dialog, line, &problem), expected);
	ck_assert_int_eq(problem != NULL, expected == SP_LINE_WRONG);
}

START_TEST(lines_answer)
{
	ask(1);
	try_line("", SP_LINE_WRONG);
	try_line("allow", SP_LINE_WRONG);
	try_line("allow sometimes", SP_LINE_WRONG);
	try_line("allow once nowhere", SP_LINE_WRONG);
	try_line("allow once anything else", SP_LINE_WRONG);
	expect_nothing();
	try_line("quit", SP_LINE_QUIT);
	try_line("deny  always\tanything", SP_LINE_DONE);
	expect_answer(1, "deny", "anything", "always");
	sp_dialog_reply(dialog, 1, 0, NULL, now);
	expect_act(SP_ACT_SAY);
	ask(2);
	try_line("not now", SP_LINE_DONE);
	expect_act(SP_ACT_DISMISS);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dialog");
	TCase *tests = tcase_create("dialog");

	setlocale(LC_ALL, "");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, early_keys_do_nothing);
	tcase_add_test(tests, each_key_answers);
	tcase_add_test(tests, not_now_dismisses);
	tcase_add_test(tests, other_keys_do_nothing);
	tcase_add_test(tests, pasted_keys_start_the_wait_again);
	tcase_add_test(tests, scope_and_lifetime_cycle);
	tcase_add_test(tests, asked_again_with_more_known);
	tcase_add_test(tests, much_is_allowed_twice);
	tcase_add_test(tests, others_queue_behind);
	tcase_add_test(tests, nothing_while_sending);
	tcase_add_test(tests, cancelled_on_screen);
	tcase_add_test(tests, cancelled_in_the_queue);
	tcase_add_test(tests, cancelled_while_sending);
	tcase_add_test(tests, refused_answers_come_back);
	tcase_add_test(tests, half_answered_is_over);
	tcase_add_test(tests, only_once_is_offered);
	tcase_add_test(tests, only_what_is_offered);
	tcase_add_test(tests, unanswerable_questions_are_none);
	tcase_add_test(tests, hidden_is_inert);
	tcase_add_test(tests, quit_and_reset);
	tcase_add_test(tests, wakes_each_second);
	tcase_add_test(tests, update_moves_the_deadline);
	tcase_add_test(tests, keys_wait_where_it_says_something_else);
	tcase_add_test(tests, lines_answer);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
