/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names, for decisions: what DNS taught, as a fact about a flow, and what is
 * decided again when it changes. A name is a fact from when it is in the table;
 * the reply that brought it goes to its program when all that hangs on the
 * address has been decided again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cover.h"
#include "dependents.h"
#include "observer.h"
#include "verdict.h"

#define SP_RENEWED_MAX 64
#define SP_LISTS_EVERY 500000000ull	/* ns, at most: all open flows are listed */

struct sp_engine;
struct sp_query;
struct sp_queued;

/* Addresses whose names have changed and on which something hangs. */
struct sp_renewed {
	bool all;		/* more than there is room for */
	size_t count;
	uint8_t list[SP_RENEWED_MAX][16];
};

struct sp_learned {
	bool observes;		/* else names have failed */
	struct sp_observer observer;
	struct sp_dependents dependents;
	struct sp_renewed renewed;
	struct sp_renewed unlisted;	/* likewise, whose open flows are still to be judged */
	uint64_t listed;		/* boottime ns: when that was done last */
	bool changed;		/* some name, of whatever */
};

bool sp_learned_init(struct sp_learned *learned);	/* false: no memory */
void sp_learned_clear(struct sp_learned *learned);

/* What an open flow has, whatever has become known since. */
struct sp_opened {
	const char *name;	/* by which it was allowed, or NULL */
	uint64_t when;		/* boottime ns */
};

/*
 * The fact, with its names in @list, which must outlive it. @opened: NULL, it is a new
 * flow. Where the address has no name that is sure, and may have one that was not seen,
 * the fact has failed until the look-ups that were lost are no matter any more.
 */
void sp_learned_fill(const struct sp_learned *learned, const struct sp_flow *flow,
		     const struct sp_now *now, const struct sp_opened *opened,
		     struct sp_name_list *list, struct sp_facts *facts);
/* Something was decided about the flow. */
void sp_learned_depend(struct sp_learned *learned, const struct sp_flow *flow,
		       const struct sp_decision *decision);
/* The name that is shown. */
void sp_learned_show(const struct sp_learned *learned, const struct sallyport_flow *flow,
		     const struct sp_now *now, struct sp_host *host);
bool sp_renewed_have(const struct sp_renewed *renewed, const uint8_t address[16]);
bool sp_renewed_any(const struct sp_renewed *renewed);
void sp_renewed_merge(struct sp_renewed *renewed, const struct sp_renewed *more);

void sp_learn_query(struct sp_engine *engine, const struct sp_query *query);
/* A reply as it came out of its queue. */
void sp_learn_reply(struct sp_engine *engine, const struct sp_queued *packet);
/* The machine's resolver told somebody this; NULL: something that could not be read. */
void sp_learn_told(struct sp_engine *engine, const struct sp_dns_reply *reply);
/* Something of DNS passed unseen: @when, boottime in ns; 0: it did not. */
void sp_learn_missed(struct sp_engine *engine, uint64_t when);
void sp_learn_missed_now(struct sp_engine *engine);
/*
 * What hangs on names that have changed, or could not be known, is decided again; open
 * flows once in SP_LISTS_EVERY, so that nobody has all of them listed for each of his names.
 */
void sp_learn_settle(struct sp_engine *engine);
/* When open flows are to be judged (boottime); 0: none are. Then by sp_learn_list(). */
uint64_t sp_learn_lists_at(const struct sp_learned *learned);
void sp_learn_list(struct sp_engine *engine);
