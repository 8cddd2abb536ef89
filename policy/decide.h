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
 * by being newer (its id is greater), whatever the actions. The strictest of
 * these decides; among equally strict ones the first in the order of fields
 * (program, user, protocol, address, ports, interface: the narrower; then the
 * newer) is named. A user's rule is narrower in the field user than a system
 * rule for anybody, and as narrow as a system rule for him.
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
	SP_FACT_FAILED,		/* matches no allow, and every deny, drop and ask */
};

enum sp_fact {
	SP_FACT_PROGRAM = 1 << 0,
	SP_FACT_INTERFACE = 1 << 1,
};

/* What the daemon knows about a flow beside the flow itself. */
struct sp_facts {
	enum sp_fact_state program_state;
	const char *program;	/* KNOWN: the proven path; NULL: has none */
	enum sp_fact_state interface_state;
	const char *interface;	/* KNOWN: name of the device */
};

/* Fields that a decision looked at; same values as SALLYPORT_MATCH_*. */
#define SP_LOOKED_PROCESS	0x01u
#define SP_LOOKED_CGROUP	0x02u
#define SP_LOOKED_PROTOCOL	0x04u
#define SP_LOOKED_REMOTE_PORT	0x08u
#define SP_LOOKED_LOCAL_PORT	0x10u
#define SP_LOOKED_INTERFACE	0x20u

/*
 * For every flow of the same subject (image, user, direction) that agrees with
 * this one in the fields looked at (and in the first remote_length bits of the
 * remote address), at every moment before @expires, under the same snapshot,
 * the decision is the same.
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

/*
 * Compiles copies of @count rules, which must be valid (sp_rule_check) and
 * have ids; disabled ones and those that expired by @now are left out. NULL: no memory. @epoch numbers the snapshot.
 */
struct sp_snapshot *sp_snapshot_new(const struct sp_rule *rules, size_t count,
				    const struct sp_defaults *defaults,
				    uint64_t epoch, int64_t now);
struct sp_snapshot *sp_snapshot_ref(struct sp_snapshot *snapshot);
void sp_snapshot_unref(struct sp_snapshot *snapshot);	/* NULL is fine */

uint64_t sp_snapshot_epoch(const struct sp_snapshot *snapshot);
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
