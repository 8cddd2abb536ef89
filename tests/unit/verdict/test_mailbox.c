/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring, alone and between two threads. */
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include "fake.h"

static struct sp_mailbox box;

static void setup(void)
{
	ck_assert_int_eq(sp_mailbox_init(&box, sizeof(uint64_t), 4), 0);
}

static void teardown(void)
{
	sp_mailbox_clear(&box);
}

static bool put(uint64_t value, size_t spare)
{
	return sp_mailbox_put(&box, &value, spare);
}

static uint64_t take(void)
{
	uint64_t value;

	return sp_mailbox_take(&box, &value) ? value : 0;
}

static bool readable(int timeout)
{
	struct pollfd fd = { .fd = box.fd, .events = POLLIN };

	return poll(&fd, 1, timeout) == 1;
}

START_TEST(keeps_order_and_bounds)
{
	uint64_t i, round;

	for (round = 0; round < 3; round++) {
		for (i = 1; i <= 4; i++)
			ck_assert(put(i, 0));
		ck_assert(!put(5, 0));
		for (i = 1; i <= 4; i++)
			ck_assert_uint_eq(take(), i);
		ck_assert_uint_eq(take(), 0);
	}
}
END_TEST

START_TEST(begins_anew_when_it_is_empty)
{
	uint64_t i, last;

	for (i = 1; i <= 9; i++) {
		ck_assert(put(i, 0));
		ck_assert(put(i + 100, 0));
		ck_assert_uint_eq(take(), i);
		ck_assert_uint_eq(take(), i + 100);
	}
	memcpy(&last, box.items + 2 * sizeof(last), sizeof(last));
	ck_assert_uint_eq(last, 0);	/* never used */
	for (i = 1; i <= 4; i++)
		ck_assert(put(i, 0));
	ck_assert(!put(5, 0));
	ck_assert_uint_eq(take(), 1);
	ck_assert(put(5, 0));	/* behind the others, not over them */
	for (i = 2; i <= 5; i++)
		ck_assert_uint_eq(take(), i);
}
END_TEST

START_TEST(leaves_spare_places)
{
	ck_assert(put(1, 2));
	ck_assert(put(2, 2));
	ck_assert(!put(3, 2));
	ck_assert_uint_eq(sp_mailbox_free(&box), 2);
	ck_assert(put(3, 0));
}
END_TEST

START_TEST(what_is_put_quietly_wakes_nobody)
{
	uint64_t value = 1;

	ck_assert(sp_mailbox_put_quietly(&box, &value, 0));
	ck_assert_uint_eq(sp_mailbox_quiet(&box), 1);
	ck_assert(!readable(0));
	/* it comes with the next, in order */
	ck_assert(put(2, 0));
	ck_assert_uint_eq(sp_mailbox_quiet(&box), 0);
	ck_assert(readable(0));
	ck_assert_uint_eq(take(), 1);
	ck_assert_uint_eq(take(), 2);
	ck_assert_uint_eq(take(), 0);
	ck_assert(!readable(0));
	/* or when the sender says so */
	ck_assert(sp_mailbox_put_quietly(&box, &value, 0));
	sp_mailbox_rouse(&box);
	ck_assert(readable(0));
	ck_assert_uint_eq(take(), 1);
	ck_assert_uint_eq(take(), 0);
	sp_mailbox_rouse(&box);
	ck_assert(!readable(0));
}
END_TEST

START_TEST(is_readable_as_long_as_items_wait)
{
	ck_assert(!readable(0));
	put(1, 0);
	put(2, 0);
	ck_assert(readable(0));
	take();
	ck_assert(readable(0));
	take();
	ck_assert_uint_eq(take(), 0);
	ck_assert(!readable(0));
	put(3, 0);
	ck_assert(readable(0));
}
END_TEST

START_TEST(a_poke_wakes_once)
{
	sp_mailbox_poke(&box);
	ck_assert(readable(0));
	ck_assert_uint_eq(take(), 0);
	ck_assert(!readable(0));
}
END_TEST

#define MANY 200000

static void *sender(void *arg)
{
	uint64_t i = 1;

	while (i <= MANY)
		i += put(i, 0);
	return arg;
}

/* No item is lost or doubled, and no sleeper is left asleep. */
START_TEST(between_threads)
{
	uint64_t expected = 1, value;
	pthread_t thread;

	pthread_create(&thread, NULL, sender, NULL);
	while (expected <= MANY) {
		ck_assert(readable(20000));
		while ((value = take())) {
			ck_assert_uint_eq(value, expected);
			expected++;
		}
	}
	pthread_join(thread, NULL);
	ck_assert_uint_eq(take(), 0);
}
END_TEST

Suite *suite_mailbox(void)
{
	Suite *suite = suite_create("mailbox");
	TCase *tests = tcase_create("mailbox");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, keeps_order_and_bounds);
	tcase_add_test(tests, begins_anew_when_it_is_empty);
	tcase_add_test(tests, leaves_spare_places);
	tcase_add_test(tests, what_is_put_quietly_wakes_nobody);
	tcase_add_test(tests, is_readable_as_long_as_items_wait);
	tcase_add_test(tests, a_poke_wakes_once);
	tcase_add_test(tests, between_threads);
	tcase_set_timeout(tests, 120);
	suite_add_tcase(suite, tests);
	return suite;
}
