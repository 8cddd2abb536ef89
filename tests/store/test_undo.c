/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Undo and redo: what they do, in which order, and when they refuse. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "case.h"

static const struct sp_actor alice = { 1000, "test" }, bob = { 1001, "test" };

static enum sp_store_error undo_change(uint64_t change, bool redo, const struct sp_actor *actor)
{
	struct sp_change *changes;
	size_t count;
	enum sp_store_error error = sp_store_undo(case_store, change, redo, actor, &changes, &count);

	if (error)
		return error;
	ck_assert_uint_gt(count, 0);
	while (count)
		sp_rule_clear(&changes[--count].rule);
	free(changes);
	return SP_STORE_OK;
}

static enum sp_store_error undo_next(bool redo, const struct sp_actor *actor)
{
	uint64_t change;
	enum sp_store_error error = sp_store_undo_next(case_store, actor->uid, redo, &change);

	return error ? error : undo_change(change, redo, actor);
}

static void undo(void)
{
	ck_assert_msg(undo_next(false, &alice) == SP_STORE_OK, "%s", sp_store_message(case_store));
}

static void redo(void)
{
	ck_assert_msg(undo_next(true, &alice) == SP_STORE_OK, "%s", sp_store_message(case_store));
}

static void expect(const char *expected)
{
	char *rules = case_rules();

	ck_assert_str_eq(rules, expected);
	free(rules);
}

START_TEST(back_and_forth)
{
	static const char *const states[] = {
		"",
		"1 7 1000 allow out\n",
		"1 7 1000 deny out program /b # note\n",
		"1 7 1000 deny out program /b # note\n2 7 1000 ask in\n",
		"2 7 1000 ask in\n",
	};
	uint64_t id;

	case_open();
	id = case_add("allow out");
	case_replace(id, "deny out program /b # note");
	case_add("ask in");
	case_remove(id);
	for (unsigned round = 0; round < 3; round++) {
		for (int i = 4; i > 0; i--) {
			expect(states[i]);
			undo();
		}
		expect("");
		ck_assert_int_eq(undo_next(false, &alice), SP_STORE_NO_CHANGE);
		for (int i = 0; i < 4; i++) {
			expect(states[i]);
			redo();
		}
		ck_assert_int_eq(undo_next(true, &alice), SP_STORE_NO_CHANGE);
		case_close();
		case_open();
	}
	ck_assert_uint_eq(case_add("allow out"), 3);	/* ids are not given again */
}
END_TEST

START_TEST(a_new_change_ends_redo)
{
	case_open();
	case_add("allow out");
	undo();
	case_add("deny out");
	ck_assert_int_eq(undo_next(true, &alice), SP_STORE_NO_CHANGE);
	/* By its number it can still be had. */
	ck_assert_int_eq(undo_change(1, true, &alice), SP_STORE_OK);
	expect("1 7 1000 allow out\n2 7 1000 deny out\n");
}
END_TEST

START_TEST(each_his_own)
{
	case_open();
	case_add("allow out");
	ck_assert_int_eq(undo_next(false, &bob), SP_STORE_NO_CHANGE);
	ck_assert_ptr_nonnull(strstr(sp_store_message(case_store), "nothing to undo"));
	ck_assert_int_eq(undo_change(1, false, &bob), SP_STORE_OK);
	expect("");
	/* Bob undid it, so redo is his. */
	ck_assert_int_eq(undo_next(true, &alice), SP_STORE_NO_CHANGE);
	ck_assert_int_eq(undo_next(true, &bob), SP_STORE_OK);
	expect("1 7 1000 allow out\n");
}
END_TEST

static void expect_conflict(uint64_t change, bool again, const char *words)
{
	char *before = case_rules(), *journal = case_journal();

	ck_assert_int_eq(undo_change(change, again, &alice), SP_STORE_CONFLICT);
	ck_assert_msg(strstr(sp_store_message(case_store), words), "%s", sp_store_message(case_store));
	expect(before);
	free(before);
	before = case_journal();
	ck_assert_str_eq(before, journal);
	free(before);
	free(journal);
}

START_TEST(refuses_where_the_rule_changed_since)
{
	uint64_t id;

	case_open();
	id = case_add("allow out");
	case_replace(id, "deny out");
	expect_conflict(1, false, "now it is \"deny out\", change 1 left it as allow out");
	case_remove(id);
	expect_conflict(2, false, "now it is not there, change 2 left it as deny out");
	undo();
	undo();
	case_replace(id, "drop out");
	/* The redo of the replacement wants "allow out". */
	expect_conflict(2, true, "now it is \"drop out\"");
}
END_TEST

/* A set is undone as one, or not at all. */
START_TEST(a_set_is_one_change)
{
	struct sp_change set[3] = {
		{ SP_CHANGE_ADD, unit_rule("deny out program /a", 0) },
		{ SP_CHANGE_REPLACE, unit_rule("deny out program /b", 1) },
		{ SP_CHANGE_REMOVE, unit_rule("allow out", 2) },
	};
	char *before;

	case_open();
	case_add("allow out program /one");
	case_add("allow out program /two # kept");
	before = case_rules();
	ck_assert_int_eq(sp_store_apply(case_store, set, 3, &alice), SP_STORE_OK);
	undo();
	expect(before);
	redo();
	case_replace(set[0].rule.id, "deny out program /changed");
	expect_conflict(3, false, "rule 3 has changed since");
	for (size_t i = 0; i < 3; i++)
		sp_rule_clear(&set[i].rule);
	free(before);
}
END_TEST

START_TEST(not_everything_can_be_undone)
{
	size_t removed;

	case_open();
	case_add("allow out until 1970-01-01T00:00:01Z");
	ck_assert_int_eq(sp_store_expire(case_store, 2000000000, &removed), SP_STORE_OK);
	ck_assert_int_eq(undo_change(2, false, &alice), SP_STORE_NO_CHANGE);
	ck_assert_int_eq(undo_change(77, false, &alice), SP_STORE_NO_CHANGE);
	ck_assert_int_eq(undo_change(1, true, &alice), SP_STORE_NO_CHANGE);
	ck_assert_ptr_nonnull(strstr(sp_store_message(case_store), "not undone"));
	case_add("allow out");
	undo();
	ck_assert_int_eq(undo_change(3, false, &alice), SP_STORE_NO_CHANGE);
	ck_assert_ptr_nonnull(strstr(sp_store_message(case_store), "undone already"));
	ck_assert_int_eq(undo_change(4, false, &alice), SP_STORE_NO_CHANGE);
	/* An expiry is nobody's change. */
	ck_assert_int_eq(undo_next(false, &(struct sp_actor){ 0, "test" }), SP_STORE_NO_CHANGE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("undo");
	TCase *tcase = tcase_create("undo");

	tcase_add_checked_fixture(tcase, case_setup, case_teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, back_and_forth);
	tcase_add_test(tcase, a_new_change_ends_redo);
	tcase_add_test(tcase, each_his_own);
	tcase_add_test(tcase, refuses_where_the_rule_changed_since);
	tcase_add_test(tcase, a_set_is_one_change);
	tcase_add_test(tcase, not_everything_can_be_undone);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
