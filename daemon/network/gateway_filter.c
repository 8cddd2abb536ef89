/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See gateway_filter.h. Classic BPF reads in network order, so what netlink has in the
 * machine's own order is compared swapped.
 */
#include "gateway_filter.h"

#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>

#define USABLE	(NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT)
#define PASS	0xffffffffu
#define DROP	0u

#define TYPE		offsetof(struct nlmsghdr, nlmsg_type)
#define NEIGHBOUR(field) (NLMSG_HDRLEN + offsetof(struct ndmsg, field))
#define ATTRIBUTES	(NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct ndmsg)))

/* Jumps whose target is not known yet have these; see resolve(). */
enum target { NEXT = 254, NEWS = 255 };

struct program {
	struct sock_filter *code;
	gsize count;
};

static void statement(struct program *program, guint16 code, guint32 k)
{
	program->code[program->count++] = (struct sock_filter)BPF_STMT(code, k);
}

/* To @target unless A is @value. */
static void must_be(struct program *program, guint32 value, enum target target)
{
	program->code[program->count++] =
		(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, target);
}

/* X: where the attribute begins. Without it to @target. */
static void find(struct program *program, guint32 attribute, enum target target)
{
	statement(program, BPF_LD | BPF_IMM, ATTRIBUTES);
	statement(program, BPF_LDX | BPF_IMM, attribute);
	statement(program, BPF_LD | BPF_W | BPF_ABS, (guint32)(SKF_AD_OFF + SKF_AD_NLATTR));
	program->code[program->count++] =
		(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, target, 0);
	statement(program, BPF_MISC | BPF_TAX, 0);
}

/* The attribute's bytes, of which there is an even number. */
static void must_have(struct program *program, const guint8 *bytes, gsize size, enum target target)
{
	for (gsize at = 0; at < size; at += 2) {
		statement(program, BPF_LD | BPF_H | BPF_IND, (guint32)(NLA_HDRLEN + at));
		must_be(program, (guint32)(bytes[at] << 8 | bytes[at + 1]), target);
	}
}

/* What is known already: it can be reached, where it could. */
static void must_be_new(struct program *program, const struct sp_gateway *gateway)
{
	statement(program, BPF_LD | BPF_H | BPF_ABS, TYPE);
	must_be(program, htons(RTM_NEWNEIGH), NEWS);
	statement(program, BPF_LD | BPF_H | BPF_ABS, NEIGHBOUR(ndm_state));
	program->code[program->count++] =
		(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, htons(USABLE), 0, NEWS);
	find(program, NDA_LLADDR, NEWS);
	must_have(program, gateway->hardware, sizeof(gateway->hardware), NEWS);
	statement(program, BPF_RET | BPF_K, DROP);
}

static guint8 distance(gsize from, guint8 to, gsize next, gsize news)
{
	return to == NEXT ? (guint8)(next - from - 1) : to == NEWS ? (guint8)(news - from - 1) : to;
}

static void resolve(struct program *program, gsize first, gsize news)
{
	for (gsize i = first; i < program->count; i++) {
		struct sock_filter *one = &program->code[i];

		if (BPF_CLASS(one->code) != BPF_JMP)
			continue;
		one->jt = distance(i, one->jt, program->count, news);
		one->jf = distance(i, one->jf, program->count, news);
	}
}

static void add(struct program *program, const struct sp_gateway *gateway)
{
	gsize first = program->count, news;

	statement(program, BPF_LD | BPF_W | BPF_ABS, NEIGHBOUR(ndm_ifindex));
	must_be(program, htonl(gateway->ifindex), NEXT);
	statement(program, BPF_LD | BPF_B | BPF_ABS, NEIGHBOUR(ndm_family));
	must_be(program, gateway->family, NEXT);
	find(program, NDA_DST, NEXT);
	must_have(program, gateway->address, gateway->family == AF_INET ? 4 : 16, NEXT);
	if (gateway->resolved)
		must_be_new(program, gateway);
	news = program->count;
	statement(program, BPF_RET | BPF_K, PASS);
	resolve(program, first, news);
}

gsize sp_gateway_filter(const struct sp_gateway *gateways, gsize count,
			struct sock_filter code[SP_GATEWAY_FILTER_MAX])
{
	struct program program = { .code = code };

	statement(&program, BPF_LD | BPF_H | BPF_ABS, TYPE);
	code[program.count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							      htons(RTM_NEWNEIGH), 2, 0);
	code[program.count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							      htons(RTM_DELNEIGH), 1, 0);
	statement(&program, BPF_RET | BPF_K, PASS);
	for (gsize i = 0; i < count; i++)
		if (gateways[i].family)
			add(&program, &gateways[i]);
	statement(&program, BPF_RET | BPF_K, DROP);
	g_assert(program.count <= SP_GATEWAY_FILTER_MAX);
	return program.count;
}
