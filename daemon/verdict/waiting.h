/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows that wait in the kernel, as its tags tell, and the packets of theirs
 * that we hold. Fixed in size; found by number, by tuple and by image. A flow
 * that was answered leaves its tuple behind for a while: packets may still come
 * out of a queue for it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "packet.h"
#include "pool.h"
#include "question_key.h"
#include "verdict.h"

#define SP_HELD_MAX	16	/* packets of one flow; the kernel holds 8 */
#define SP_ANSWERED_MAX	256	/* tuples remembered */

struct sp_renewed;

/* A packet in a queue, waiting for us to give it back. */
struct sp_held {
	uint16_t queue;
	uint32_t id;
	uint16_t place;		/* whose queue: see queue.h */
};

/* What is told of a flow that waits. Points into what it was read from. */
struct sp_tag {
	struct sallyport_pending pending;
	struct sallyport_image image;
	const char *path;
	const char *comm;
	uint16_t path_length;
	uint16_t comm_length;
};

TAILQ_HEAD(sp_waiting_order, sp_waiting_flow);
TAILQ_HEAD(sp_waiting_chain, sp_waiting_flow);
LIST_HEAD(sp_waiting_bucket, sp_waiting_flow);

struct sp_waiting_flow {
	struct sp_waiting info;
	struct sp_tuple tuple;
	uint32_t tagged;	/* packets that the tag speaks of */
	uint32_t round;		/* of the last listing that had it */
	bool judged;		/* on which list it is */
	bool asked;		/* reported as SP_REPORT_ASK */
	bool leads;		/* of those of its question, one does */
	bool picked;		/* for an answer under way; see answer.c */
	struct sp_question_key question;	/* of one that is asked about */
	uint64_t patience;	/* it waits for facts, until then (boottime); 0 */
	unsigned int held;
	struct sp_held packets[SP_HELD_MAX];
	TAILQ_ENTRY(sp_waiting_flow) order;
	LIST_ENTRY(sp_waiting_flow) by_id;
	TAILQ_ENTRY(sp_waiting_flow) by_tuple;	/* oldest first */
	struct sp_waiting_chain *chain;		/* its by_tuple */
	LIST_ENTRY(sp_waiting_flow) by_image;
};

struct sp_waiting_table {
	size_t count;
	size_t asked;				/* flows with ->asked */
	uint32_t round;
	struct sp_waiting_flow *flows;
	struct sp_pool pool;			/* of @flows */
	/* Every flow is on one of the two; the second waits for a person, or for facts. */
	struct sp_waiting_order unjudged, judged;
	size_t mask;
	struct sp_waiting_bucket *by_id, *by_image;
	struct sp_waiting_chain *by_tuple;
	size_t answered_next;
	struct sp_tuple answered[SP_ANSWERED_MAX];
};

bool sp_waiting_init(struct sp_waiting_table *table, size_t max);	/* false: no memory */
void sp_waiting_clear(struct sp_waiting_table *table);

/* NULL: full. The caller sees to it that the number is new. */
struct sp_waiting_flow *sp_waiting_add(struct sp_waiting_table *table,
				       const struct sp_tag *tag);
/* Packets must have been given back. */
void sp_waiting_remove(struct sp_waiting_table *table,
		       struct sp_waiting_flow *flow, bool answered);

struct sp_waiting_flow *sp_waiting_find(const struct sp_waiting_table *table,
					uint64_t pending);
/*
 * Whom a packet belongs to: the oldest flow with this tuple that has fewer
 * packets than its tag says, else the oldest. NULL: no such flow waits.
 */
struct sp_waiting_flow *sp_waiting_match(const struct sp_waiting_table *table,
					 const struct sp_tuple *tuple);
/* Was a flow with this tuple answered lately? */
bool sp_waiting_answered(const struct sp_waiting_table *table,
			 const struct sp_tuple *tuple);

/* Flows of one image, newest first; NULL ends. */
struct sp_waiting_flow *sp_waiting_image_first(const struct sp_waiting_table *table,
					       uint64_t image);
struct sp_waiting_flow *sp_waiting_image_next(const struct sp_waiting_flow *flow);

void sp_waiting_set_judged(struct sp_waiting_table *table,
			   struct sp_waiting_flow *flow);
void sp_waiting_set_asked(struct sp_waiting_table *table,
			  struct sp_waiting_flow *flow);
/* The one that leads @flow's question, which may be itself; NULL: it is not asked yet. */
struct sp_waiting_flow *sp_waiting_leader(const struct sp_waiting_table *table,
					  const struct sp_waiting_flow *flow);
/* How many of them were asked about: of one user; that came in. */
size_t sp_waiting_asked_of_user(const struct sp_waiting_table *table, uint32_t uid);
size_t sp_waiting_asked_inbound(const struct sp_waiting_table *table);
void sp_waiting_unjudge_all(struct sp_waiting_table *table);
/* Those that wait for facts. */
void sp_waiting_unjudge_needy(struct sp_waiting_table *table);
/* Those to these addresses. */
void sp_waiting_unjudge_renewed(struct sp_waiting_table *table,
				const struct sp_renewed *renewed);

/* False: holds as many as it can. */
bool sp_waiting_hold(struct sp_waiting_flow *flow, struct sp_held packet);
