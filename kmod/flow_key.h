/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What identifies a flow: by socket (cookie) and, for packets that come in and
 * have not met their socket yet, by wire tuple.
 */
#ifndef _SALLYPORT_FLOW_KEY_H
#define _SALLYPORT_FLOW_KEY_H

#include <linux/types.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/build_bug.h>

/*
 * Compared and hashed as words: no holes, and what is not used is zero. Without
 * a socket the cookie is the namespace's (SALLYPORT_COOKIE_NETNS).
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

/* A key as the words that are hashed and compared. */
struct sp_flow_words {
	u64 word[SP_FLOW_KEY_WORDS];
};

/* Two halves as they lie in memory, @first at the lower address. */
static __always_inline u64 sp_word(u32 first, u32 second)
{
#ifdef __LITTLE_ENDIAN
	return first | (u64)second << 32;
#else
	return (u64)first << 32 | second;
#endif
}

static __always_inline u32 sp_half(u16 first, u16 second)
{
#ifdef __LITTLE_ENDIAN
	return first | (u32)second << 16;
#else
	return (u32)first << 16 | second;
#endif
}

/* Protocol and family as the last word of a key. */
static __always_inline u64 sp_word_kind(u8 protocol, u8 family)
{
#ifdef __LITTLE_ENDIAN
	return protocol | (u64)family << 8;
#else
	return (u64)protocol << 56 | (u64)family << 48;
#endif
}

/* The same flow as packets show it; each network namespace has its own. */
struct sp_wire_key {
	struct in6_addr local;
	struct in6_addr remote;
	u64 netns;			/* its cookie, never used again */
	__be16 local_port;
	__be16 remote_port;
	u8 protocol;
	u8 family;
	u8 zero[2];
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

/* mDNS (RFC 6762), LLMNR (RFC 4795): whoever is in the network may answer. */
static inline bool sp_flow_key_is_local_dns(const struct sp_flow_key *key)
{
	return key->protocol == IPPROTO_UDP &&
	       (key->remote_port == htons(5353) || key->remote_port == htons(5355));
}

/* To where names are asked: each of its packets is looked at, so no cache has it. */
static inline bool sp_flow_key_is_dns(const struct sp_flow_key *key)
{
	return (key->remote_port == htons(53) &&
		(key->protocol == IPPROTO_UDP || key->protocol == IPPROTO_TCP)) ||
	       sp_flow_key_is_local_dns(key);
}

static inline bool sp_wire_key_equal(const struct sp_wire_key *a,
				     const struct sp_wire_key *b)
{
	return sp_words_equal(a, b, SP_WIRE_KEY_WORDS);
}

#endif
