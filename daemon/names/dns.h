/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNS messages, as far as names of addresses are in them. Pure; the bytes are
 * anybody's. The walk through the records is glibc's (arpa/nameser.h): bounded,
 * without allocations, and there anyway.
 *
 * Names are in lower case without the last dot, and such as rules can have
 * (policy/host.h). Of another name counts the end that a rule can have: one about that
 * domain is about it all the same.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SP_DNS_NAME		254	/* with its NUL */
#define SP_DNS_CHAIN		17	/* the name that was asked for, and 16 aliases */
#define SP_DNS_ADDRESSES	64
#define SP_DNS_TCP_PREFIX	2
#define SP_DNS_HEADER		12
#define SP_DNS_QUESTIONS	16	/* of one message of mDNS */

struct sp_dns_question {
	uint16_t id;
	uint16_t type, class;
	bool part;		/* the name is the end of one that no rule can have */
	char name[SP_DNS_NAME];
};

struct sp_dns_address {
	uint8_t address[16];	/* IPv4 as ::ffff:a.b.c.d */
	uint32_t ttl;		/* seconds, the shortest on the way to it */
	uint8_t names;		/* how many of the chain stand for it, from the first on */
};

/* What a reply says: addresses of the chain's names. */
struct sp_dns_reply {
	struct sp_dns_question question;
	size_t chain_count, count;
	char chain[SP_DNS_CHAIN][SP_DNS_NAME];	/* the first is the question's; "": none is left */
	bool parts[SP_DNS_CHAIN];
	bool incomplete;	/* it says more, or may: addresses, or what they are called */
	struct sp_dns_address addresses[SP_DNS_ADDRESSES];
};

/* An address, as a record of its own says it. */
struct sp_dns_record {
	char name[SP_DNS_NAME];
	uint16_t type;
	uint8_t address[16];
	uint32_t ttl;
};

/* What is said in the local network: nothing in it says what it answers. */
struct sp_dns_local_reply {
	uint16_t id;
	size_t count;
	struct sp_dns_record records[SP_DNS_ADDRESSES];
};

/* Does it begin as a query with one question does? */
bool sp_dns_is_query(const uint8_t *data, size_t length);
/* A query with one question; @data may be cut behind that. */
bool sp_dns_read_query(const uint8_t *data, size_t length,
		       struct sp_dns_question *question);
/*
 * A reply without an error, whose question can be read. A, AAAA, CNAME, and hints of HTTPS
 * and SVCB.
 */
bool sp_dns_read_reply(const uint8_t *data, size_t length, struct sp_dns_reply *reply);
/*
 * mDNS and LLMNR, whose classes have a bit that means something else. How many questions
 * @data, which may be cut, has for names that rules can have.
 */
size_t sp_dns_read_local_query(const uint8_t *data, size_t length,
			       struct sp_dns_question questions[SP_DNS_QUESTIONS]);
/* A and AAAA, those of the additional section too. */
bool sp_dns_read_local_reply(const uint8_t *data, size_t length,
			     struct sp_dns_local_reply *reply);
/* Adds the name to the chain, in the form of rules. There is room. */
void sp_dns_add_link(struct sp_dns_reply *reply, const char *name);
/* Is it the same question? */
bool sp_dns_same(const struct sp_dns_question *a, const struct sp_dns_question *b);
