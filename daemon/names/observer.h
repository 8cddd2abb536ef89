/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What DNS teaches: queries go in, then replies; those that answer a query put
 * names into the table. The verdict thread's; nothing here waits or reads files.
 */
#pragma once

#include "losses.h"
#include "names.h"

#define SP_RESOLVERS_MAX 16

struct sp_observer_counters {
	uint64_t answers;	/* replies that named something */
	uint64_t unasked;	/* nobody asked for: forged, late, or the query was not told */
	uint64_t unreadable;
};

struct sp_observer {
	struct sp_queries *queries;
	struct sp_names *names;
	struct sp_losses losses;
	uint64_t early;		/* boottime ns; until then queries from before may be answered */
	size_t resolver_count;
	uint8_t resolvers[SP_RESOLVERS_MAX][16];
	struct sp_observer_counters counters;
	struct sp_dns_reply reply;	/* the one that is being read */
};

bool sp_observer_init(struct sp_observer *observer, sp_names_changed_fn changed,
		      void *arg);	/* false: no memory */
void sp_observer_clear(struct sp_observer *observer);
/*
 * A reply that nobody is known to have asked for names something all the same from now
 * on, as long as a query lives: somebody may have, under an earlier daemon or none. Such a
 * name is not sure, and everybody's.
 */
void sp_observer_begin(struct sp_observer *observer, uint64_t boot);
/* The machine's; from now on. @count of 16 bytes; what is beyond the limit is left out. */
void sp_observer_set_resolvers(struct sp_observer *observer,
			       const uint8_t (*addresses)[16], size_t count);

/*
 * Payloads as they were sent, by TCP with the prefix. The query's may be cut behind
 * its question; a reply counts only if it is whole. @boot: CLOCK_BOOTTIME in ns.
 */
/* Without a payload: more of this user's were sent than is told. */
void sp_observer_query(struct sp_observer *observer, const struct sallyport_flow *flow,
		       const uint8_t *payload, size_t length, uint64_t boot);
void sp_observer_reply(struct sp_observer *observer, const struct sp_exchange *exchange,
		       const uint8_t *payload, size_t length, uint64_t boot);

/*
 * Could @address have a name that a program of @uid was told, and we were not? Not if it
 * is no host's, or a resolver's: those are known otherwise. The rest as sp_losses_find().
 */
bool sp_observer_missed(const struct sp_observer *observer, uint32_t uid,
			const uint8_t address[16], uint64_t opened, uint64_t boot,
			uint64_t *until);
