/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What DNS teaches, and mDNS and LLMNR: queries go in, then replies; those that answer a query put
 * names into the table. The verdict thread's; nothing here waits or reads files.
 */
#pragma once

#include "local.h"
#include "losses.h"
#include "names.h"
#include "streams.h"

#define SP_RESOLVERS_MAX 16

struct sp_observer_counters {
	uint64_t answers;	/* replies that named something */
	uint64_t unasked;	/* nobody asked for: forged, late, or the query was not told */
	uint64_t unreadable;
};

struct sp_observer {
	struct sp_queries *queries;
	struct sp_streams *streams;
	struct sp_names *names;
	struct sp_losses losses;
	uint64_t early;		/* boottime ns; until then queries from before may be answered */
	size_t resolver_count;
	uint8_t resolvers[SP_RESOLVERS_MAX][16];
	struct sp_observer_counters counters;
	struct sp_local local;
	struct sp_dns_reply reply;	/* the one that is being read */
	struct sp_dns_local_reply local_reply;	/* likewise */
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
 * What leaves. A datagram's payload, which may be cut behind its question; or with @stream
 * what the kernel told of a segment. Neither: more of this user's were sent than is told.
 * @boot: CLOCK_BOOTTIME in ns.
 */
void sp_observer_query(struct sp_observer *observer, const struct sallyport_flow *flow,
		       const uint8_t *payload, size_t length,
		       const struct sallyport_stream *stream, uint64_t boot);
/* A datagram that came; if it is cut it says that something was missed. */
void sp_observer_reply(struct sp_observer *observer, const struct sp_exchange *exchange,
		       const uint8_t *payload, size_t length, uint64_t boot);
/* A segment that came. */
void sp_observer_segment(struct sp_observer *observer, const struct sp_exchange *exchange,
			 const struct sp_segment *segment, uint64_t boot);

/* What the machine's own resolver says that it has told somebody. */
void sp_observer_told(struct sp_observer *observer, const struct sp_dns_reply *reply,
		      uint64_t boot);

/* Could @address have a name? Not if it is no host's, or a resolver's: those are known otherwise. */
bool sp_observer_concerns(const struct sp_observer *observer, const uint8_t address[16]);
/*
 * Could @address have a name that a program of @uid was told, and we were not? The rest as
 * sp_losses_find().
 */
bool sp_observer_missed(const struct sp_observer *observer, uint32_t uid,
			const uint8_t address[16], uint64_t opened, uint64_t boot,
			uint64_t *until);
