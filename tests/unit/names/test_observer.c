/* SPDX-License-Identifier: GPL-2.0-or-later */
/* observer.c, queries.c: only what answers a query that was sent counts. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
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
	sp_observer_query(&observer, &flow, message.bytes, message.length, NULL,
			  boot);
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

/* --- TCP ------------------------------------------------------------------------------ */

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
	tcase_add_test(tcase, beyond_a_share);
	tcase_add_test(tcase, asked_before);
	tcase_add_test(tcase, addresses_of_nothing);
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
	tcase_add_test(tcase, mdns);
	tcase_add_test(tcase, mdns_of_two_programs);
	tcase_add_loop_test(tcase, with_a_number, MDNS, MDNS + 1);
	tcase_add_loop_test(tcase, with_a_number, LLMNR, LLMNR + 1);
	tcase_add_test(tcase, a_liar_in_the_network);
	tcase_add_test(tcase, many_of_the_network);
	tcase_add_test(tcase, late_in_the_network);
	tcase_add_test(tcase, told_to_somebody);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
