/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the filter lets through, asked of the kernel: over a socket that has it. */
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway_filter.h"
#include "unit.h"

#define HERE	3u

static const guint8 hardware[6] = { 2, 0, 0x5e, 0xff, 0, 1 }, other[6] = { 2, 0, 0x5e, 0xff, 0, 2 };
static const guint8 four[16] = { 192, 0, 2, 254 };
static const guint8 six[16] = { 0xfe, 0x80, [15] = 0xfe };

struct line {
	int ends[2];
};

static void open_line(struct line *line, const struct sp_gateway *gateways, gsize count)
{
	g_autofree struct sock_filter *code = g_new(struct sock_filter, SP_GATEWAY_FILTER_MAX);
	struct sock_fprog program = { .filter = code };

	program.len = (unsigned short)sp_gateway_filter(gateways, count, code);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, line->ends), 0);
	ck_assert_int_eq(setsockopt(line->ends[0], SOL_SOCKET, SO_ATTACH_FILTER, &program,
				    sizeof(program)), 0);
}

static void close_line(struct line *line)
{
	close(line->ends[0]);
	close(line->ends[1]);
}

struct message {
	struct nlmsghdr header;
	union {
		struct ndmsg neighbour;
		guint8 bytes[128];
	} body;
};

static void put(struct message *message, guint16 type, const void *data, gsize size)
{
	struct nlattr *attribute = (void *)((guint8 *)message + message->header.nlmsg_len);

	attribute->nla_type = type;
	attribute->nla_len = (guint16)(NLA_HDRLEN + size);
	memcpy((guint8 *)attribute + NLA_HDRLEN, data, size);
	message->header.nlmsg_len += (guint32)NLA_ALIGN(attribute->nla_len);
}

static gboolean passes(struct line *line, const struct message *message)
{
	struct message got;

	/* A datagram that the filter drops is an error to nobody but a sender like this. */
	if (send(line->ends[1], message, message->header.nlmsg_len, 0) < 0)
		return FALSE;
	return recv(line->ends[0], &got, sizeof(got), 0) == (gssize)message->header.nlmsg_len;
}

/* @at NULL: without a hardware address. */
static gboolean neighbour_passes(struct line *line, guint16 type, guint32 ifindex,
				 const guint8 *address, guint16 state, const guint8 *at)
{
	guint8 family = address[0] == 0xfe ? AF_INET6 : AF_INET;
	struct message message = {
		.header = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct ndmsg)), .nlmsg_type = type },
		.body.neighbour = {
			.ndm_family = family, .ndm_ifindex = (int)ifindex, .ndm_state = state,
		},
	};

	put(&message, NDA_DST, address, family == AF_INET ? 4 : 16);
	if (at)
		put(&message, NDA_LLADDR, at, 6);
	return passes(line, &message);
}

static struct sp_gateway gateway(guint32 ifindex, const guint8 *address, gboolean resolved)
{
	struct sp_gateway one = {
		.ifindex = ifindex, .family = address[0] == 0xfe ? AF_INET6 : AF_INET,
		.resolved = resolved,
	};

	memcpy(one.address, address, 16);
	if (resolved)
		memcpy(one.hardware, hardware, sizeof(hardware));
	return one;
}

START_TEST(all_but_neighbours_passes)
{
	static const guint16 types[] = {
		RTM_NEWLINK, RTM_DELLINK, RTM_NEWROUTE, RTM_DELROUTE, NLMSG_ERROR, NLMSG_DONE,
	};
	struct message message = { .header.nlmsg_len = NLMSG_LENGTH(16) };
	struct line line;

	open_line(&line, NULL, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
		message.header.nlmsg_type = types[i];
		ck_assert(passes(&line, &message));
	}
	close_line(&line);
}
END_TEST

START_TEST(others_are_nothing_to_us)
{
	const struct sp_gateway gateways[] = {
		gateway(HERE, four, FALSE), { .ifindex = 7 }, gateway(9, six, FALSE),
	};
	static const guint8 near_four[16] = { 192, 0, 2, 253 }, near_six[16] = { 0xfe, 0x80, [15] = 0xfd };
	struct line line;

	open_line(&line, NULL, 0);
	ck_assert(!neighbour_passes(&line, RTM_NEWNEIGH, HERE, four, NUD_REACHABLE, hardware));
	close_line(&line);
	open_line(&line, gateways, G_N_ELEMENTS(gateways));
	ck_assert(!neighbour_passes(&line, RTM_NEWNEIGH, HERE, near_four, NUD_REACHABLE, hardware));
	ck_assert(!neighbour_passes(&line, RTM_NEWNEIGH, 7, four, NUD_REACHABLE, hardware));
	ck_assert(!neighbour_passes(&line, RTM_NEWNEIGH, 9, four, NUD_REACHABLE, hardware));
	ck_assert(!neighbour_passes(&line, RTM_NEWNEIGH, 9, near_six, NUD_REACHABLE, hardware));
	ck_assert(!neighbour_passes(&line, RTM_DELNEIGH, HERE, near_four, 0, NULL));
	ck_assert(neighbour_passes(&line, RTM_NEWNEIGH, HERE, four, NUD_REACHABLE, hardware));
	ck_assert(neighbour_passes(&line, RTM_NEWNEIGH, 9, six, NUD_REACHABLE, hardware));
	ck_assert(neighbour_passes(&line, RTM_NEWNEIGH, HERE, four, NUD_INCOMPLETE, NULL));
	close_line(&line);
}
END_TEST

static void check_known(const guint8 *address)
{
	const struct sp_gateway known = gateway(HERE, address, TRUE);
	struct line line;

	open_line(&line, &known, 1);
	ck_assert(!neighbour_passes(&line, RTM_NEWNEIGH, HERE, address, NUD_STALE, hardware));
	ck_assert(!neighbour_passes(&line, RTM_NEWNEIGH, HERE, address, NUD_PERMANENT, hardware));
	ck_assert(neighbour_passes(&line, RTM_NEWNEIGH, HERE, address, NUD_STALE, other));
	ck_assert(neighbour_passes(&line, RTM_NEWNEIGH, HERE, address, NUD_FAILED, NULL));
	ck_assert(neighbour_passes(&line, RTM_NEWNEIGH, HERE, address, NUD_FAILED, hardware));
	ck_assert(neighbour_passes(&line, RTM_NEWNEIGH, HERE, address, NUD_REACHABLE, NULL));
	ck_assert(neighbour_passes(&line, RTM_DELNEIGH, HERE, address, NUD_STALE, hardware));
	close_line(&line);
}

START_TEST(a_gateway_that_is_used_is_no_news)
{
	check_known(four);
	check_known(six);
}
END_TEST

START_TEST(as_many_as_there_may_be)
{
	struct sp_gateway gateways[SP_GATEWAYS_MAX];
	struct line line;

	for (guint32 i = 0; i < SP_GATEWAYS_MAX; i++)
		gateways[i] = gateway(100 + i, six, TRUE);
	open_line(&line, gateways, SP_GATEWAYS_MAX);
	for (guint32 i = 0; i < SP_GATEWAYS_MAX; i++) {
		ck_assert(neighbour_passes(&line, RTM_NEWNEIGH, 100 + i, six, NUD_STALE, other));
		ck_assert(!neighbour_passes(&line, RTM_NEWNEIGH, 100 + i, six, NUD_STALE, hardware));
	}
	ck_assert(!neighbour_passes(&line, RTM_NEWNEIGH, 99, six, NUD_STALE, other));
	close_line(&line);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("gateway filter");
	TCase *tests = tcase_create("gateway filter");

	tcase_add_test(tests, all_but_neighbours_passes);
	tcase_add_test(tests, others_are_nothing_to_us);
	tcase_add_test(tests, a_gateway_that_is_used_is_no_news);
	tcase_add_test(tests, as_many_as_there_may_be);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
