/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What identifies a flow: by socket (cookie) and, for packets that come in and
 * have not met their socket yet, by wire tuple.
 */
#ifndef _SALLYPORT_FLOW_KEY_H
#define _SALLYPORT_FLOW_KEY_H

#include <linux/types.h>
#include <linux/in6.h>
#include <linux/build_bug.h>

/*
 * Compared and hashed as words: no holes, and what is not used is zero.
 * remote_port and local_port are zero where the protocol has none; for ICMP
 * echo local_port is the identifier. IPv4 addresses are ::ffff:a.b.c.d.
 */
struct sp_flow_key {
	u64 cookie;
	struct in6_addr remote;
	__be16 remote_port;
	__be16 local_port;
	u32 ifindex;
	u8 protocol;
	u8 family;
	u8 zero[6];
} __aligned(8);

#define SP_FLOW_KEY_WORDS (sizeof(struct sp_flow_key) / sizeof(u64))
static_assert(sizeof(struct sp_flow_key) == 40);

/* The same flow as packets show it; one name space each has its own. */
struct sp_wire_key {
	struct in6_addr local;
	struct in6_addr remote;
	__be16 local_port;
	__be16 remote_port;
	u32 netns;
	u8 protocol;
	u8 family;
	u8 zero[6];
} __aligned(8);

#define SP_WIRE_KEY_WORDS (sizeof(struct sp_wire_key) / sizeof(u64))
static_assert(sizeof(struct sp_wire_key) == 48);

static inline bool sp_words_equal(const void *a, const void *b, size_t words)
{
	const u64 *x = a, *y = b;
	u64 diff = 0;
	size_t i;

	for (i = 0; i < words; i++)
		diff |= x[i] ^ y[i];
	return !diff;
}

static inline bool sp_flow_key_equal(const struct sp_flow_key *a,
				     const struct sp_flow_key *b)
{
	return sp_words_equal(a, b, SP_FLOW_KEY_WORDS);
}

static inline bool sp_wire_key_equal(const struct sp_wire_key *a,
				     const struct sp_wire_key *b)
{
	return sp_words_equal(a, b, SP_WIRE_KEY_WORDS);
}

#endif
