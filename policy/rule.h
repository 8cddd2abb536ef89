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
} __attribute__((packed));

enum sp_direction {
	SP_OUT,
	SP_IN,
} __attribute__((packed));

#define SP_SYSTEM		UINT32_MAX	/* owner: the machine, not a user */
#define SP_ANY_USER		UINT32_MAX
#define SP_ANY_PROTOCOL		(-1)

/* Limits of one rule, kept by parser, store and bus alike. */
#define SP_RULE_PATH_MAX	4095
#define SP_RULE_NOTE_MAX	1000
#define SP_RULE_NAME_MAX	255	/* package, app, unit, network, session */
#define SP_RULE_HOST_MAX	253	/* a host, a domain */
#define SP_RULE_LIST_MAX	63	/* name of a list */

struct sp_ports {
	uint16_t first, last;	/* 0, 65535: any */
};

struct sp_prefix {
	uint8_t address[16];	/* bits behind the length are zero */
	uint8_t length;
};

/* What the other end is compared with. Classes are told apart by address. */
enum sp_remote {
	SP_REMOTE_PREFIX,	/* remote; of length 0: any */
	SP_REMOTE_RANGE,	/* remote.address (a whole one) to remote_last */
	SP_REMOTE_HOST,		/* remote_name */
	SP_REMOTE_DOMAIN,	/* remote_name and every name beneath it */
	SP_REMOTE_LIST,		/* the list called remote_name */
	SP_REMOTE_RESOLVER,	/* the name servers that this machine is set up with */
	SP_REMOTE_LOOPBACK,	/* 127.0.0.0/8, ::1 */
	SP_REMOTE_LAN,		/* link-local, and the networks that this machine is in */
	SP_REMOTE_MULTICAST,	/* 224.0.0.0/4, ff00::/8, 255.255.255.255 */
	SP_REMOTE_INTERNET,	/* neither loopback, lan nor multicast */
} __attribute__((packed));

enum sp_traced {
	SP_TRACED_ANY,
	SP_TRACED_YES,
	SP_TRACED_NO,
} __attribute__((packed));

/* What a rule ends with, beside its time. */
enum sp_bound {
	SP_BOUND_NONE,
	SP_BOUND_BOOT,		/* this start of the machine */
	SP_BOUND_SESSION,	/* a person's session, by logind's name for it */
	SP_BOUND_PROGRAM,	/* the process or the cgroup that it is about */
} __attribute__((packed));

struct sp_list;

/* There may be 100,000 of them, each twice: what is small lies together. */
struct sp_rule {
	uint64_t id;		/* given by the store, greater than all before; 0: none yet */
	uint32_t owner;		/* uid, or SP_SYSTEM; a user's rule matches only his flows */
	bool floor;		/* system rules only */
	bool enabled;
	bool log;		/* each decision by it is logged */
	enum sp_action action;
	enum sp_direction direction;

	bool program_glob;	/* in it '*' stands for any part of a name */
	enum sp_traced traced;
	enum sp_remote remote_kind;
	int protocol;		/* IPPROTO_*; SP_ANY_PROTOCOL */
	char *program;		/* path of the executed file; NULL: any */
	char *hash;		/* SHA-256 of the file, 64 lower-case digits; NULL: any */
	char *package;		/* that it belongs to; NULL: any */
	char *app;		/* "flatpak:ID", "snap:NAME"; NULL: any */
	char *unit;		/* systemd's, with its suffix; NULL: any */
	char *script;		/* path of what an interpreter runs; NULL: any */
	char *parent;		/* path of a program among its ancestors; NULL: any */
	uint64_t process;	/* an instance, or a descendant of the same image; 0: any */
	uint64_t cgroup;	/* its id; 0: any */
	uint32_t user;		/* the flow's user; SP_ANY_USER */
	struct sp_ports remote_port;	/* matches only protocols that have ports */
	struct sp_ports local_port;
	struct sp_prefix remote;	/* never IPv4 and IPv6 both, but for any */
	uint8_t remote_last[16];
	enum sp_bound bound;
	bool unconfirmed;	/* an allow that counts as ask until it is confirmed (the store) */
	uint32_t maker;		/* uid of who made it */
	char *remote_name;	/* lower case; of host, domain, list */
	const struct sp_list *list;	/* in a snapshot: what the name means; else NULL */
	char *interface;	/* name of the device; NULL: any */
	char *network;		/* where the machine is ("home"); NULL: any */

	char *boot;		/* if bound: boot id, 32 lower-case digits; else NULL */
	char *session;		/* if bound to one; else NULL */
	int64_t expires;	/* ns of CLOCK_REALTIME; 0: never */
	int64_t created;	/* ns of CLOCK_REALTIME */
	char *note;		/* NULL: none */
};

/* All fields any, enabled, action ask, outbound, owner system. */
void sp_rule_init(struct sp_rule *rule);
void sp_rule_clear(struct sp_rule *rule);	/* frees what it holds */
bool sp_rule_copy(struct sp_rule *to, const struct sp_rule *from);	/* false: no memory */

/*
 * Is it a rule that can be? Ranges, limits, valid UTF-8 without control
 * characters, absolute paths without empty parts, "." or "..", floor
 * only for system rules, a user's rule about no other user, ports only with a
 * protocol that has them or any, a process or cgroup only with an end that
 * comes before they mean something else. NULL if so, else what is wrong, in
 * words.
 */
const char *sp_rule_check(const struct sp_rule *rule);

/*
 * Do both say the same about the same flows? Everything but ids, notes, logging,
 * ends and makers is compared: the action, owner, floor and enabled as well.
 */
bool sp_rule_same_match(const struct sp_rule *a, const struct sp_rule *b);
