/* SPDX-License-Identifier: GPL-2.0-or-later */
/* observer.c, queries.c: only what answers a query that was sent counts. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include "message.h"
#include "observer.h"
#include "unit.h"

#define NOW	1000000000ull
#define PROGRAM	20
#define PERSON	1000

static struct sp_observer observer;
static struct message message;
static struct sallyport_flow flow;
static struct sp_exchange exchange;

static void changed(const uint8_t address[16], void *arg)
{
	(void)address;
	(void)arg;
}

static void set_server(const char *text)
{
	address_of(text, flow.remote);
	address_of(text, exchange.server);
}

static void begin(void)
{
	uint8_t resolver[1][16];

	ck_assert(sp_observer_init(&observer, changed, NULL));
	address_of("192.0.2.53", resolver[0]);
	sp_observer_set_resolvers(&observer, (const uint8_t (*)[16])resolver, 1);
	flow = (struct sallyport_flow){
		.image = PROGRAM, .uid = PERSON, .protocol = IPPROTO_UDP,
		.local_port = htons(40000), .remote_port = htons(53),
	};
	exchange = (struct sp_exchange){
		.local_port = flow.local_port, .server_port = flow.remote_port,
		.protocol = IPPROTO_UDP,
	};
	address_of("192.0.2.10", flow.local);
	address_of("192.0.2.10", exchange.local);
	set_server("192.0.2.53");
}

static void end(void)
{
	sp_observer_clear(&observer);
}

static void ask_at(uint16_t id, const char *name, uint64_t boot)
{
	message_query(&message, id, name, TYPE_A);
	sp_observer_query(&observer, &flow, message.bytes, message.length, boot);
}

static void ask(uint16_t id, const char *name)
{
	ask_at(id, name, NOW);
}

static void answer_at(uint16_t id, const char *name, const char *address, uint64_t boot)
{
	message_reply(&message, id, name, TYPE_A);
	message_a(&message, NULL, 300, address);
	sp_observer_reply(&observer, &exchange, message.bytes, message.length, boot);
}

static void answer(uint16_t id, const char *name, const char *address)
{
	answer_at(id, name, address, NOW);
}

static size_t look(const char *text, struct sp_name_list *list)
{
	const struct sp_asker program = { PROGRAM, PERSON };
	uint8_t address[16];

	address_of(text, address);
	sp_names_find(observer.names, &program, address, NOW, list);
	return list->count;
}

static void expect(const char *address, const char *name)
{
	struct sp_name_list list;

	ck_assert_uint_eq(look(address, &list), name ? 1 : 0);
	if (name)
		ck_assert_str_eq(list.names[0], name);
}

START_TEST(a_query_and_its_answer)
{
	struct sp_name_list list;

	ask(7, "shop.test");
	answer(7, "Shop.Test", "198.51.100.1");
	expect("198.51.100.1", "shop.test");
	look("198.51.100.1", &list);
	ck_assert_uint_eq(list.sure, 1);
	ck_assert_int_eq(list.origins[0], SP_NAME_OWN);
	ck_assert_uint_eq(observer.counters.answers, 1);
}
END_TEST

START_TEST(an_alias)
{
	struct sp_name_list list;

	ask(7, "www.test");
	message_reply(&message, 7, "www.test", TYPE_A);
	message_cname(&message, NULL, 100, "cdn.test");
	message_a(&message, "cdn.test", 100, "198.51.100.1");
	sp_observer_reply(&observer, &exchange, message.bytes, message.length, NOW);
	ck_assert_uint_eq(look("198.51.100.1", &list), 2);
	ck_assert_str_eq(list.names[0], "www.test");
	ck_assert(!list.aliases[0]);
	ck_assert_str_eq(list.names[1], "cdn.test");
	ck_assert(list.aliases[1]);
}
END_TEST

/* Everything about a forged reply is right but for one thing. */
START_TEST(forged)
{
	ask(7, "shop.test");
	answer(8, "shop.test", "198.51.100.1");
	answer(7, "evil.test", "198.51.100.1");
	set_server("192.0.2.54");
	answer(7, "shop.test", "198.51.100.1");
	set_server("192.0.2.53");
	exchange.local_port = htons(40001);
	answer(7, "shop.test", "198.51.100.1");
	exchange.local_port = htons(40000);
	exchange.server_port = htons(5353);
	answer(7, "shop.test", "198.51.100.1");
	exchange.server_port = htons(53);
	message_reply(&message, 7, "shop.test", TYPE_AAAA);
	message_a(&message, NULL, 300, "198.51.100.1");
	sp_observer_reply(&observer, &exchange, message.bytes, message.length, NOW);
	ck_assert_uint_eq(sp_names_count(observer.names), 0);
	ck_assert_uint_eq(observer.counters.unasked, 6);
	answer(7, "shop.test", "198.51.100.2");
	expect("198.51.100.2", "shop.test");
	/* and the second one comes too late */
	answer(7, "shop.test", "198.51.100.3");
	expect("198.51.100.3", NULL);
	ck_assert_uint_eq(observer.counters.unasked, 7);
}
END_TEST

START_TEST(late)
{
	ask(7, "shop.test");
	answer_at(7, "shop.test", "198.51.100.1", NOW + SP_QUERIES_LIFE + 1);
	expect("198.51.100.1", NULL);
	ask_at(7, "shop.test", NOW);
	answer_at(7, "shop.test", "198.51.100.1", NOW + SP_QUERIES_LIFE);
	expect("198.51.100.1", "shop.test");
}
END_TEST

/* Could it have a name that a program of this user was told? */
static bool missed(uint32_t uid, const char *text)
{
	uint8_t address[16];
	uint64_t until;

	address_of(text, address);
	return sp_observer_missed(&observer, uid, address, 0, NOW, &until);
}

/* Who asks for very much loses his own queries, no one else's. */
START_TEST(many_queries)
{
	unsigned i;

	ask(7, "shop.test");
	flow.uid = PERSON + 1;
	for (i = 0; i < 5 * SP_QUERIES_MAX; i++)
		ask((uint16_t)(1000 + i), "many.test");
	ck_assert(missed(PERSON + 1, "198.51.100.1"));
	ck_assert(!missed(PERSON, "198.51.100.1"));
	flow.uid = PERSON;
	answer(7, "shop.test", "198.51.100.1");
	expect("198.51.100.1", "shop.test");
	answer((uint16_t)(1000 + i - 1), "many.test", "198.51.100.2");
	ck_assert_uint_eq(observer.counters.unasked, 0);
	answer(1000, "many.test", "198.51.100.2");
	ck_assert_uint_eq(observer.counters.unasked, 1);
}
END_TEST

/* Many forged replies change nothing for the right one. */
START_TEST(many_replies)
{
	unsigned id;

	ask(7, "shop.test");
	for (id = 0; id < 65536; id++)
		if (id != 7)
			answer((uint16_t)id, "shop.test", "198.51.100.66");
	expect("198.51.100.66", NULL);
	answer(7, "shop.test", "198.51.100.1");
	expect("198.51.100.1", "shop.test");
}
END_TEST

/* Asked of a server that the machine does not have: anybody can be that. */
START_TEST(any_server)
{
	struct sp_name_list list;

	set_server("203.0.113.66");
	ask(7, "shop.test");
	answer(7, "shop.test", "198.51.100.1");
	ck_assert_uint_eq(look("198.51.100.1", &list), 1);
	ck_assert_uint_eq(list.sure, 0);
	ck_assert_int_eq(list.origins[0], SP_NAME_DOUBTFUL);
}
END_TEST

START_TEST(by_tcp)
{
	struct message prefixed = { .length = 0 };

	flow.protocol = exchange.protocol = IPPROTO_TCP;
	message_query(&message, 7, "shop.test", TYPE_A);
	message_number(&prefixed, (uint32_t)message.length, 2);
	message_bytes(&prefixed, message.bytes, message.length);
	sp_observer_query(&observer, &flow, prefixed.bytes, prefixed.length, NOW);
	message_reply(&message, 7, "shop.test", TYPE_A);
	message_a(&message, NULL, 300, "198.51.100.1");
	prefixed.length = 0;
	message_number(&prefixed, (uint32_t)message.length, 2);
	message_bytes(&prefixed, message.bytes, message.length);
	sp_observer_reply(&observer, &exchange, prefixed.bytes, 1, NOW);
	sp_observer_reply(&observer, &exchange, prefixed.bytes, prefixed.length, NOW);
	expect("198.51.100.1", "shop.test");
	ck_assert_uint_eq(observer.counters.unreadable, 1);
}
END_TEST

/* The kernel did not tell all of a user's queries. */
START_TEST(beyond_a_share)
{
	sp_observer_query(&observer, &flow, message.bytes, 0, NOW);
	ck_assert(missed(PERSON, "198.51.100.1"));
	ck_assert(missed(PERSON, "2001:db8::1"));
	ck_assert(!missed(PERSON + 1, "198.51.100.1"));
	ck_assert_uint_eq(observer.counters.unreadable, 0);
	/* these have no names that matter */
	ck_assert(!missed(PERSON, "192.0.2.53"));
	ck_assert(!missed(PERSON, "127.1.2.3"));
	ck_assert(!missed(PERSON, "::1"));
	ck_assert(!missed(PERSON, "224.0.0.251"));
	ck_assert(!missed(PERSON, "239.255.255.250"));
	ck_assert(!missed(PERSON, "255.255.255.255"));
	ck_assert(!missed(PERSON, "ff02::fb"));
	ck_assert(missed(PERSON, "240.0.0.1"));
	ck_assert(missed(PERSON, "223.255.255.255"));
}
END_TEST

/* It may answer what was asked under an earlier daemon: believed by what denies. */
START_TEST(asked_before)
{
	struct sp_name_list list;

	sp_observer_begin(&observer, NOW);
	answer(7, "shop.test", "198.51.100.1");
	ck_assert_uint_eq(look("198.51.100.1", &list), 1);
	ck_assert_uint_eq(list.sure, 0);
	ck_assert_str_eq(list.names[0], "shop.test");
	ck_assert_int_eq(list.origins[0], SP_NAME_DOUBTFUL);
	ck_assert_uint_eq(observer.counters.unasked, 1);
	answer_at(7, "shop.test", "198.51.100.2", NOW + SP_QUERIES_LIFE);
	expect("198.51.100.2", NULL);
}
END_TEST

START_TEST(addresses_of_nothing)
{
	ask(7, "blocked.test");
	answer(7, "blocked.test", "0.0.0.0");
	ck_assert_uint_eq(sp_names_count(observer.names), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("observer");
	TCase *tcase = tcase_create("observer");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, a_query_and_its_answer);
	tcase_add_test(tcase, an_alias);
	tcase_add_test(tcase, forged);
	tcase_add_test(tcase, late);
	tcase_add_test(tcase, many_queries);
	tcase_add_test(tcase, many_replies);
	tcase_add_test(tcase, any_server);
	tcase_add_test(tcase, by_tcp);
	tcase_add_test(tcase, beyond_a_share);
	tcase_add_test(tcase, asked_before);
	tcase_add_test(tcase, addresses_of_nothing);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
