/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names.c, dependents.c: whose names, how sure, for how long, and how many. */
#include <string.h>
#include "dependents.h"
#include "message.h"
#include "names.h"
#include "table.h"
#include "unit.h"

#define SECOND 1000000000ull

static struct sp_names *names;
static struct sp_name_list list;
static unsigned changes;
static uint8_t changed_last[16];

static const struct sp_asker curl = { 20, 1000 }, wget = { 21, 1000 };
static const struct sp_asker curl_of_another = { 20, 1001 }, resolver = { 30, 101 };

static void changed(const uint8_t address[16], void *arg)
{
	(void)arg;
	changes++;
	memcpy(changed_last, address, 16);
}

static void begin(void)
{
	names = sp_names_new(changed, NULL);
	changes = 0;
}

static void end(void)
{
	sp_names_free(names);
}

static void expect(const struct sp_asker *program, const char *address, size_t count,
		   size_t sure, const char *first, enum sp_name_origin origin)
{
	table_look(names, program, address, 1, &list);
	ck_assert_uint_eq(list.count, count);
	ck_assert_uint_eq(list.sure, sure);
	if (!count)
		return;
	ck_assert_str_eq(list.names[0], first);
	ck_assert_int_eq(list.origins[0], origin);
}

START_TEST(own_before_others)
{
	table_add(names, &wget, "192.0.2.1", "tracker.test", true, 1);
	expect(&curl, "192.0.2.1", 1, 1, "tracker.test", SP_NAME_OTHER);
	table_add(names, &curl, "192.0.2.1", "shop.test", true, 1);
	expect(&curl, "192.0.2.1", 1, 1, "shop.test", SP_NAME_OWN);
	expect(&wget, "192.0.2.1", 1, 1, "tracker.test", SP_NAME_OWN);
	table_add(names, &curl, "192.0.2.1", "news.test", true, 1);
	expect(&curl, "192.0.2.1", 2, 2, "news.test", SP_NAME_OWN);
	expect(&curl, "192.0.2.2", 0, 0, NULL, SP_NAME_NONE);
}
END_TEST

/* Another person's programs say nothing about mine; the system's do. */
START_TEST(other_users)
{
	table_add(names, &curl_of_another, "192.0.2.1", "shop.test", true, 1);
	expect(&curl, "192.0.2.1", 0, 0, NULL, SP_NAME_NONE);
	table_add(names, &resolver, "192.0.2.1", "news.test", true, 1);
	expect(&curl, "192.0.2.1", 1, 1, "news.test", SP_NAME_OTHER);
	expect(&curl_of_another, "192.0.2.1", 1, 1, "shop.test", SP_NAME_OWN);
}
END_TEST

/* What any server says neither hides what is sure nor counts as that. */
START_TEST(doubtful_names)
{
	table_add(names, &curl, "192.0.2.1", "forged.test", false, 1);
	expect(&curl, "192.0.2.1", 1, 0, "forged.test", SP_NAME_DOUBTFUL);
	table_add(names, &wget, "192.0.2.1", "tracker.test", true, 1);
	expect(&curl, "192.0.2.1", 2, 1, "tracker.test", SP_NAME_OTHER);
	table_add(names, &curl, "192.0.2.1", "shop.test", true, 1);
	expect(&curl, "192.0.2.1", 2, 1, "shop.test", SP_NAME_OWN);
	ck_assert_int_eq(list.origins[1], SP_NAME_DOUBTFUL);
}
END_TEST

START_TEST(only_own_ones_are_sure)
{
	sp_names_set_own_only(names, true);
	table_add(names, &wget, "192.0.2.1", "shop.test", true, 1);
	expect(&curl, "192.0.2.1", 1, 0, "shop.test", SP_NAME_OTHER);
	expect(&wget, "192.0.2.1", 1, 1, "shop.test", SP_NAME_OWN);
}
END_TEST

START_TEST(time_to_live)
{
	uint64_t end;

	table_add(names, &curl, "192.0.2.1", "shop.test", true, 5 * SECOND);
	table_look(names, &curl, "192.0.2.1", 5 * SECOND, &list);
	end = list.expires;
	ck_assert_uint_ge(end, 1005 * SECOND);
	ck_assert_uint_le(end, 1005 * SECOND + SP_NAMES_GRAIN);
	table_look(names, &curl, "192.0.2.1", end - 1, &list);
	ck_assert_uint_eq(list.count, 1);
	table_look(names, &curl, "192.0.2.1", end, &list);
	ck_assert_uint_eq(list.count, 0);
	ck_assert_uint_eq(list.expires, 0);
	ck_assert_uint_eq(changes, 1);
	/* back again: a change; longer: none */
	table_add(names, &curl, "192.0.2.1", "shop.test", true, end);
	ck_assert_uint_eq(changes, 2);
	table_add(names, &curl, "192.0.2.1", "shop.test", true, end + 100 * SECOND);
	ck_assert_uint_eq(changes, 2);
	table_look(names, &curl, "192.0.2.1", end + 1050 * SECOND, &list);
	ck_assert_uint_eq(list.count, 1);
}
END_TEST

START_TEST(of_one_address)
{
	char name[32];
	int i;

	table_add(names, &wget, "192.0.2.1", "mine.test", true, 1);
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "n%d.test", i);
		table_add(names, &curl_of_another, "192.0.2.1", name, true, 1);
	}
	table_look(names, &curl_of_another, "192.0.2.1", 1, &list);
	ck_assert_uint_le(list.count, SP_NAMES_ADDRESS);
	ck_assert_str_eq(list.names[0], "n999.test");
	expect(&wget, "192.0.2.1", 1, 1, "mine.test", SP_NAME_OWN);
	ck_assert_uint_le(sp_names_count(names), SP_NAMES_ADDRESS);
	/* he has other names there */
	ck_assert_uint_eq(table_pushed.count, 0);
	/* who comes to an address full of others' names finds a place */
	table_add(names, &curl, "192.0.2.1", "late.test", true, 1);
	expect(&curl, "192.0.2.1", 1, 1, "late.test", SP_NAME_OWN);
}
END_TEST

/* A user fills his share, and loses his own oldest, which is told. */
START_TEST(of_one_user)
{
	char address[32];
	unsigned i;

	table_add(names, &wget, "198.51.100.1", "mine.test", true, 1);
	for (i = 0; i < SP_NAMES_SHARE; i++) {
		snprintf(address, sizeof(address), "10.0.%u.%u", i / 250, i % 250);
		table_add(names, &curl_of_another, address, "many.test", true, 1);
	}
	ck_assert_uint_eq(sp_names_count(names), SP_NAMES_SHARE + 1);
	ck_assert_uint_eq(changes, SP_NAMES_SHARE + 1);
	ck_assert_uint_eq(table_pushed.count, 0);
	table_add(names, &curl_of_another, "10.9.9.9", "many.test", true, 1);
	ck_assert_uint_eq(table_pushed.count, 1);
	ck_assert_uint_eq(table_pushed.users[0], curl_of_another.uid);
	ck_assert_uint_eq(sp_names_count(names), SP_NAMES_SHARE + 1);
	ck_assert_uint_eq(changes, SP_NAMES_SHARE + 3);
	expect(&curl_of_another, "10.0.0.0", 0, 0, NULL, SP_NAME_NONE);
	expect(&curl_of_another, "10.0.0.1", 1, 1, "many.test", SP_NAME_OWN);
	expect(&wget, "198.51.100.1", 1, 1, "mine.test", SP_NAME_OWN);
	/* what he has not asked for in ten minutes goes without a word */
	table_add(names, &curl_of_another, "10.9.9.8", "many.test", true,
		  1 + SP_NAMES_SHORTEST * SECOND);
	ck_assert_uint_eq(table_pushed.count, 0);
}
END_TEST

START_TEST(of_all_users)
{
	struct sp_asker asker = { 20, 0 };
	char address[32];
	unsigned i;

	table_add(names, &wget, "198.51.100.1", "mine.test", true, 1);
	for (i = 0; i < 5 * SP_NAMES_SHARE; i++) {
		asker.uid = 2000 + i % 5;
		snprintf(address, sizeof(address), "10.0.%u.%u", i / 250, i % 250);
		table_add(names, &asker, address, "many.test", true, 1);
	}
	ck_assert_uint_eq(sp_names_count(names), SP_NAMES_MAX);
	expect(&wget, "198.51.100.1", 1, 1, "mine.test", SP_NAME_OWN);
}
END_TEST

START_TEST(addresses_that_depend)
{
	struct sp_dependents dependents;
	uint8_t address[16] = { 1 }, other[16] = { 2 };
	unsigned i;

	ck_assert(sp_dependents_init(&dependents));
	sp_dependents_add(&dependents, address);
	ck_assert(sp_dependents_have(&dependents, address));
	ck_assert(!sp_dependents_have(&dependents, other));
	sp_dependents_reset(&dependents);
	ck_assert(!sp_dependents_have(&dependents, address));
	/* where there is no more room, any may */
	for (i = 0; i < SP_DEPENDENTS_SLOTS; i++) {
		memcpy(address + 4, &i, sizeof(i));
		sp_dependents_add(&dependents, address);
		ck_assert(sp_dependents_have(&dependents, address));
	}
	ck_assert(sp_dependents_have(&dependents, other));
	sp_dependents_clear(&dependents);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("names");
	TCase *tcase = tcase_create("names");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, own_before_others);
	tcase_add_test(tcase, other_users);
	tcase_add_test(tcase, doubtful_names);
	tcase_add_test(tcase, only_own_ones_are_sure);
	tcase_add_test(tcase, time_to_live);
	tcase_add_test(tcase, of_one_address);
	tcase_add_test(tcase, of_one_user);
	tcase_add_test(tcase, of_all_users);
	tcase_add_test(tcase, addresses_that_depend);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
