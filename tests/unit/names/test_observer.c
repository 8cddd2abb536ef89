/* SPDX-License-Identifier: GPL-2.0-or-later */
/* observer.c, queries.c: only what answers a query that was sent counts. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include "observed.h"
#include "unit.h"

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

/* An answer of which not all can be known: its asker's look-up was missed, and only his. */
START_TEST(an_answer_that_says_more)
{
	message_reply(&message, 7, "www.test", TYPE_A);
	message_a(&message, "other.test", 100, "198.51.100.1");
	sp_observer_reply(&observer, &exchange, message.bytes, message.length, NOW);
	ck_assert(!missed(PERSON, "198.51.100.1"));	/* nobody asked */
	ask(7, "www.test");
	message_reply(&message, 7, "www.test", TYPE_A);
	message_a(&message, "other.test", 100, "198.51.100.1");
	sp_observer_reply(&observer, &exchange, message.bytes, message.length, NOW);
	ck_assert(missed(PERSON, "198.51.100.1"));
	ck_assert(!missed(PERSON + 1, "198.51.100.1"));
	expect("198.51.100.1", NULL);
}
END_TEST

/* Its end denies, and allows nothing; the other names are as they would be without it. */
START_TEST(an_alias_that_no_rule_can_have)
{
	struct sp_name_list list;

	ask(7, "www.test");
	message_reply(&message, 7, "www.test", TYPE_A);
	message_cname(&message, NULL, 100, "x-.tracker.test");
	message_a(&message, "x-.tracker.test", 100, "198.51.100.1");
	sp_observer_reply(&observer, &exchange, message.bytes, message.length, NOW);
	ck_assert_uint_eq(look("198.51.100.1", &list), 2);
	ck_assert_uint_eq(list.sure, 1);
	ck_assert_str_eq(list.names[0], "www.test");
	ck_assert_str_eq(list.names[1], "tracker.test");
	ask(8, "x-.tracker.test");
	answer(8, "tracker.test", "198.51.100.2");	/* to another question */
	expect("198.51.100.2", NULL);
	answer(8, "x-.tracker.test", "198.51.100.2");
	expect("198.51.100.2", "tracker.test");
	look("198.51.100.2", &list);
	ck_assert_uint_eq(list.sure, 0);
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

/* The kernel did not tell all of a user's queries. */
START_TEST(beyond_a_share)
{
	sp_observer_query(&observer, &flow, message.bytes, 0, NULL, NOW);
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

/* --- the network at large ---------------------------------------------------------------- */

#define MDNS	5353
#define LLMNR	5355
#define UNICAST	0x8000	/* in a question's class; in a record's: forget others */

static void ask_network(uint16_t port, uint16_t from)
{
	flow.remote_port = exchange.server_port = htons(port);
	flow.local_port = exchange.local_port = htons(from);
	address_of(port == MDNS ? "224.0.0.251" : "ff02::1:3", flow.remote);
	sp_observer_query(&observer, &flow, message.bytes, message.length, NULL, NOW);
	/* whoever it is answers from an address of his own */
	address_of("192.0.2.77", exchange.server);
}

static void network_says(uint16_t id, const char *name, const char *address)
{
	message.length = 0;
	message_number(&message, id, 2);
	message_number(&message, 0x8400, 2);
	message_number(&message, 0, 2);
	message_number(&message, 0, 6);
	message_name(&message, name);
	message_number(&message, TYPE_A, 2);
	message_number(&message, 1 | UNICAST, 2);
	message_number(&message, 120, 4);
	message_number(&message, 4, 2);
	message_bytes(&message, (uint8_t[16]){ 0 }, 4);
	message.bytes[7] = 1;
	{
		uint8_t bytes[16];

		address_of(address, bytes);
		memcpy(message.bytes + message.length - 4, bytes + 12, 4);
	}
	sp_observer_reply(&observer, &exchange, message.bytes, message.length, NOW);
}

static void expect_network(const char *address, const char *name)
{
	struct sp_name_list list;

	ck_assert_uint_eq(look(address, &list), 1);
	ck_assert_uint_eq(list.sure, 0);
	ck_assert_str_eq(list.names[0], name);
	ck_assert_int_eq(list.origins[0], SP_NAME_NETWORK);
}

/* Several questions in one message; several answer, to all who listen. */
START_TEST(mdns)
{
	message_query(&message, 0, "nas.local", TYPE_AAAA);
	message.bytes[5] = 2;
	message_pointer(&message, 12);
	message_number(&message, TYPE_A, 2);
	message_number(&message, 1 | UNICAST, 2);
	ask_network(MDNS, MDNS);
	network_says(0, "Nas.local", "192.0.2.20");
	network_says(9, "nas.local", "192.0.2.21");
	expect_network("192.0.2.20", "nas.local");
	expect_network("192.0.2.21", "nas.local");
	ck_assert_uint_eq(observer.counters.answers, 2);
	network_says(0, "other.local", "192.0.2.22");	/* nobody asked */
	expect("192.0.2.22", NULL);
	exchange.local_port = htons(40000);
	network_says(0, "nas.local", "192.0.2.22");
	expect("192.0.2.22", NULL);
	exchange.local_port = htons(MDNS);
	exchange.server_port = htons(LLMNR);
	network_says(0, "nas.local", "192.0.2.22");
	expect("192.0.2.22", NULL);
	ck_assert_uint_eq(observer.counters.unasked, 3);
}
END_TEST

/* Each who asked, and only they. */
START_TEST(mdns_of_two_programs)
{
	message_query(&message, 0, "nas.local", TYPE_A);
	ask_network(MDNS, MDNS);
	flow.image = PROGRAM + 1;
	flow.uid = PERSON + 1;
	message_query(&message, 0, "tv.local", 255);
	ask_network(MDNS, MDNS);
	network_says(0, "tv.local", "192.0.2.20");
	expect("192.0.2.20", NULL);
	flow.image = PROGRAM;
	flow.uid = PERSON;
	message_query(&message, 0, "tv.local", TYPE_AAAA);
	ask_network(MDNS, MDNS);
	network_says(0, "tv.local", "192.0.2.20");
	expect("192.0.2.20", NULL);
	message_query(&message, 0, "tv.local", TYPE_A);
	ask_network(MDNS, MDNS);
	network_says(0, "tv.local", "192.0.2.20");
	expect_network("192.0.2.20", "tv.local");
}
END_TEST

/* One-shot queries have a number, as LLMNR's do. */
START_TEST(with_a_number)
{
	message_query(&message, 7, "nas", TYPE_A);
	ask_network((uint16_t)_i, 40000);
	network_says(8, "nas", "192.0.2.20");
	expect("192.0.2.20", NULL);
	network_says(7, "nas", "192.0.2.20");
	expect_network("192.0.2.20", "nas");
	sp_observer_reply(&observer, &exchange, message.bytes, 11, NOW);
	ck_assert_uint_eq(observer.counters.unreadable, 1);
}
END_TEST

/* What the network says takes nothing from what a resolver says, nor adds to it. */
START_TEST(a_liar_in_the_network)
{
	struct sp_name_list list;

	message_query(&message, 0, "shop.test", TYPE_A);
	ask_network(MDNS, MDNS);
	network_says(0, "shop.test", "198.51.100.66");
	expect_network("198.51.100.66", "shop.test");
	flow.remote_port = exchange.server_port = htons(53);
	set_server("192.0.2.53");
	ask(7, "news.test");
	answer(7, "news.test", "198.51.100.66");
	ck_assert_uint_eq(look("198.51.100.66", &list), 2);
	ck_assert_uint_eq(list.sure, 1);
	ck_assert_str_eq(list.names[0], "news.test");
}
END_TEST

/* Who asks for very much loses his own, and nobody loses what matters. */
START_TEST(many_of_the_network)
{
	char name[20];
	unsigned i;

	message_query(&message, 0, "nas.local", TYPE_A);
	ask_network(MDNS, MDNS);
	flow.uid = PERSON + 1;
	for (i = 0; i < 10 * SP_LOCAL_MAX; i++) {
		snprintf(name, sizeof(name), "h%u.local", i);
		message_query(&message, 0, name, TYPE_A);
		ask_network(MDNS, MDNS);
	}
	sp_observer_query(&observer, &flow, NULL, 0, NULL, NOW);
	ck_assert(!missed(PERSON + 1, "198.51.100.1"));
	network_says(0, "nas.local", "192.0.2.20");
	expect_network("192.0.2.20", "nas.local");
	network_says(0, "h0.local", "192.0.2.21");
	ck_assert_uint_eq(observer.counters.unasked, 1);
	network_says(0, name, "192.0.2.21");
	ck_assert_uint_eq(observer.counters.unasked, 1);
}
END_TEST

START_TEST(late_in_the_network)
{
	message_query(&message, 0, "nas.local", TYPE_A);
	ask_network(MDNS, MDNS);
	network_says(0, "nas.local", "192.0.2.20");
	sp_observer_reply(&observer, &exchange, message.bytes, message.length,
			  NOW + SP_QUERIES_LIFE + 1);
	ck_assert_uint_eq(observer.counters.answers, 1);
	ck_assert_uint_eq(observer.counters.unasked, 1);
}
END_TEST

/* --- the machine's own resolver --------------------------------------------------------- */

static void resolver_told(const char *name, const char *address)
{
	struct sp_dns_reply reply = { .chain_count = 1, .count = 1 };

	strcpy(reply.chain[0], name);
	address_of(address, reply.addresses[0].address);
	reply.addresses[0].names = 1;
	sp_observer_told(&observer, &reply, NOW);
}

/* Sure, and whose it was is not known; what the program asks for itself counts before. */
START_TEST(told_to_somebody)
{
	struct sp_name_list list;

	resolver_told("shop.test", "198.51.100.1");
	ck_assert_uint_eq(look("198.51.100.1", &list), 1);
	ck_assert_uint_eq(list.sure, 1);
	ck_assert_str_eq(list.names[0], "shop.test");
	ck_assert_int_eq(list.origins[0], SP_NAME_SYSTEM);
	ask(7, "news.test");
	answer(7, "news.test", "198.51.100.1");
	expect("198.51.100.1", "news.test");
	resolver_told("nas.local", "192.0.2.20");
	expect_network("192.0.2.20", "nas.local");
	resolver_told("nas", "192.0.2.21");
	expect_network("192.0.2.21", "nas");
	resolver_told("local.test", "192.0.2.22");
	look("192.0.2.22", &list);
	ck_assert_uint_eq(list.sure, 1);
	sp_names_set_own_only(observer.names, true);
	ck_assert_uint_eq(look("192.0.2.22", &list), 1);
	ck_assert_uint_eq(list.sure, 0);
}
END_TEST

/* @count names of addresses from the @first on, as large answers bring them. */
static void told_many(unsigned first, unsigned count)
{
	char address[32];
	unsigned i;

	for (i = first; i < first + count; i++) {
		snprintf(address, sizeof(address), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		resolver_told("many.test", address);
	}
}

/* It has places of its own; and what it pushes out of them was somebody's a moment ago. */
START_TEST(told_too_much)
{
	flow.uid = 0;
	ask(7, "root.test");
	answer(7, "root.test", "198.51.100.1");
	resolver_told("shop.test", "198.51.100.2");
	told_many(0, SP_NAMES_SHARE - 1);
	expect("198.51.100.1", "root.test");
	expect("198.51.100.2", "shop.test");
	ck_assert(!missed(PERSON, "198.51.100.3"));
	told_many(SP_NAMES_SHARE - 1, 1);
	expect("198.51.100.1", "root.test");
	expect("198.51.100.2", NULL);
	ck_assert(missed(PERSON, "198.51.100.2"));
}
END_TEST

/* What nobody has asked for again in ten minutes goes without a word. */
START_TEST(told_too_much_in_a_day)
{
	struct sp_dns_reply reply = { .chain_count = 1, .count = 1 };
	const uint64_t later = NOW + SP_LOSS_LIFE;
	uint64_t until;

	strcpy(reply.chain[0], "shop.test");
	reply.addresses[0] = (struct sp_dns_address){ .ttl = 86400, .names = 1 };
	address_of("198.51.100.2", reply.addresses[0].address);
	sp_observer_told(&observer, &reply, NOW);
	told_many(0, SP_NAMES_SHARE - 1);
	address_of("198.51.100.4", reply.addresses[0].address);
	sp_observer_told(&observer, &reply, later);
	expect("198.51.100.2", NULL);
	ck_assert(!sp_observer_missed(&observer, PERSON, reply.addresses[0].address, 0, later,
				      &until));
}
END_TEST

/* For whom it was is not known; of the network's nothing is ever missed. */
START_TEST(told_in_part)
{
	struct sp_dns_reply reply = { .chain_count = 1, .incomplete = true };

	strcpy(reply.chain[0], "nas.local");
	sp_observer_told(&observer, &reply, NOW);
	ck_assert(!missed(PERSON, "198.51.100.1"));
	strcpy(reply.chain[0], "shop.test");
	sp_observer_told(&observer, &reply, NOW);
	ck_assert(missed(PERSON, "198.51.100.1"));
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
	tcase_add_test(tcase, an_answer_that_says_more);
	tcase_add_test(tcase, an_alias_that_no_rule_can_have);
	tcase_add_test(tcase, forged);
	tcase_add_test(tcase, late);
	tcase_add_test(tcase, many_queries);
	tcase_add_test(tcase, many_replies);
	tcase_add_test(tcase, any_server);
	tcase_add_test(tcase, beyond_a_share);
	tcase_add_test(tcase, asked_before);
	tcase_add_test(tcase, addresses_of_nothing);
	tcase_add_test(tcase, mdns);
	tcase_add_test(tcase, mdns_of_two_programs);
	tcase_add_loop_test(tcase, with_a_number, MDNS, MDNS + 1);
	tcase_add_loop_test(tcase, with_a_number, LLMNR, LLMNR + 1);
	tcase_add_test(tcase, a_liar_in_the_network);
	tcase_add_test(tcase, many_of_the_network);
	tcase_add_test(tcase, late_in_the_network);
	tcase_add_test(tcase, told_to_somebody);
	tcase_add_test(tcase, told_in_part);
	tcase_add_test(tcase, told_too_much);
	tcase_add_test(tcase, told_too_much_in_a_day);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
