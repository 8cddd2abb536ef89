/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What DNS teaches: queries go in, then replies; those that answer a query put
 * names into the table. The verdict thread's; nothing here waits or reads files.
 */
#pragma once

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
	size_t resolver_count;
	uint8_t resolvers[SP_RESOLVERS_MAX][16];
	struct sp_observer_counters counters;
	struct sp_dns_reply reply;	/* the one that is being read */
};

bool sp_observer_init(struct sp_observer *observer, sp_names_changed_fn changed,
		      void *arg);	/* false: no memory */
void sp_observer_clear(struct sp_observer *observer);
/* The machine's; from now on. @count of 16 bytes; what is beyond the limit is left out. */
void sp_observer_set_resolvers(struct sp_observer *observer,
			       const uint8_t (*addresses)[16], size_t count);

/*
 * Payloads as they were sent, by TCP with the prefix. The query's may be cut behind
 * its question; a reply counts only if it is whole. @boot: CLOCK_BOOTTIME in ns.
 */
void sp_observer_query(struct sp_observer *observer, const struct sallyport_flow *flow,
		       const uint8_t *payload, size_t length, uint64_t boot);
void sp_observer_reply(struct sp_observer *observer, const struct sp_exchange *exchange,
		       const uint8_t *payload, size_t length, uint64_t boot);
