/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dns.c: what is in a message, and which are none. */
#include <stdlib.h>
#include <string.h>
#include "dns.h"
#include "message.h"
#include "unit.h"

static struct message message;
static struct sp_dns_reply reply;

/* In memory of its very length: what reads behind the end is seen. */
static bool read_cut(size_t length)
{
	uint8_t *copy = malloc(length ? length : 1);
	bool good;

	memcpy(copy, message.bytes, length);
	good = sp_dns_read_reply(copy, length, &reply);
	free(copy);
	return good;
}

static bool read_reply(void)
{
	return read_cut(message.length);
}

static void expect_address(size_t i, const char *text, uint32_t ttl, unsigned names)
{
	uint8_t address[16];

	address_of(text, address);
	ck_assert_uint_lt(i, reply.count);
	ck_assert_mem_eq(reply.addresses[i].address, address, 16);
	ck_assert_uint_eq(reply.addresses[i].ttl, ttl);
	ck_assert_uint_eq(reply.addresses[i].names, names);
}

START_TEST(a_query)
{
	struct sp_dns_question question;

	message_query(&message, 0x1234, "Shop.TEST", TYPE_A);
	ck_assert(sp_dns_read_query(message.bytes, message.length, &question));
	ck_assert_uint_eq(question.id, 0x1234);
	ck_assert_uint_eq(question.type, TYPE_A);
	ck_assert_str_eq(question.name, "shop.test");
	/* what follows the question may be missing, or anything */
	message_number(&message, 0xffffffff, 4);
	ck_assert(sp_dns_read_query(message.bytes, message.length, &question));
	message_reply(&message, 1, "shop.test", TYPE_A);
	ck_assert(!sp_dns_read_query(message.bytes, message.length, &question));
}
END_TEST

START_TEST(no_query)
{
	struct sp_dns_question question;
	size_t length;

	message_query(&message, 1, "shop.test", TYPE_A);
	for (length = 0; length < message.length; length++)
		ck_assert(!sp_dns_read_query(message.bytes, length, &question));
	message.bytes[5] = 2;
	ck_assert(!sp_dns_read_query(message.bytes, message.length, &question));
	message_query(&message, 1, "", TYPE_A);
	ck_assert(!sp_dns_read_query(message.bytes, message.length, &question));
	message_query(&message, 1, "a b.c-", TYPE_A);
	ck_assert(!sp_dns_read_query(message.bytes, message.length, &question));
}
END_TEST

static void expect_question(const char *name, const char *end)
{
	struct sp_dns_question question;

	message_query(&message, 1, name, TYPE_A);
	ck_assert(sp_dns_read_query(message.bytes, message.length, &question));
	ck_assert_str_eq(question.name, end);
	ck_assert(question.part);
}

/* What a rule about a domain is about, whatever is before it. */
START_TEST(names_that_no_rule_can_have)
{
	char long_name[251];

	expect_question("a b.test", "test");
	expect_question("x-.Tracker.test", "tracker.test");
	expect_question("a.-x.b_.tracker.test", "b_.tracker.test");
	expect_question("a\\b.(c).tracker.test", "tracker.test");
	/* written out it is longer than any name */
	memset(long_name, 1, 237);
	long_name[63] = long_name[127] = long_name[191] = '.';
	strcpy(long_name + 236, ".tracker.test");
	expect_question(long_name, "tracker.test");
}
END_TEST

START_TEST(addresses)
{
	message_reply(&message, 7, "shop.test", TYPE_A);
	message_a(&message, NULL, 300, "192.0.2.1");
	message_a(&message, "SHOP.test", 60, "192.0.2.2");
	message_aaaa(&message, NULL, 0x80000000, "2001:db8::1");
	ck_assert(read_reply());
	ck_assert_uint_eq(reply.question.id, 7);
	ck_assert_uint_eq(reply.chain_count, 1);
	ck_assert_uint_eq(reply.count, 3);
	expect_address(0, "192.0.2.1", 300, 1);
	expect_address(1, "192.0.2.2", 60, 1);
	expect_address(2, "2001:db8::1", 0, 1);
}
END_TEST

START_TEST(a_chain_of_aliases)
{
	message_reply(&message, 7, "www.shop.test", TYPE_A);
	message_a(&message, "edge.cdn.test", 300, "192.0.2.1");
	message_cname(&message, "shop.cdn.test", 20, "edge.cdn.test");
	message_cname(&message, NULL, 100, "shop.cdn.test");
	message_a(&message, "other.test", 300, "192.0.2.66");	/* nobody asked */
	ck_assert(read_reply());
	ck_assert_uint_eq(reply.chain_count, 3);
	ck_assert_str_eq(reply.chain[0], "www.shop.test");
	ck_assert_str_eq(reply.chain[1], "shop.cdn.test");
	ck_assert_str_eq(reply.chain[2], "edge.cdn.test");
	ck_assert_uint_eq(reply.count, 1);
	expect_address(0, "192.0.2.1", 20, 3);
	ck_assert(reply.incomplete);
}
END_TEST

static void chain_of(int aliases)
{
	char from[32], to[32];
	int i;

	message_reply(&message, 7, "n0.test", TYPE_A);
	for (i = 0; i < aliases; i++) {
		snprintf(from, sizeof(from), "n%d.test", i);
		snprintf(to, sizeof(to), "n%d.test", i + 1);
		message_cname(&message, from, 100, to);
	}
	snprintf(from, sizeof(from), "n%d.test", i);
	message_a(&message, from, 100, "192.0.2.1");
	ck_assert(read_reply());
}

/* Round and round; as long as resolvers follow, and longer, which is known. */
START_TEST(chains_without_end)
{
	message_reply(&message, 7, "a.test", TYPE_A);
	message_cname(&message, NULL, 100, "b.test");
	message_cname(&message, "b.test", 100, "a.test");
	message_a(&message, "b.test", 100, "192.0.2.1");
	ck_assert(read_reply());
	ck_assert_uint_le(reply.chain_count, SP_DNS_CHAIN);
	ck_assert_uint_eq(reply.count, 1);
	ck_assert(!reply.incomplete);
	chain_of(16);
	ck_assert_uint_eq(reply.count, 1);
	expect_address(0, "192.0.2.1", 100, 17);
	ck_assert(!reply.incomplete);
	chain_of(17);
	ck_assert_uint_eq(reply.chain_count, SP_DNS_CHAIN);
	ck_assert_uint_eq(reply.count, 0);
	ck_assert(reply.incomplete);
}
END_TEST

START_TEST(more_addresses_than_count)
{
	char text[32];
	int i;

	message_reply(&message, 7, "shop.test", TYPE_A);
	for (i = 0; i < 200; i++) {
		ck_assert(read_reply());
		ck_assert(reply.incomplete == (i > SP_DNS_ADDRESSES));
		snprintf(text, sizeof(text), "192.0.2.%d", i);
		message_a(&message, NULL, 300, text);
	}
	ck_assert(read_reply());
	ck_assert_uint_eq(reply.count, SP_DNS_ADDRESSES);
}
END_TEST

/* The one that matters is behind many that do not. */
START_TEST(more_records_than_are_read)
{
	int i;

	message_reply(&message, 7, "shop.test", TYPE_A);
	for (i = 0; i < 128; i++)
		message_cname(&message, "a.test", 300, "b.test");
	ck_assert(read_reply());
	ck_assert(!reply.incomplete);
	message_a(&message, NULL, 300, "192.0.2.1");
	ck_assert(read_reply());
	ck_assert_uint_eq(reply.count, 0);
	ck_assert(reply.incomplete);
}
END_TEST

START_TEST(hints_of_a_service)
{
	static const uint8_t hint6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 9 };
	static const uint8_t alpn[] = { 0, 1, 0, 3, 2, 'h', '2' };
	static const uint8_t hints4[] = { 0, 4, 0, 8, 192, 0, 2, 1, 192, 0, 2, 2 };

	message_reply(&message, 7, "shop.test", TYPE_HTTPS);
	message_pointer(&message, 12);
	message_record(&message, TYPE_HTTPS, 50, 2 + 1 + sizeof(alpn) + sizeof(hints4) + 20);
	message_number(&message, 1, 2);
	message_name(&message, "");
	message_bytes(&message, alpn, sizeof(alpn));
	message_bytes(&message, hints4, sizeof(hints4));
	message_number(&message, 6, 2);
	message_number(&message, 16, 2);
	message_bytes(&message, hint6, sizeof(hint6));
	ck_assert(read_reply());
	ck_assert_uint_eq(reply.count, 3);
	expect_address(0, "192.0.2.1", 50, 1);
	expect_address(1, "192.0.2.2", 50, 1);
	expect_address(2, "2001:db8::9", 50, 1);
	/* a length that says more than there is */
	message.bytes[message.length - 17] = 200;
	ck_assert(read_reply());
	ck_assert_uint_eq(reply.count, 2);
}
END_TEST

START_TEST(with_edns)
{
	message_reply(&message, 7, "shop.test", TYPE_A);
	message_a(&message, NULL, 300, "192.0.2.1");
	message_name(&message, "");
	message_record(&message, TYPE_OPT, 0, 0);
	message.bytes[7]--;
	message.bytes[11]++;
	ck_assert(read_reply());
	ck_assert_uint_eq(reply.count, 1);
}
END_TEST

/* What a program may read all the same is known to have said something. */
static void expect_unread(size_t length)
{
	ck_assert(read_cut(length));
	ck_assert_uint_eq(reply.count, 0);
	ck_assert(reply.incomplete);
}

START_TEST(no_reply)
{
	size_t length, question;

	message_query(&message, 7, "shop.test", TYPE_A);
	ck_assert(!read_reply());
	message_reply(&message, 7, "shop.test", TYPE_A);
	message.bytes[3] |= 3;	/* no such domain */
	ck_assert(!read_reply());
	message_reply(&message, 7, "shop.test", TYPE_A);
	question = message.length;
	message_a(&message, NULL, 300, "192.0.2.1");
	message_cname(&message, NULL, 300, "cdn.test");
	for (length = 0; length < question; length++)
		ck_assert(!read_cut(length));
	for (; length < message.length; length++)
		expect_unread(length);
	ck_assert(read_reply());
	ck_assert(!reply.incomplete);
	message_number(&message, 0, 1);
	expect_unread(message.length);	/* something behind it */
	message.bytes[7] = 0;
	ck_assert(read_reply());
	ck_assert(!reply.incomplete);
}
END_TEST

START_TEST(names_that_point_at_themselves)
{
	message_reply(&message, 7, "shop.test", TYPE_A);
	message_pointer(&message, message.length);
	message_record(&message, TYPE_A, 300, 4);
	message_number(&message, 0xc0000201, 4);
	message_pointer(&message, 0x3fff);
	message_record(&message, TYPE_A, 300, 4);
	message_number(&message, 0xc0000202, 4);
	expect_unread(message.length);
}
END_TEST

/* They lead on to addresses, as any alias does. */
START_TEST(an_alias_that_no_rule_can_have)
{
	message_reply(&message, 7, "shop.test", TYPE_A);
	message_cname(&message, NULL, 300, "x-.tracker.test");
	message_cname(&message, "X-.tracker.test", 300, "-.-");
	message_cname(&message, "-.-", 300, "edge.test");
	message_a(&message, "edge.test", 300, "192.0.2.1");
	ck_assert(read_reply());
	ck_assert_uint_eq(reply.chain_count, 4);
	ck_assert(!reply.parts[0]);
	ck_assert_str_eq(reply.chain[1], "tracker.test");
	ck_assert(reply.parts[1]);
	ck_assert_str_eq(reply.chain[2], "");
	ck_assert_str_eq(reply.chain[3], "edge.test");
	ck_assert(!reply.parts[3]);
	ck_assert_uint_eq(reply.count, 1);
	expect_address(0, "192.0.2.1", 300, 4);
}
END_TEST

/* A record of the wrong length is none. */
START_TEST(records_that_make_no_sense)
{
	message_reply(&message, 7, "shop.test", TYPE_A);
	message_pointer(&message, 12);
	message_record(&message, TYPE_A, 300, 5);
	message_bytes(&message, "\xc0\0\2\1\1", 5);
	ck_assert(read_reply());
	ck_assert_uint_eq(reply.chain_count, 1);
	ck_assert_uint_eq(reply.count, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dns");
	TCase *tcase = tcase_create("dns");

	tcase_add_test(tcase, a_query);
	tcase_add_test(tcase, no_query);
	tcase_add_test(tcase, names_that_no_rule_can_have);
	tcase_add_test(tcase, an_alias_that_no_rule_can_have);
	tcase_add_test(tcase, addresses);
	tcase_add_test(tcase, a_chain_of_aliases);
	tcase_add_test(tcase, chains_without_end);
	tcase_add_test(tcase, more_addresses_than_count);
	tcase_add_test(tcase, more_records_than_are_read);
	tcase_add_test(tcase, hints_of_a_service);
	tcase_add_test(tcase, with_edns);
	tcase_add_test(tcase, no_reply);
	tcase_add_test(tcase, names_that_point_at_themselves);
	tcase_add_test(tcase, records_that_make_no_sense);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
