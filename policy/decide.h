/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy as it is at one moment, and what it says about a flow.
 *
 * A snapshot is immutable and reference-counted; it may be used by several
 * threads. Precedence:
 *
 *   Floor rules decide first; nothing overrides them. Among the rest the
 *   narrowest rule that matches decides: one rule is narrower than another if
 *   it is at least as narrow in every field and narrower in one. Where two
 *   overlap and neither is narrower, the stricter decides: drop, deny, ask,
 *   allow; where two say the same about the same, the newer.
 *
 * Then the default of the direction. Floor rules among themselves follow the
 * same order.
 *
 * In detail: of the rules that match, those remain that no other one hides, by
 * being narrower or, where both are about the same flows and of the same owner,
 * by being newer (its id is greater), whatever the actions. A rule that matches
 * for lack of a fact, or by a claim, hides nothing. The strictest of those that
 * remain decides; among equally strict ones the first in the order of fields
 * (enum sp_field_id: the narrower; then the newer) is named. A user's rule is
 * narrower in the field user than a system rule for anybody, and as narrow as a
 * system rule for him.
 */
#pragma once

#include <stddef.h>
#include "rule.h"

/* The flow, as the kernel tells it. */
struct sp_flow {
	uint64_t image;
	uint64_t process;
	uint64_t cgroup;
	uint32_t user;
	enum sp_direction direction;
	uint8_t protocol;
	uint8_t remote[16];
	uint16_t remote_port;	/* host byte order */
	uint16_t local_port;
	uint32_t ifindex;
};

/* A fact about a flow may not be known yet, or have failed for good. */
enum sp_fact_state {
	SP_FACT_PENDING,
	SP_FACT_KNOWN,
	/*
	 * Matches no allow, and every deny, drop and ask: in doubt, so that it
	 * hides no other rule.
	 */
	SP_FACT_FAILED,
	/*
	 * A program says so itself: for an allow it is not so; for a deny, drop or
	 * ask it is, in doubt likewise.
	 */
	SP_FACT_CLAIMED,
};

enum sp_fact {
	SP_FACT_PROGRAM = 1 << 0,
	SP_FACT_INTERFACE = 1 << 1,
	SP_FACT_HASH = 1 << 2,
	SP_FACT_PACKAGE = 1 << 3,
	SP_FACT_APP = 1 << 4,
	SP_FACT_UNIT = 1 << 5,
	SP_FACT_SCRIPT = 1 << 6,
	SP_FACT_PARENTS = 1 << 7,
	SP_FACT_TRACED = 1 << 8,
	SP_FACT_FAMILY = 1 << 9,
	SP_FACT_NAMES = 1 << 10,
	SP_FACT_PLACES = 1 << 11,
	SP_FACT_NETWORK = 1 << 12,
};
#define SP_FACT_ALL ((1u << 13) - 1)

struct sp_text_fact {
	enum sp_fact_state state;
	const char *text;	/* KNOWN: as rules write it; NULL: has none */
};

/*
 * What the daemon knows about a flow beside the flow itself. Each, with its state,
 * must be a function of the fields named, for that is what a decision says it looked at.
 */
struct sp_facts {
	/* Of the image. */
	struct sp_text_fact program;	/* the proven path */
	struct sp_text_fact hash, package;
	/* Of the cgroup. */
	struct sp_text_fact app, unit;	/* a user's own unit is "user:NAME" */
	/* Of the process. */
	struct sp_text_fact script;
	struct {			/* paths of its ancestors, nearest first */
		enum sp_fact_state state;
		const char *const *paths;
		size_t count;
	} parents;
	struct {
		enum sp_fact_state state;
		bool is;
	} traced;
	struct {			/* ancestors of the same image; it itself need not be there */
		enum sp_fact_state state;
		const uint64_t *processes;
		size_t count;
	} family;
	/*
	 * Of the image, the user and the remote address: its names, lower case, in
	 * no order; but the last @doubtful of them need not be its names: they
	 * match as if the fact had failed.
	 */
	struct {
		enum sp_fact_state state;
		const char *const *names;
		size_t count, doubtful;
		/* Of the state, too. ns of CLOCK_REALTIME; 0: until told otherwise */
		int64_t expires;
		uint32_t looked;	/* SP_LOOKED_*: what else they are of, here */
	} names;
	/* Of the interface. */
	struct sp_text_fact interface;	/* name of the device */
	struct sp_text_fact network;	/* that it leads to, as somebody named it */
	/* Of the machine: a change is a change of policy. */
	struct {
		enum sp_fact_state state;
		const struct sp_prefix *lan, *resolver;
		size_t lan_count, resolver_count;
	} places;
};

/* All failed: what is not filled in is not known. */
void sp_facts_init(struct sp_facts *facts);
/* Which of them are pending: enum sp_fact. */
unsigned sp_facts_pending(const struct sp_facts *facts);
/* Makes those of @which (enum sp_fact) fail that are pending. */
void sp_facts_give_up(struct sp_facts *facts, unsigned which);

/* Fields that a decision looked at; same values as SALLYPORT_MATCH_*. */
#define SP_LOOKED_PROCESS	0x01u
#define SP_LOOKED_CGROUP	0x02u
#define SP_LOOKED_PROTOCOL	0x04u
#define SP_LOOKED_REMOTE_PORT	0x08u
#define SP_LOOKED_LOCAL_PORT	0x10u
#define SP_LOOKED_INTERFACE	0x20u
/* The names of the remote address (then all of it was looked at); no SALLYPORT_MATCH. */
#define SP_LOOKED_NAMES		0x100u

/*
 * For every flow of the same subject (image, user, direction) that agrees with
 * this one in the fields looked at (and in the first remote_length bits of the
 * remote address), at every moment before @expires, under the same snapshot,
 * the decision is the same: names, lists and places unchanged.
 */
struct sp_decision {
	enum sp_action action;
	/*
	 * enum sp_fact: pending facts that could change the action. Not 0:
	 * nothing is decided yet, and the action is deny. A fact that is pending
	 * and not needed leaves the action the same whatever becomes of it.
	 */
	unsigned need;
	uint64_t rule;		/* 0: the default of the direction */
	unsigned looked;	/* SP_LOOKED_* */
	uint8_t remote_length;
	int64_t expires;	/* ns of CLOCK_REALTIME when this may change; 0: never */
};

struct sp_defaults {
	enum sp_action out, in;
};

struct sp_snapshot;

/* What a snapshot is made of. */
struct sp_source {
	const struct sp_rule *rules;	/* valid (sp_rule_check), with ids */
	size_t count;
	struct sp_defaults defaults;
	struct sp_list *const *lists;	/* by any order; a rule's list that is missing fails */
	size_t list_count;
	const char *boot;		/* this boot's id; rules bound to another are left out */
	uint64_t epoch;			/* numbers the snapshot */
	int64_t now;			/* rules that expired by then are left out */
};

/* Copies the rules, takes references to the lists. NULL: no memory. */
struct sp_snapshot *sp_snapshot_compile(const struct sp_source *source);
/* The same without lists; bound rules are left out. */
struct sp_snapshot *sp_snapshot_new(const struct sp_rule *rules, size_t count,
				    const struct sp_defaults *defaults,
				    uint64_t epoch, int64_t now);
struct sp_snapshot *sp_snapshot_ref(struct sp_snapshot *snapshot);
void sp_snapshot_unref(struct sp_snapshot *snapshot);	/* NULL is fine */

uint64_t sp_snapshot_epoch(const struct sp_snapshot *snapshot);
/* Its rules, by id. */
const struct sp_rule *sp_snapshot_rules(const struct sp_snapshot *snapshot);
size_t sp_snapshot_count(const struct sp_snapshot *snapshot);
/* The rule with this id, or NULL; valid as long as the snapshot. */
const struct sp_rule *sp_snapshot_rule(const struct sp_snapshot *snapshot,
				       uint64_t id);
/* The earliest moment at which one of its rules expires; 0: none does. */
int64_t sp_snapshot_expires(const struct sp_snapshot *snapshot);

/* @now in ns of CLOCK_REALTIME. Allocates nothing, never fails. */
void sp_decide(const struct sp_snapshot *snapshot, const struct sp_flow *flow,
	       const struct sp_facts *facts, int64_t now,
	       struct sp_decision *decision);

/*
 * The same from the three sentences directly, rule by rule, slow: the measure
 * for sp_decide(). Fills action, need and rule; no fields looked at.
 */
void sp_decide_plain(const struct sp_rule *rules, size_t count,
		     const struct sp_defaults *defaults,
		     const struct sp_flow *flow, const struct sp_facts *facts,
		     int64_t now, struct sp_decision *decision);
