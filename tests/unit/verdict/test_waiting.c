/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of waiting flows. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "fake.h"

static struct sp_waiting_table table;

static struct sp_waiting_flow *add(uint64_t id, const struct sallyport_flow *flow)
{
	struct sp_tag tag = {
		.pending = { .id = id, .packets = 1, .flow = *flow },
		.image = { .id = flow->image },
		.path = "/usr/bin/curl",
		.path_length = 13,
		.comm = "curl",
		.comm_length = 4,
	};

	return sp_waiting_add(&table, &tag);
}

static struct sp_waiting_flow *match(const struct sallyport_flow *flow)
{
	struct sp_tuple tuple;

	sp_tuple_of_flow(flow, &tuple);
	return sp_waiting_match(&table, &tuple);
}

static void setup(void)
{
	ck_assert(sp_waiting_init(&table, 8));
}

static void teardown(void)
{
	sp_waiting_clear(&table);
}

START_TEST(is_found_by_number_and_tuple)
{
	struct sallyport_flow a = fake_flow(20, "192.0.2.1", 80);
	struct sallyport_flow b = fake_flow(20, "192.0.2.1", 80);
	struct sp_waiting_flow *first = add(1, &a), *second = add(2, &b);

	ck_assert_ptr_eq(sp_waiting_find(&table, 1), first);
	ck_assert_ptr_eq(sp_waiting_find(&table, 2), second);
	ck_assert_ptr_null(sp_waiting_find(&table, 3));
	ck_assert_ptr_eq(match(&b), second);
	ck_assert_str_eq(second->info.path, "/usr/bin/curl");
	ck_assert_str_eq(second->info.comm, "curl");
	b.ifindex = 9;
	ck_assert_ptr_null(match(&b));
	a.direction = SALLYPORT_IN;
	ck_assert_ptr_null(match(&a));
}
END_TEST

START_TEST(the_same_tuple_goes_to_who_lacks_packets)
{
	struct sallyport_flow flow = fake_flow(20, "192.0.2.1", 80);
	struct sp_waiting_flow *first = add(1, &flow), *second = add(2, &flow);

	ck_assert_ptr_eq(match(&flow), first);
	sp_waiting_hold(first, (struct sp_held){ 1, 1, 0 });
	ck_assert_ptr_eq(match(&flow), second);
	sp_waiting_hold(second, (struct sp_held){ 1, 2, 0 });
	ck_assert_ptr_eq(match(&flow), first);
	first->held = second->held = 0;
}
END_TEST

START_TEST(is_bounded)
{
	struct sallyport_flow flow = fake_flow(20, "192.0.2.1", 80);
	struct sp_waiting_flow *last = NULL;
	uint64_t id;

	for (id = 1; id <= 8; id++)
		ck_assert_ptr_nonnull(last = add(id, &flow));
	ck_assert_ptr_null(add(9, &flow));
	sp_waiting_remove(&table, last, true);
	ck_assert_ptr_nonnull(add(9, &flow));
	last = sp_waiting_find(&table, 1);
	for (id = 0; id < SP_HELD_MAX; id++)
		ck_assert(sp_waiting_hold(last, (struct sp_held){ 1, (uint32_t)id, 0 }));
	ck_assert(!sp_waiting_hold(last, (struct sp_held){ 1, 99, 0 }));
	last->held = 0;
}
END_TEST

/* Pages of the room for flows that are memory. */
static size_t pages_in_use(const struct sp_waiting_table *waiting)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const uintptr_t first = (uintptr_t)waiting->flows / page * page;
	const uintptr_t end = (uintptr_t)(waiting->flows + waiting->pool.max);
	const size_t count = (end - first + page - 1) / page;
	unsigned char *in_use = calloc(count, 1);
	size_t used = 0;

	ck_assert_ptr_nonnull(in_use);
	ck_assert_int_eq(mincore((void *)first, end - first, in_use), 0);
	for (size_t i = 0; i < count; i++)
		used += in_use[i] & 1;
	free(in_use);
	return used;
}

START_TEST(room_is_no_memory_until_it_is_used)
{
	struct sallyport_flow flow = fake_flow(20, "192.0.2.1", 80);
	struct sp_waiting_flow *first;
	size_t begun;

	sp_waiting_clear(&table);
	mallopt(M_PERTURB, 0);	/* of the runner, who has all of it filled */
	ck_assert(sp_waiting_init(&table, 4096));
	begun = pages_in_use(&table);
	ck_assert_uint_lt(begun, 10);
	first = add(1, &flow);
	sp_waiting_remove(&table, first, false);
	ck_assert_ptr_eq(add(2, &flow), first);
	ck_assert_uint_lt(pages_in_use(&table), begun + 10);
}
END_TEST

START_TEST(remembers_who_was_answered)
{
	struct sallyport_flow a = fake_flow(20, "192.0.2.1", 80);
	struct sallyport_flow b = fake_flow(20, "192.0.2.1", 80);
	struct sp_tuple tuple;

	sp_waiting_remove(&table, add(1, &a), true);
	sp_waiting_remove(&table, add(2, &b), false);
	sp_tuple_of_flow(&a, &tuple);
	ck_assert(sp_waiting_answered(&table, &tuple));
	sp_tuple_of_flow(&b, &tuple);
	ck_assert(!sp_waiting_answered(&table, &tuple));
}
END_TEST

START_TEST(lists_by_image_and_by_judgement)
{
	struct sallyport_flow a = fake_flow(20, "192.0.2.1", 80);
	struct sallyport_flow b = fake_flow(21, "192.0.2.1", 80);
	struct sp_waiting_flow *one = add(1, &a), *two = add(2, &b), *three = add(3, &a);

	ck_assert_ptr_eq(sp_waiting_image_first(&table, 20), three);
	ck_assert_ptr_eq(sp_waiting_image_next(three), one);
	ck_assert_ptr_null(sp_waiting_image_next(one));
	ck_assert_ptr_null(sp_waiting_image_first(&table, 22));

	sp_waiting_set_judged(&table, one);
	sp_waiting_set_judged(&table, one);
	ck_assert_ptr_eq(TAILQ_FIRST(&table.unjudged), two);
	ck_assert_ptr_eq(TAILQ_FIRST(&table.judged), one);
	sp_waiting_set_asked(&table, one);
	ck_assert_uint_eq(table.asked, 1);
	sp_waiting_unjudge_all(&table);
	ck_assert_ptr_eq(TAILQ_FIRST(&table.unjudged), one);
	ck_assert(TAILQ_EMPTY(&table.judged));
	sp_waiting_remove(&table, one, true);
	ck_assert_uint_eq(table.asked, 0);
	ck_assert_uint_eq(table.count, 2);
}
END_TEST

Suite *suite_waiting(void)
{
	Suite *suite = suite_create("waiting");
	TCase *tests = tcase_create("waiting");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, is_found_by_number_and_tuple);
	tcase_add_test(tests, the_same_tuple_goes_to_who_lacks_packets);
	tcase_add_test(tests, is_bounded);
	tcase_add_test(tests, room_is_no_memory_until_it_is_used);
	tcase_add_test(tests, remembers_who_was_answered);
	tcase_add_test(tests, lists_by_image_and_by_judgement);
	suite_add_tcase(suite, tests);
	return suite;
}
