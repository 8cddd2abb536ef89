/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNS over TCP: messages, each behind its length, out of segments that may begin and end
 * anywhere. A connection is followed from its SYN on, each side in the order of its
 * sequence numbers. What can't be followed says so, then and whenever more of it comes:
 * where the beginning was not seen, bytes are missing, or there is no room. What comes before
 * its turn is kept, as far as it is one stretch, until what is before it has come: its
 * receiver can't read it earlier either. No message is
 * ever looked for in the middle of another: its sender may have chosen what is there.
 * What does not begin with a query is something else than DNS: all of it is passed over.
 *
 * Bounded: SP_STREAMS_MAX connections, SP_STREAMS_USER of a user, who loses his own oldest;
 * SP_STREAMS_BYTES of messages that are not whole yet and of what came before its turn,
 * SP_STREAMS_USER_BYTES of a user.
 */
#pragma once

#include "queries.h"

#define SP_STREAMS_MAX		2048
#define SP_STREAMS_USER		512
#define SP_STREAMS_BYTES	(1024 * 1024)
#define SP_STREAMS_USER_BYTES	(256 * 1024)
#define SP_STREAMS_QUERY	512	/* bytes of one that are kept: its question's and more */
#define SP_STREAMS_PUSHED	2
#define SP_STREAMS_AHEAD	(1 << 20)	/* further on nothing of the connection is */

struct sp_segment {
	uint32_t sequence, length;	/* of the payload */
	const uint8_t *data;		/* @have bytes of it, the first */
	size_t have;
};

enum sp_stream_state {
	SP_STREAM_UNKNOWN,	/* of which nothing is known */
	SP_STREAM_FOLLOWED,
	SP_STREAM_LOST,		/* can't be followed, now or any more */
};

struct sp_streams;

/* A message without its prefix; of a query what is kept. */
typedef void (*sp_streams_fn)(const uint8_t *message, size_t length, void *arg);

struct sp_streams *sp_streams_new(void);	/* NULL: no memory */
void sp_streams_free(struct sp_streams *streams);	/* NULL is fine */
/*
 * A connection of @uid begins; its first byte will be @sequence. So many others, of the
 * users @pushed, on which an answer was to come, had to go.
 */
size_t sp_streams_begin(struct sp_streams *streams, const struct sp_exchange *exchange,
			uint32_t uid, uint32_t sequence, uint64_t boot,
			uint32_t pushed[SP_STREAMS_PUSHED]);
/*
 * What the program sends. @acknowledged: where the server's side begins, if this is the
 * first that is sent.
 */
enum sp_stream_state sp_streams_query(struct sp_streams *streams,
				      const struct sp_exchange *exchange,
				      const struct sp_segment *segment,
				      uint32_t acknowledged, uint64_t boot,
				      sp_streams_fn take, void *arg);
/* What the server sends. *@uid: whose connection it is, if it is known. */
enum sp_stream_state sp_streams_reply(struct sp_streams *streams,
				      const struct sp_exchange *exchange,
				      const struct sp_segment *segment, uint64_t boot,
				      uint32_t *uid, sp_streams_fn take, void *arg);
/* Is it known to be something else than DNS? */
bool sp_streams_is_alien(struct sp_streams *streams, const struct sp_exchange *exchange);
/* Is something missing, for which what follows waits, of a connection whose names are @uid's? */
bool sp_streams_has_gap(const struct sp_streams *streams, uint32_t uid);
/* That are kept. */
size_t sp_streams_bytes(const struct sp_streams *streams);
