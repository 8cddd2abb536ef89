/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule: what somebody decided about a class of flows. Plain data, no GLib.
 *
 * Every field either has a value or is "any"; a rule with all fields any
 * matches every flow of its direction. Addresses are 16 bytes in network byte
 * order, IPv4 as ::ffff:a.b.c.d, so prefix lengths count from 0 (any) to 128;
 * ports are in host byte order.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The first three have the values of enum sallyport_action. */
enum sp_action {
	SP_ALLOW = 1,
	SP_DENY = 2,	/* refuse: the program is told at once */
	SP_DROP = 3,	/* silently */
	SP_ASK = 4,
};

enum sp_direction {
	SP_OUT,
	SP_IN,
};

#define SP_SYSTEM		UINT32_MAX	/* owner: the machine, not a user */
#define SP_ANY_USER		UINT32_MAX
#define SP_ANY_PROTOCOL		(-1)

/* Limits of one rule, kept by parser, store and bus alike. */
#define SP_RULE_PATH_MAX	4095
#define SP_RULE_NOTE_MAX	1000

struct sp_ports {
	uint16_t first, last;	/* 0, 65535: any */
};

struct sp_prefix {
	uint8_t address[16];	/* bits behind the length are zero */
	uint8_t length;
};

struct sp_rule {
	uint64_t id;		/* given by the store, greater than all before; 0: none yet */
	uint32_t owner;		/* uid, or SP_SYSTEM; a user's rule matches only his flows */
	bool floor;		/* system rules only */
	bool enabled;
	enum sp_action action;

	enum sp_direction direction;
	char *program;		/* path of the executed file; NULL: any */
	uint32_t user;		/* the flow's user; SP_ANY_USER */
	int protocol;		/* IPPROTO_*; SP_ANY_PROTOCOL */
	struct sp_prefix remote;	/* never IPv4 and IPv6 both, but for any */
	struct sp_ports remote_port;	/* matches only protocols that have ports */
	struct sp_ports local_port;
	char *interface;	/* name of the device; NULL: any */

	int64_t expires;	/* ns of CLOCK_REALTIME; 0: never */
	int64_t created;	/* ns of CLOCK_REALTIME */
	uint32_t maker;		/* uid of who made it */
	char *note;		/* NULL: none */
	bool unconfirmed;	/* an allow that counts as ask until it is confirmed (the store) */
};

/* All fields any, enabled, action ask, outbound, owner system. */
void sp_rule_init(struct sp_rule *rule);
void sp_rule_clear(struct sp_rule *rule);	/* frees what it holds */
bool sp_rule_copy(struct sp_rule *to, const struct sp_rule *from);	/* false: no memory */

/*
 * Is it a rule that can be? Ranges, limits, valid UTF-8 without control
 * characters, absolute program path without empty parts, "." or "..", floor
 * only for system rules, a user's rule about no other user, ports only with a
 * protocol that has them or any. NULL if so, else what is wrong, in words.
 */
const char *sp_rule_check(const struct sp_rule *rule);

/*
 * Do both say the same about the same flows? Everything but ids, notes, dates
 * (of end, too) and makers is compared: the action, owner, floor and enabled
 * as well.
 */
bool sp_rule_same_match(const struct sp_rule *a, const struct sp_rule *b);
