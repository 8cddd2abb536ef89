// SPDX-License-Identifier: GPL-2.0
/* kmod/verdict_table.c: its limits, and no memory. */
#include <arpa/inet.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "verdicts.h"

/* The i-th mask, of 12 that differ. */
static struct sallyport_verdict masked(int i)
{
	struct sallyport_verdict v = verdict_of_port(i + 1, 80, SALLYPORT_ALLOW);

	v.remote_length = i;
	return v;
}

START_TEST(masks_are_limited)
{
	struct sallyport_verdict v;
	int i;

	for (i = 0; i < SALLYPORT_SUBJECT_MASKS; i++) {
		v = masked(i);
		ck_assert_int_eq(verdicts_push(&v), 0);
	}
	v = masked(i);
	ck_assert_int_eq(verdicts_push(&v), -ENOSPC);
	/* one more of a mask that is there, then the mask's place is kept */
	v = masked(3);
	v.remote_port = htons(81);
	ck_assert_int_eq(verdicts_push(&v), 0);
	v = masked(3);
	ck_assert(verdicts_delete(&v));
	v = masked(i);
	ck_assert_int_eq(verdicts_push(&v), 0);
	ck_assert_uint_eq(sp_verdict_count(), SALLYPORT_SUBJECT_MASKS);
}
END_TEST

START_TEST(mask_is_freed_by_its_last_verdict)
{
	struct sallyport_verdict v;
	int i;

	for (i = 0; i < SALLYPORT_SUBJECT_MASKS; i++) {
		v = masked(i);
		ck_assert_int_eq(verdicts_push(&v), 0);
	}
	v = masked(3);
	v.id = 100;
	v.remote_port = htons(81);
	ck_assert_int_eq(verdicts_push(&v), 0);
	ck_assert(verdicts_delete(&v));
	v = masked(i);
	ck_assert_int_eq(verdicts_push(&v), -ENOSPC);
	v = masked(3);
	ck_assert(verdicts_delete(&v));
	v = masked(i);
	ck_assert_int_eq(verdicts_push(&v), 0);
}
END_TEST

START_TEST(verdicts_of_a_subject_are_limited)
{
	struct sallyport_verdict v;
	int i;

	for (i = 0; i < SALLYPORT_SUBJECT_VERDICTS; i++) {
		v = verdict_of_port(i, i, SALLYPORT_ALLOW);
		ck_assert_int_eq(verdicts_push(&v), 0);
	}
	v = verdict_of_port(i, i, SALLYPORT_ALLOW);
	ck_assert_int_eq(verdicts_push(&v), -ENOSPC);
	v = verdict_of_port(i, 5, SALLYPORT_DENY);
	ck_assert_int_eq(verdicts_push(&v), 0);
	ck_assert_uint_eq(verdicts_find_port(5), 10 * i);
}
END_TEST

START_TEST(users_and_table_are_limited)
{
	struct sallyport_verdict v = verdict_of(1, SALLYPORT_ALLOW);
	u32 i;

	for (i = 0; i < verdicts_limits.user_subjects; i++) {
		v.image = 16 + i;
		ck_assert_int_eq(verdicts_push(&v), 0);
	}
	v.image = 16 + i;
	ck_assert_int_eq(verdicts_push(&v), -ENOSPC);
	v.uid = 0;
	for (i = 0; i < verdicts_limits.subjects - verdicts_limits.user_subjects; i++) {
		v.image = 16 + i;
		ck_assert_int_eq(verdicts_push(&v), 0);
	}
	v.image = 16 + i;
	ck_assert_int_eq(verdicts_push(&v), -ENOSPC);

	v.match = SALLYPORT_MATCH_LOCAL_PORT;
	for (i = 0; sp_verdict_count() < verdicts_limits.verdicts; i++) {
		v.image = 16 + i / 255;
		v.uid = v.image < 17 ? 0 : VERDICTS_UID;
		v.local_port = i % 255;
		ck_assert_int_eq(verdicts_push(&v), 0);
	}
	v.image = 19;
	v.uid = VERDICTS_UID;
	ck_assert_int_eq(verdicts_push(&v), -ENOSPC);
}
END_TEST

START_TEST(verdicts_of_a_user_are_limited)
{
	struct sallyport_verdict v;
	u32 i;

	for (i = 0; i < verdicts_limits.user_verdicts; i++) {
		v = verdict_of_port(i, i, SALLYPORT_ALLOW);
		v.image = 16 + i % 4;
		ck_assert_int_eq(verdicts_push(&v), 0);
	}
	v = verdict_of_port(i, i, SALLYPORT_ALLOW);
	ck_assert_int_eq(verdicts_push(&v), -ENOSPC);
	v.uid = 0;
	ck_assert_int_eq(verdicts_push(&v), 0);
}
END_TEST

/* Push into an empty table, add to a subject, replace. */
START_TEST(no_memory_changes_nothing)
{
	struct sallyport_verdict pushes[3] = {
		verdict_of_port(1, 80, SALLYPORT_ALLOW),
		verdict_of_port(2, 81, SALLYPORT_DENY),
		verdict_of_port(3, 80, SALLYPORT_DENY),
	};
	int i, n, err, allocations[3] = { 3, 1, 1 };
	size_t live;
	u32 verdicts;
	u64 rule;

	for (i = 0; i < 3; i++) {
		live = shim_live();
		verdicts = sp_verdict_count();
		rule = verdicts_find_port(80);
		for (n = 1; ; n++) {
			shim_fail_nth(n);
			err = verdicts_push(&pushes[i]);
			if (!shim_failed())
				break;
			ck_assert_int_eq(err, -ENOMEM);
			ck_assert_uint_eq(sp_verdict_count(), verdicts);
			ck_assert_uint_eq(sp_subject_count(), i > 0);
			ck_assert_uint_eq(verdicts_find_port(80), rule);
			shim_settle();
			ck_assert_uint_eq(shim_live(), live);
		}
		ck_assert_int_eq(err, 0);
		ck_assert_int_eq(n, allocations[i] + 1);
	}
	ck_assert_uint_eq(verdicts_find_port(80), 30);
}
END_TEST

START_TEST(init_without_memory)
{
	sp_verdict_table_exit();
	shim_fail_nth(1);
	ck_assert_int_eq(sp_verdict_table_init(&verdicts_limits), -ENOMEM);
	ck_assert_int_eq(sp_verdict_table_init(&verdicts_limits), 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("verdict_limits");

	tcase_add_checked_fixture(tcase, verdicts_start, verdicts_stop);
	tcase_add_test(tcase, masks_are_limited);
	tcase_add_test(tcase, mask_is_freed_by_its_last_verdict);
	tcase_add_test(tcase, verdicts_of_a_subject_are_limited);
	tcase_add_test(tcase, users_and_table_are_limited);
	tcase_add_test(tcase, verdicts_of_a_user_are_limited);
	tcase_add_test(tcase, no_memory_changes_nothing);
	tcase_add_test(tcase, init_without_memory);
	return support_run(tcase);
}
