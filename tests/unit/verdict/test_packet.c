/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading of packets: what identifies them, and what makes no sense. */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include "fake.h"

static bool parse(const uint8_t *bytes, size_t length, uint8_t family, bool out,
		  struct sp_tuple *tuple)
{
	/* On the heap and no longer than said: ASan sees each byte too far. */
	uint8_t *copy = malloc(length ? length : 1);
	bool ok;

	memcpy(copy, bytes, length);
	ok = sp_packet_parse(copy, length, family, out ? SALLYPORT_OUT : SALLYPORT_IN,
			     2, tuple);
	free(copy);
	return ok;
}

static void check_flow(const char *remote, uint8_t protocol, uint8_t direction)
{
	struct sallyport_flow flow = fake_flow(20, remote, 443);
	struct sp_tuple expected, tuple;
	uint8_t bytes[128];
	size_t length;

	flow.protocol = protocol;
	flow.direction = direction;
	if (protocol == IPPROTO_ICMP)
		flow.remote_port = 0;
	length = fake_bytes(&flow, bytes, sizeof(bytes));
	sp_tuple_of_flow(&flow, &expected);
	ck_assert(parse(bytes, length, flow.family, direction == SALLYPORT_OUT, &tuple));
	ck_assert(sp_tuple_equal(&tuple, &expected));
	ck_assert_uint_eq(sp_tuple_hash(&tuple), sp_tuple_hash(&expected));
}

START_TEST(agrees_with_the_flow)
{
	check_flow("198.51.100.7", IPPROTO_TCP, SALLYPORT_OUT);
	check_flow("198.51.100.7", IPPROTO_UDP, SALLYPORT_IN);
	check_flow("198.51.100.7", IPPROTO_ICMP, SALLYPORT_OUT);
	check_flow("198.51.100.7", IPPROTO_ICMP, SALLYPORT_IN);
	check_flow("2001:db8::7", IPPROTO_TCP, SALLYPORT_IN);
	check_flow("2001:db8::7", IPPROTO_SCTP, SALLYPORT_OUT);
}
END_TEST

static size_t ip6(uint8_t *bytes, uint8_t next)
{
	memset(bytes, 0, 256);
	bytes[0] = 0x60;
	bytes[6] = next;
	return 40;
}

START_TEST(skips_extension_headers)
{
	uint8_t bytes[256];
	struct sp_tuple tuple;
	size_t at = ip6(bytes, IPPROTO_HOPOPTS);

	bytes[at] = IPPROTO_ROUTING;		/* 8 bytes of hop by hop */
	at += 8;
	bytes[at] = IPPROTO_FRAGMENT;
	bytes[at + 1] = 2;			/* 24 bytes of routing */
	at += 24;
	bytes[at] = IPPROTO_AH;			/* first fragment */
	bytes[at + 3] = 1;
	at += 8;
	bytes[at] = IPPROTO_DSTOPTS;
	bytes[at + 1] = 1;			/* 12 bytes of AH */
	at += 12;
	bytes[at] = IPPROTO_UDP;
	at += 8;
	bytes[at + 1] = 53;
	bytes[at + 3] = 99;
	ck_assert(parse(bytes, at + 4, AF_INET6, true, &tuple));
	ck_assert_uint_eq(tuple.protocol, IPPROTO_UDP);
	ck_assert_uint_eq(ntohs(tuple.local_port), 53);
	ck_assert_uint_eq(ntohs(tuple.remote_port), 99);
	ck_assert(!parse(bytes, at + 3, AF_INET6, true, &tuple));
}
END_TEST

/* One of @protocol behind an extension, with @headers and four bytes of its own. */
static size_t extended(uint8_t *bytes, uint8_t protocol, size_t headers)
{
	size_t at = ip6(bytes, IPPROTO_HOPOPTS);

	bytes[at] = protocol;
	bytes[5] = (uint8_t)(8 + headers + 4);
	memcpy(bytes + at + 8 + headers, "word", 4);
	return at + 8;
}

static void expect_payload(const uint8_t *bytes, size_t length, const char *text)
{
	struct sp_tuple tuple;
	const uint8_t *payload;
	size_t size;

	ck_assert(parse(bytes, length, AF_INET6, false, &tuple));
	ck_assert(sp_packet_payload(bytes, length, &tuple, &payload, &size));
	ck_assert_uint_eq(size, strlen(text));
	ck_assert_mem_eq(payload, text, size);
}

START_TEST(the_payload_of_a_datagram)
{
	uint8_t bytes[256];
	size_t at = extended(bytes, IPPROTO_UDP, 8);

	bytes[at + 5] = 12;
	expect_payload(bytes, at + 12, "word");
	expect_payload(bytes, at + 13, "word");	/* behind its end */
	expect_payload(bytes, at + 10, "wo");	/* what is there */
}
END_TEST

START_TEST(the_payload_of_a_segment)
{
	uint8_t bytes[256];
	size_t at = extended(bytes, IPPROTO_TCP, 20);
	uint32_t sequence, total;
	struct sp_tuple tuple;

	bytes[at + 7] = 77;
	bytes[at + 12] = 0x50;
	expect_payload(bytes, at + 24, "word");
	ck_assert(parse(bytes, at + 24, AF_INET6, false, &tuple));
	sp_packet_sequence(bytes, at + 24, &tuple, bytes + at + 20, &sequence, &total);
	ck_assert_uint_eq(sequence, 77);
	ck_assert_uint_eq(total, 4);
}
END_TEST

START_TEST(later_fragments_have_no_ports)
{
	uint8_t bytes[256] = { 0x45, [6] = 0x00, [7] = 0x01, [9] = IPPROTO_UDP };
	struct sp_tuple tuple;
	size_t at;

	ck_assert(parse(bytes, 20, AF_INET, true, &tuple));
	ck_assert_uint_eq(tuple.protocol, IPPROTO_UDP);
	ck_assert_uint_eq(tuple.remote_port, 0);

	bytes[6] = 0x20;	/* the first: more follow */
	bytes[7] = 0;
	bytes[23] = 80;
	ck_assert(parse(bytes, 28, AF_INET, true, &tuple));
	ck_assert_uint_eq(ntohs(tuple.remote_port), 80);

	at = ip6(bytes, IPPROTO_FRAGMENT);
	bytes[at] = IPPROTO_UDP;
	bytes[at + 3] = 8;
	ck_assert(parse(bytes, at + 8, AF_INET6, true, &tuple));
	ck_assert_uint_eq(tuple.protocol, IPPROTO_FRAGMENT);	/* as the kernel says */
	ck_assert_uint_eq(tuple.remote_port, 0);
}
END_TEST

START_TEST(icmp_has_an_identifier_only_in_echoes)
{
	uint8_t bytes[128] = { 0x45, [9] = IPPROTO_ICMP, [20] = 0, [24] = 1, [25] = 2 };
	struct sp_tuple tuple;

	ck_assert(parse(bytes, 28, AF_INET, true, &tuple));
	ck_assert_uint_eq(ntohs(tuple.local_port), 0x0102);
	ck_assert_uint_eq(tuple.remote_port, 0);
	bytes[20] = 13;		/* timestamp */
	ck_assert(parse(bytes, 28, AF_INET, true, &tuple));
	ck_assert_uint_eq(tuple.local_port, 0);
	ck_assert(!parse(bytes, 27, AF_INET, true, &tuple));
}
END_TEST

START_TEST(other_protocols_have_no_ports)
{
	uint8_t bytes[64] = { 0x45, [9] = 47, [20] = 9, [21] = 9 };
	struct sp_tuple tuple;

	ck_assert(parse(bytes, 24, AF_INET, false, &tuple));
	ck_assert_uint_eq(tuple.protocol, 47);
	ck_assert(!tuple.local_port && !tuple.remote_port);
}
END_TEST

START_TEST(nonsense_is_refused)
{
	uint8_t bytes[256] = { 0x45, [9] = IPPROTO_TCP };
	struct sp_tuple tuple;
	size_t length, at;

	for (length = 0; length < 24; length++)
		ck_assert(!parse(bytes, length, AF_INET, true, &tuple));
	ck_assert(parse(bytes, 24, AF_INET, true, &tuple));
	ck_assert(!parse(bytes, 24, AF_INET6, true, &tuple));	/* version */
	ck_assert(!parse(bytes, 24, AF_UNIX, true, &tuple));
	bytes[0] = 0x44;	/* header of 16 bytes */
	ck_assert(!parse(bytes, 64, AF_INET, true, &tuple));
	bytes[0] = 0x4f;	/* of 60 */
	ck_assert(!parse(bytes, 63, AF_INET, true, &tuple));
	ck_assert(parse(bytes, 64, AF_INET, true, &tuple));

	at = ip6(bytes, IPPROTO_HOPOPTS);
	ck_assert(!parse(bytes, at, AF_INET6, true, &tuple));
	bytes[at + 1] = 255;	/* beyond the end */
	ck_assert(!parse(bytes, 256, AF_INET6, true, &tuple));
	ip6(bytes, IPPROTO_NONE);
	ck_assert(!parse(bytes, 256, AF_INET6, true, &tuple));
}
END_TEST

START_TEST(a_chain_without_end_is_refused)
{
	uint8_t bytes[256];
	struct sp_tuple tuple;

	ip6(bytes, IPPROTO_HOPOPTS);	/* all that follow: hop by hop, 8 bytes */
	ck_assert(!parse(bytes, sizeof(bytes), AF_INET6, true, &tuple));
}
END_TEST

/* Any bytes at all: no crash, and no byte read too far (ASan). */
START_TEST(survives_noise)
{
	static const uint8_t firsts[] = { 0x45, 0x46, 0x4f, 0x60, 0x6f, 0x00 };
	static const uint8_t nexts[] = { 0, 6, 17, 43, 44, 51, 58, 60, 59, 1 };
	struct sp_tuple tuple;
	uint8_t bytes[128];
	size_t i, length;

	srandom(1);
	for (i = 0; i < 200000; i++) {
		length = (size_t)random() % (sizeof(bytes) + 1);
		for (size_t j = 0; j < length; j++)
			bytes[j] = random() % 3 ? nexts[random() % 10] : (uint8_t)random();
		if (length)
			bytes[0] = firsts[random() % 6];
		parse(bytes, length, random() % 2 ? AF_INET : AF_INET6, random() % 2,
		      &tuple);
	}
}
END_TEST

Suite *suite_packet(void)
{
	Suite *suite = suite_create("packet");
	TCase *tests = tcase_create("packet");

	tcase_add_test(tests, agrees_with_the_flow);
	tcase_add_test(tests, skips_extension_headers);
	tcase_add_test(tests, the_payload_of_a_datagram);
	tcase_add_test(tests, the_payload_of_a_segment);
	tcase_add_test(tests, later_fragments_have_no_ports);
	tcase_add_test(tests, icmp_has_an_identifier_only_in_echoes);
	tcase_add_test(tests, other_protocols_have_no_ports);
	tcase_add_test(tests, nonsense_is_refused);
	tcase_add_test(tests, a_chain_without_end_is_refused);
	tcase_add_test(tests, survives_noise);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	return suite;
}

/* --- messages of nfnetlink_queue --------------------------------------------- */

struct builder {
	_Alignas(8) uint8_t bytes[1024];
	size_t length;
};

static void put(struct builder *builder, const void *data, size_t size)
{
	memcpy(builder->bytes + builder->length, data, size);
	builder->length += (size + 3) & ~3u;
}

static void put_attribute(struct builder *builder, uint16_t type, const void *data,
			  size_t size)
{
	uint16_t header[2] = { (uint16_t)(size + 4), type };

	put(builder, header, 4);
	put(builder, data, size);
}

static void put_header(struct builder *builder, uint16_t queue)
{
	struct nlmsghdr message = {
		.nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET,
	};
	struct nfgenmsg header = { .nfgen_family = AF_INET, .res_id = htons(queue) };

	memset(builder, 0, sizeof(*builder));
	put(builder, &message, sizeof(message));
	put(builder, &header, sizeof(header));
}

static const struct nlmsghdr *finish(struct builder *builder)
{
	struct nlmsghdr *message = (void *)builder->bytes;

	message->nlmsg_len = (uint32_t)builder->length;
	return message;
}

static void put_packet(struct builder *builder)
{
	struct nfqnl_msg_packet_hdr header = {
		.packet_id = htonl(4711), .hook = NF_INET_LOCAL_OUT,
	};
	struct sallyport_flow flow = fake_flow(20, "198.51.100.7", 443);
	uint32_t out = htonl(2);
	uint8_t bytes[64];
	size_t length = fake_bytes(&flow, bytes, sizeof(bytes));

	put_header(builder, 12);
	put_attribute(builder, NFQA_PACKET_HDR, &header, sizeof(header));
	put_attribute(builder, NFQA_IFINDEX_OUTDEV, &out, sizeof(out));
	put_attribute(builder, NFQA_PAYLOAD, bytes, length);
}

START_TEST(reads_a_queued_packet)
{
	struct builder builder;
	struct sp_queued packet;
	struct sp_tuple tuple;

	put_packet(&builder);
	ck_assert(sp_queued_read(finish(&builder), &packet));
	ck_assert_uint_eq(packet.held.id, 4711);
	ck_assert_uint_eq(packet.held.queue, 12);
	ck_assert_uint_eq(packet.family, AF_INET);
	ck_assert(sp_queued_tuple(&packet, &tuple));
	ck_assert_uint_eq(tuple.ifindex, 2);
	ck_assert_uint_eq(ntohs(tuple.remote_port), 443);
	packet.hook = NF_INET_FORWARD;
	ck_assert(!sp_queued_tuple(&packet, &tuple));
}
END_TEST

/* A verdict needs the packet's number: without, there is nothing to be done. */
START_TEST(a_packet_without_number_is_none)
{
	struct builder builder;
	struct sp_queued packet;

	put_header(&builder, 12);
	ck_assert(!sp_queued_read(finish(&builder), &packet));
	put_packet(&builder);
	((struct nlmsghdr *)builder.bytes)->nlmsg_type = NLMSG_ERROR;
	ck_assert(!sp_queued_read(finish(&builder), &packet));
}
END_TEST

START_TEST(a_packet_without_payload_has_no_tuple)
{
	struct nfqnl_msg_packet_hdr header = { .hook = NF_INET_LOCAL_IN };
	struct builder builder;
	struct sp_queued packet;
	struct sp_tuple tuple;

	put_header(&builder, 12);
	put_attribute(&builder, NFQA_PACKET_HDR, &header, sizeof(header));
	ck_assert(sp_queued_read(finish(&builder), &packet));
	ck_assert(!sp_queued_tuple(&packet, &tuple));
}
END_TEST

START_TEST(every_cut_is_survived)
{
	struct builder builder;
	struct sp_queued packet;
	struct sp_tuple tuple;
	struct nlmsghdr *copy;
	size_t length, full;

	put_packet(&builder);
	full = builder.length;
	for (length = sizeof(struct nlmsghdr); length <= full; length++) {
		copy = malloc(length);
		memcpy(copy, builder.bytes, length);
		copy->nlmsg_len = (uint32_t)length;
		if (sp_queued_read(copy, &packet))
			sp_queued_tuple(&packet, &tuple);
		free(copy);
	}
}
END_TEST

Suite *suite_queued(void)
{
	Suite *suite = suite_create("queued");
	TCase *tests = tcase_create("queued");

	tcase_add_test(tests, reads_a_queued_packet);
	tcase_add_test(tests, a_packet_without_number_is_none);
	tcase_add_test(tests, a_packet_without_payload_has_no_tuple);
	tcase_add_test(tests, every_cut_is_survived);
	suite_add_tcase(suite, tests);
	return suite;
}
