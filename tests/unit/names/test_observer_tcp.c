/* SPDX-License-Identifier: GPL-2.0-or-later */
/* observer.c, streams.c: the same by TCP, in any segments. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include "observed.h"
#include "unit.h"

#define CLIENT_BEGINS	1000u
#define SERVER_BEGINS	0xfffffff0u	/* numbers go round */

static uint32_t client_next, server_next;

static void tcp_begins(void)
{
	const struct sallyport_stream syn = { .sequence = CLIENT_BEGINS, .begins = 1 };

	flow.protocol = exchange.protocol = IPPROTO_TCP;
	client_next = CLIENT_BEGINS;
	server_next = SERVER_BEGINS;
	sp_observer_query(&observer, &flow, NULL, 0, &syn, NOW);
}

static void client_sends(const uint8_t *bytes, size_t length)
{
	const struct sallyport_stream stream = {
		.sequence = client_next, .acknowledged = server_next, .length = (uint32_t)length,
	};

	sp_observer_query(&observer, &flow, bytes, length, &stream, NOW);
	client_next += (uint32_t)length;
}

static void server_sends(const uint8_t *bytes, size_t length)
{
	const struct sp_segment segment = {
		.sequence = server_next, .length = (uint32_t)length, .data = bytes, .have = length,
	};

	sp_observer_segment(&observer, &exchange, &segment, NOW);
	server_next += (uint32_t)length;
}

static void prefix(struct message *stream, const struct message *one)
{
	message_number(stream, (uint32_t)one->length, 2);
	message_bytes(stream, one->bytes, one->length);
}

static void add_query(struct message *stream, uint16_t id, const char *name)
{
	message_query(&message, id, name, TYPE_A);
	prefix(stream, &message);
}

static void add_reply(struct message *stream, uint16_t id, const char *name,
		      const char *address)
{
	message_reply(&message, id, name, TYPE_A);
	message_a(&message, NULL, 300, address);
	prefix(stream, &message);
}

static void tcp_asks(uint16_t id, const char *name)
{
	struct message stream = { .length = 0 };

	add_query(&stream, id, name);
	client_sends(stream.bytes, stream.length);
}

static void tcp_answers(uint16_t id, const char *name, const char *address)
{
	struct message stream = { .length = 0 };

	add_reply(&stream, id, name, address);
	server_sends(stream.bytes, stream.length);
}

START_TEST(by_tcp)
{
	tcp_begins();
	tcp_asks(7, "shop.test");
	tcp_answers(7, "shop.test", "198.51.100.1");
	expect("198.51.100.1", "shop.test");
	tcp_asks(8, "news.test");
	tcp_answers(8, "news.test", "198.51.100.2");
	expect("198.51.100.2", "news.test");
	ck_assert_uint_eq(observer.counters.unreadable, 0);
	ck_assert(!missed(PERSON, "198.51.100.9"));
}
END_TEST

/* Both sides in segments of _i bytes: several messages in one, one in several. */
START_TEST(tcp_in_segments)
{
	struct message queries = { .length = 0 }, replies = { .length = 0 };
	size_t at, part = (size_t)_i;

	tcp_begins();
	add_query(&queries, 7, "shop.test");
	add_query(&queries, 8, "news.test");
	add_query(&queries, 9, "more.test");
	add_reply(&replies, 8, "news.test", "198.51.100.2");
	add_reply(&replies, 9, "more.test", "198.51.100.3");
	add_reply(&replies, 7, "shop.test", "198.51.100.1");
	for (at = 0; at < queries.length; at += part)
		client_sends(queries.bytes + at,
			     queries.length - at < part ? queries.length - at : part);
	for (at = 0; at < replies.length; at += part)
		server_sends(replies.bytes + at,
			     replies.length - at < part ? replies.length - at : part);
	expect("198.51.100.1", "shop.test");
	expect("198.51.100.2", "news.test");
	expect("198.51.100.3", "more.test");
	ck_assert_uint_eq(observer.counters.unasked, 0);
	ck_assert_uint_eq(observer.counters.unreadable, 0);
	ck_assert_uint_eq(sp_streams_bytes(observer.streams), 0);
	ck_assert(!missed(PERSON, "198.51.100.9"));
}
END_TEST

/*
 * What is in a message is no message, wherever segments end: a text that somebody's own
 * server has put there, to be taken for the answer about another name.
 */
START_TEST(tcp_a_message_in_a_message)
{
	struct message replies = { .length = 0 }, inner = { .length = 0 };
	size_t inside;

	tcp_begins();
	tcp_asks(6, "evil.test");
	tcp_asks(7, "shop.test");
	add_reply(&inner, 7, "shop.test", "198.51.100.66");
	message_reply(&message, 6, "evil.test", TYPE_A);
	message_pointer(&message, 12);
	message_record(&message, 16, 300, inner.length + 1);
	message_number(&message, (uint32_t)inner.length, 1);
	inside = message.length + SP_DNS_TCP_PREFIX;
	message_bytes(&message, inner.bytes, inner.length);
	prefix(&replies, &message);
	server_sends(replies.bytes, inside);
	server_sends(replies.bytes + inside, replies.length - inside);
	expect("198.51.100.66", NULL);
	tcp_answers(7, "shop.test", "198.51.100.1");
	expect("198.51.100.1", "shop.test");
}
END_TEST

/* Segments come again; and such as no receiver would take are passed over. */
START_TEST(tcp_again_and_forged)
{
	tcp_begins();
	tcp_asks(7, "shop.test");
	client_next = CLIENT_BEGINS;
	tcp_asks(7, "shop.test");
	server_next = SERVER_BEGINS - 1000;
	tcp_answers(7, "shop.test", "198.51.100.66");
	server_next = SERVER_BEGINS + SP_STREAMS_AHEAD + 1;
	tcp_answers(7, "shop.test", "198.51.100.67");
	ck_assert(!missed(PERSON, "198.51.100.9"));
	server_next = SERVER_BEGINS;
	tcp_answers(7, "shop.test", "198.51.100.1");
	server_next = SERVER_BEGINS;
	tcp_answers(7, "shop.test", "198.51.100.68");
	ck_assert_uint_eq(sp_names_count(observer.names), 1);
	expect("198.51.100.1", "shop.test");
	ck_assert(!missed(PERSON, "198.51.100.9"));
}
END_TEST

/* Something is missing: what comes behind it names nothing, and that is known. */
START_TEST(tcp_a_gap)
{
	bool of_query = _i;

	tcp_begins();
	client_next += of_query;
	tcp_asks(7, "shop.test");
	ck_assert(missed(PERSON, "198.51.100.9") == of_query);
	server_next += !of_query;
	tcp_answers(7, "shop.test", "198.51.100.1");
	expect("198.51.100.1", NULL);
	ck_assert(missed(PERSON, "198.51.100.9"));
	ck_assert(!missed(PERSON + 1, "198.51.100.9"));
	/* one more gap, and nothing of this connection does any more; of the next, all */
	client_next++;
	tcp_asks(8, "news.test");
	server_next++;
	tcp_answers(7, "shop.test", "198.51.100.1");
	client_next = CLIENT_BEGINS;
	tcp_asks(7, "shop.test");
	server_next = SERVER_BEGINS;
	tcp_answers(7, "shop.test", "198.51.100.1");
	expect("198.51.100.1", NULL);
	ck_assert(missed(PERSON, "198.51.100.9"));
	tcp_begins();
	tcp_asks(8, "shop.test");
	tcp_answers(8, "shop.test", "198.51.100.1");
	expect("198.51.100.1", "shop.test");
}
END_TEST

/* Bytes of @stream as a segment, as the server sends them. */
static void server_sends_part(const struct message *stream, size_t from, size_t to)
{
	server_next = SERVER_BEGINS + (uint32_t)from;
	server_sends(stream->bytes + from, to - from);
}

static void out_of_order(size_t first)
{
	struct message stream = { .length = 0 };
	size_t second = first + 11, third = first + 29;

	tcp_begins();
	tcp_asks(7, "shop.test");
	tcp_asks(8, "news.test");
	add_reply(&stream, 7, "shop.test", "198.51.100.1");
	add_reply(&stream, 8, "news.test", "198.51.100.2");
	ck_assert_uint_gt(stream.length, third);
	server_sends_part(&stream, 0, first);
	server_sends_part(&stream, second, third);
	server_sends_part(&stream, second, third);
	server_sends_part(&stream, third - 3, stream.length);
	ck_assert(missed(PERSON, "198.51.100.9"));
	ck_assert(!missed(PERSON + 1, "198.51.100.9"));
	ck_assert_uint_ge(sp_streams_bytes(observer.streams), stream.length - second);
	expect("198.51.100.2", NULL);
	server_sends_part(&stream, first, second);
	expect("198.51.100.1", "shop.test");
	expect("198.51.100.2", "news.test");
	ck_assert(!missed(PERSON, "198.51.100.9"));
	ck_assert_uint_eq(sp_streams_bytes(observer.streams), 0);
}

/* What comes before its turn waits for what is missing, and nothing is lost then. */
START_TEST(tcp_out_of_order)
{
	size_t first;

	for (first = 1; first < 50; first++) {
		out_of_order(first);
		end();
		begin();
	}
}
END_TEST

/* As a connection of its user goes on without it: what it had to say is not known. */
START_TEST(tcp_never_in_order)
{
	tcp_begins();
	tcp_asks(7, "shop.test");
	server_next++;
	tcp_answers(7, "shop.test", "198.51.100.1");
	tcp_begins();
	ck_assert(missed(PERSON, "198.51.100.9"));
	ck_assert_uint_eq(sp_streams_bytes(observer.streams), 0);
}
END_TEST

/* Of much that waits there is no end, but for the user's share. */
START_TEST(tcp_much_out_of_order)
{
	static uint8_t bytes[32 * 1024];
	size_t i;

	tcp_begins();
	tcp_asks(7, "shop.test");
	server_next++;
	for (i = 0; i < SP_STREAMS_USER_BYTES / sizeof(bytes); i++)
		server_sends(bytes, sizeof(bytes));
	ck_assert_uint_eq(sp_streams_bytes(observer.streams), SP_STREAMS_USER_BYTES);
	server_sends(bytes, 1);
	ck_assert_uint_eq(sp_streams_bytes(observer.streams), 0);
	ck_assert(missed(PERSON, "198.51.100.9"));
}
END_TEST

/* The kernel, or the queue, had more than it could say. */
START_TEST(tcp_cut)
{
	struct sallyport_stream stream = {
		.sequence = CLIENT_BEGINS, .acknowledged = SERVER_BEGINS,
	};

	tcp_begins();
	message_query(&message, 7, "shop.test", TYPE_A);
	stream.length = (uint32_t)message.length + 1;
	sp_observer_query(&observer, &flow, message.bytes, message.length, &stream, NOW);
	ck_assert(missed(PERSON, "198.51.100.9"));
}
END_TEST

/* Its SYN had data, or was before us. */
START_TEST(tcp_unknown)
{
	struct sallyport_stream stream = { .sequence = CLIENT_BEGINS, .begins = 1 };
	struct message queries = { .length = 0 };

	flow.protocol = exchange.protocol = IPPROTO_TCP;
	client_next = CLIENT_BEGINS;
	server_next = SERVER_BEGINS;
	if (_i) {
		add_query(&queries, 7, "shop.test");
		stream.length = (uint32_t)queries.length;
		sp_observer_query(&observer, &flow, queries.bytes, queries.length, &stream, NOW);
	} else {
		tcp_asks(7, "shop.test");
	}
	ck_assert(missed(PERSON, "198.51.100.9"));
	tcp_answers(7, "shop.test", "198.51.100.1");
	expect("198.51.100.1", NULL);
}
END_TEST

/* A reply on a connection from before us: believed by what denies, or nobody knows. */
START_TEST(tcp_from_before)
{
	struct sp_name_list list;

	flow.protocol = exchange.protocol = IPPROTO_TCP;
	server_next = SERVER_BEGINS;
	tcp_answers(7, "shop.test", "198.51.100.1");
	ck_assert_uint_eq(look("198.51.100.1", &list), 0);
	sp_observer_begin(&observer, NOW);
	tcp_answers(7, "shop.test", "198.51.100.1");
	ck_assert_uint_eq(look("198.51.100.1", &list), 1);
	ck_assert_uint_eq(list.sure, 0);
	ck_assert(!missed(PERSON, "198.51.100.9"));
	server_sends((const uint8_t *)"\0\77half", 6);
	ck_assert(missed(PERSON + 1, "198.51.100.9"));
}
END_TEST

/* Somebody uses the port for something else: that is no look-up. */
START_TEST(tcp_something_else)
{
	static const uint8_t hello[] = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n";
	uint8_t much[1400] = { 0 };
	unsigned i;

	tcp_begins();
	for (i = 0; i < sizeof(hello) - 1; i += (unsigned)_i)
		client_sends(hello + i, sizeof(hello) - 1 - i < (unsigned)_i ?
			     sizeof(hello) - 1 - i : (unsigned)_i);
	server_sends(hello, sizeof(hello) - 1);
	for (i = 0; i < 100; i++) {
		server_next += i;		/* whatever comes, in whatever order */
		server_sends(much, sizeof(much));
		client_next += i;
		client_sends(much, sizeof(much));
	}
	/* the user's share of segments is used up by it */
	sp_observer_query(&observer, &flow, NULL, 0, NULL, NOW);
	ck_assert(!missed(PERSON, "198.51.100.9"));
	ck_assert_uint_eq(sp_streams_bytes(observer.streams), 0);
	/* by a connection that may be DNS */
	flow.local_port = htons(40001);
	sp_observer_query(&observer, &flow, NULL, 0, NULL, NOW);
	ck_assert(missed(PERSON, "198.51.100.9"));
}
END_TEST

/* All that is asked on it is known: what is answered besides was asked unseen. */
START_TEST(tcp_unasked)
{
	tcp_begins();
	tcp_asks(7, "shop.test");
	tcp_answers(7, "shop.test", "198.51.100.1");
	ck_assert(!missed(PERSON, "198.51.100.9"));
	tcp_answers(8, "news.test", "198.51.100.2");
	expect("198.51.100.2", NULL);
	ck_assert(missed(PERSON, "198.51.100.9"));
	ck_assert(!missed(PERSON + 1, "198.51.100.9"));
}
END_TEST

/* Who has very many connections loses his own. */
START_TEST(tcp_many)
{
	unsigned i;

	tcp_begins();
	tcp_asks(7, "shop.test");
	flow.uid = PERSON + 1;
	for (i = 0; i < 4 * SP_STREAMS_MAX; i++) {
		flow.local_port = htons((uint16_t)(1024 + i));
		tcp_begins();
		if (i >= 4 * SP_STREAMS_MAX - SP_STREAMS_USER - 1)
			tcp_asks(7, "many.test");
		ck_assert(missed(PERSON + 1, "198.51.100.9") == (i == 4 * SP_STREAMS_MAX - 1));
	}
	ck_assert(!missed(PERSON, "198.51.100.9"));
	flow.local_port = exchange.local_port;
	server_next = SERVER_BEGINS;
	tcp_answers(7, "shop.test", "198.51.100.1");
	expect("198.51.100.1", "shop.test");
}
END_TEST

/* Who has very much that is not whole loses what is his. */
START_TEST(tcp_much)
{
	unsigned i;
	uint16_t port = exchange.local_port;

	flow.uid = PERSON + 1;
	for (i = 0; i < 10; i++) {
		flow.local_port = exchange.local_port = htons((uint16_t)(1024 + i));
		tcp_begins();
		tcp_asks(7, "much.test");
		server_sends((const uint8_t *)"\377\377x", 3);
		ck_assert(missed(PERSON + 1, "198.51.100.9") == (i >= 4));
	}
	ck_assert_uint_le(sp_streams_bytes(observer.streams), SP_STREAMS_USER_BYTES);
	flow.uid = PERSON;
	flow.local_port = exchange.local_port = port;
	tcp_begins();
	tcp_asks(7, "shop.test");
	tcp_answers(7, "shop.test", "198.51.100.1");
	expect("198.51.100.1", "shop.test");
	ck_assert(!missed(PERSON, "198.51.100.9"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("observer by TCP");
	TCase *tcase = tcase_create("observer by TCP");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, by_tcp);
	tcase_add_loop_test(tcase, tcp_in_segments, 1, 140);
	tcase_add_test(tcase, tcp_a_message_in_a_message);
	tcase_add_test(tcase, tcp_again_and_forged);
	tcase_add_loop_test(tcase, tcp_a_gap, 0, 2);
	tcase_add_test(tcase, tcp_out_of_order);
	tcase_add_test(tcase, tcp_never_in_order);
	tcase_add_test(tcase, tcp_much_out_of_order);
	tcase_add_test(tcase, tcp_cut);
	tcase_add_loop_test(tcase, tcp_unknown, 0, 2);
	tcase_add_test(tcase, tcp_from_before);
	tcase_add_loop_test(tcase, tcp_something_else, 1, 45);
	tcase_add_test(tcase, tcp_unasked);
	tcase_add_test(tcase, tcp_many);
	tcase_add_test(tcase, tcp_much);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
