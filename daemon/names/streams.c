/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fixed array, as of queries. Only messages that are not whole have memory of their own. */
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>
#include "streams.h"

#define BUCKETS	1024u
#define PREFIX	2u

/* One direction, and the message that is being read. */
struct side {
	uint32_t next;			/* sequence number of the byte that is to come */
	uint32_t length, have;		/* of the message, behind its prefix */
	uint32_t kept, room;		/* in @bytes */
	uint8_t prefix[PREFIX];
	uint8_t prefixed;		/* bytes of the prefix that are there */
	uint8_t *bytes;			/* NULL: none is kept */
};

enum state {
	BEGUN,		/* nothing was asked yet: the server's side begins somewhere */
	FOLLOWED,
	ALIEN,		/* it does not begin with a query */
	LOST,
};

struct stream {
	TAILQ_ENTRY(stream) order;
	LIST_ENTRY(stream) chain;
	struct sp_exchange exchange;
	uint64_t seen;
	uint32_t uid;
	uint32_t asked, answered;	/* messages */
	enum state state;
	struct side query, reply;
};

struct sp_streams {
	uint64_t seed;
	size_t bytes;
	TAILQ_HEAD(, stream) open;	/* the one that was idle longest first */
	TAILQ_HEAD(, stream) spare;
	LIST_HEAD(, stream) buckets[BUCKETS];
	/* The first @begun have been used; the others are untouched, and so no memory yet. */
	size_t begun;
	struct stream all[SP_STREAMS_MAX];
};

struct sp_streams *sp_streams_new(void)
{
	struct sp_streams *streams = calloc(1, sizeof(*streams));

	if (!streams)
		return NULL;
	if (getrandom(&streams->seed, sizeof(streams->seed), GRND_NONBLOCK) < 0)
		streams->seed = (uintptr_t)streams;
	TAILQ_INIT(&streams->open);
	TAILQ_INIT(&streams->spare);
	return streams;
}

size_t sp_streams_bytes(const struct sp_streams *streams)
{
	return streams->bytes;
}

static uint32_t bucket_of(const struct sp_streams *streams,
			  const struct sp_exchange *exchange)
{
	uint64_t sum = streams->seed ^ (uint64_t)exchange->local_port << 16;

	sum *= 0xd6e8feb86659fd93u;
	return (uint32_t)(sum >> 32) % BUCKETS;
}

static struct stream *find(struct sp_streams *streams, const struct sp_exchange *exchange)
{
	struct stream *stream;

	LIST_FOREACH(stream, &streams->buckets[bucket_of(streams, exchange)], chain)
		if (sp_exchange_same(&stream->exchange, exchange))
			return stream;
	return NULL;
}

/* Of the message that is being read nothing is kept. */
static void drop_message(struct sp_streams *streams, struct side *side)
{
	streams->bytes -= side->bytes ? side->room : 0;
	free(side->bytes);
	side->bytes = NULL;
	side->length = side->have = side->kept = side->room = 0;
	side->prefixed = 0;
}

static void lose(struct sp_streams *streams, struct stream *stream)
{
	drop_message(streams, &stream->query);
	drop_message(streams, &stream->reply);
	stream->state = LOST;
}

static void forget(struct sp_streams *streams, struct stream *stream)
{
	lose(streams, stream);
	LIST_REMOVE(stream, chain);
	TAILQ_REMOVE(&streams->open, stream, order);
	TAILQ_INSERT_HEAD(&streams->spare, stream, order);
}

void sp_streams_free(struct sp_streams *streams)
{
	struct stream *stream;

	if (!streams)
		return;
	while ((stream = TAILQ_FIRST(&streams->open)))
		forget(streams, stream);
	free(streams);
}

/* Is an answer to come? Not to what was asked long ago. */
static bool is_busy(const struct stream *stream, uint64_t boot)
{
	return stream->state == FOLLOWED && boot - stream->seen <= SP_QUERIES_LIFE &&
	       (stream->asked != stream->answered || stream->query.prefixed);
}

/* One more of the user: his longest idle goes if he has his share, else the longest idle. */
static bool make_room(struct sp_streams *streams, uint32_t uid, uint64_t boot,
		      uint32_t *pushed)
{
	struct stream *stream, *oldest = NULL;
	size_t count = 0;
	bool busy;

	TAILQ_FOREACH(stream, &streams->open, order) {
		if (stream->uid != uid)
			continue;
		oldest = oldest ? oldest : stream;
		count++;
	}
	if (count < SP_STREAMS_USER) {
		if (!TAILQ_EMPTY(&streams->spare) || streams->begun < SP_STREAMS_MAX)
			return false;
		oldest = TAILQ_FIRST(&streams->open);
	}
	busy = is_busy(oldest, boot);
	*pushed = oldest->uid;
	forget(streams, oldest);
	return busy;
}

/* There is one: room was made. What was used before goes first. */
static struct stream *take_spare(struct sp_streams *streams)
{
	struct stream *stream = TAILQ_FIRST(&streams->spare);

	if (!stream)
		return &streams->all[streams->begun++];
	TAILQ_REMOVE(&streams->spare, stream, order);
	return stream;
}

bool sp_streams_begin(struct sp_streams *streams, const struct sp_exchange *exchange,
		      uint32_t uid, uint32_t sequence, uint64_t boot, uint32_t *pushed)
{
	struct stream *stream = find(streams, exchange);
	bool crowded;

	if (stream)
		forget(streams, stream);
	crowded = make_room(streams, uid, boot, pushed);
	stream = take_spare(streams);
	memset(stream, 0, sizeof(*stream));
	stream->exchange = *exchange;
	stream->uid = uid;
	stream->seen = boot;
	stream->query.next = sequence;
	TAILQ_INSERT_TAIL(&streams->open, stream, order);
	LIST_INSERT_HEAD(&streams->buckets[bucket_of(streams, exchange)], stream, chain);
	return crowded;
}

/* --- messages --------------------------------------------------------------------- */

/* What is being read, and who wants what is whole. */
struct reading {
	struct sp_streams *streams;
	struct stream *stream;
	struct side *side;
	bool queries;
	sp_streams_fn take;
	void *arg;
};

static size_t bytes_of(const struct sp_streams *streams, uint32_t uid)
{
	const struct stream *stream;
	size_t bytes = 0;

	TAILQ_FOREACH(stream, &streams->open, order)
		if (stream->uid == uid)
			bytes += (size_t)stream->query.room + stream->reply.room;
	return bytes;
}

/* Memory for the message whose length is known. */
static bool begin_message(struct reading *reading)
{
	struct sp_streams *streams = reading->streams;
	struct side *side = reading->side;
	uint32_t room = side->length;

	if (reading->queries && room > SP_STREAMS_QUERY)
		room = SP_STREAMS_QUERY;
	if (streams->bytes + room > SP_STREAMS_BYTES ||
	    bytes_of(streams, reading->stream->uid) + room > SP_STREAMS_USER_BYTES)
		return false;
	side->bytes = malloc(room);
	if (!side->bytes)
		return false;
	side->room = room;
	streams->bytes += room;
	return true;
}

static void count(struct reading *reading)
{
	if (reading->queries)
		reading->stream->asked++;
	else
		reading->stream->answered++;
}

/* One that is whole in its segment is not copied. */
static size_t take_whole(struct reading *reading, const uint8_t *data)
{
	struct side *side = reading->side;
	uint32_t length = side->length;

	drop_message(reading->streams, side);
	count(reading);
	reading->take(data, length, reading->arg);
	return length;
}

static size_t take_part(struct reading *reading, const uint8_t *data, size_t left)
{
	struct side *side = reading->side;
	size_t part = side->length - side->have, kept = side->room - side->kept;

	part = part < left ? part : left;
	kept = kept < part ? kept : part;
	memcpy(side->bytes + side->kept, data, kept);
	side->kept += (uint32_t)kept;
	side->have += (uint32_t)part;
	if (side->have == side->length) {
		count(reading);
		reading->take(side->bytes, side->kept, reading->arg);
		drop_message(reading->streams, side);
	}
	return part;
}

/* Once there is enough of the first message to say. */
static bool is_alien(const struct reading *reading, const uint8_t *data, size_t left)
{
	const struct side *side = reading->side;
	size_t wanted = side->length < SP_DNS_HEADER ? side->length : SP_DNS_HEADER;

	if (!reading->queries || reading->stream->asked || side->prefixed < PREFIX)
		return false;
	if (side->bytes)
		return side->kept >= wanted && !sp_dns_is_query(side->bytes, side->kept);
	return left >= side->length && !sp_dns_is_query(data, left);
}

static void pass_over(struct reading *reading)
{
	drop_message(reading->streams, &reading->stream->query);
	drop_message(reading->streams, &reading->stream->reply);
	reading->stream->state = ALIEN;
}

/* False: there is no room for what is not whole. */
static bool read_bytes(struct reading *reading, const uint8_t *data, size_t left)
{
	struct side *side = reading->side;
	size_t used;

	for (; left; data += used, left -= used) {
		used = 1;
		if (is_alien(reading, data, left)) {
			pass_over(reading);
			return true;
		}
		if (side->prefixed < PREFIX) {
			side->prefix[side->prefixed++] = *data;
			if (side->prefixed < PREFIX)
				continue;
			side->length = (uint32_t)side->prefix[0] << 8 | side->prefix[1];
			if (!side->length)
				drop_message(reading->streams, side);
		} else if (!side->bytes && left >= side->length) {
			used = take_whole(reading, data);
		} else if (side->bytes || begin_message(reading)) {
			used = take_part(reading, data, left);
		} else {
			return false;
		}
	}
	if (is_alien(reading, data, 0))
		pass_over(reading);
	return true;
}

/*
 * What was there before comes again and is passed over; what is far ahead, the receiver
 * does not take either. False: something is missing.
 */
static bool read_segment(struct reading *reading, const struct sp_segment *segment)
{
	uint32_t ahead = segment->sequence - reading->side->next;
	size_t skip = 0;

	if (ahead > INT32_MAX) {
		skip = (size_t)-ahead & UINT32_MAX;
		if (skip >= segment->length)
			return true;
	} else if (ahead) {
		return ahead > SP_STREAMS_AHEAD;
	}
	if (skip > segment->have)
		return false;
	reading->side->next = segment->sequence + segment->length;
	return read_bytes(reading, segment->data + skip, segment->have - skip) &&
	       segment->have == segment->length;
}

static enum sp_stream_state read_or_lose(struct reading *reading,
					 const struct sp_segment *segment, uint64_t boot)
{
	struct sp_streams *streams = reading->streams;
	struct stream *stream = reading->stream;

	stream->seen = boot;
	TAILQ_REMOVE(&streams->open, stream, order);
	TAILQ_INSERT_TAIL(&streams->open, stream, order);
	if (stream->state == ALIEN ||
	    (stream->state == FOLLOWED && read_segment(reading, segment)))
		return SP_STREAM_FOLLOWED;
	lose(streams, stream);
	return SP_STREAM_LOST;
}

enum sp_stream_state sp_streams_query(struct sp_streams *streams,
				      const struct sp_exchange *exchange,
				      const struct sp_segment *segment,
				      uint32_t acknowledged, uint64_t boot,
				      sp_streams_fn take, void *arg)
{
	struct stream *stream = find(streams, exchange);
	struct reading reading = {
		.streams = streams, .stream = stream, .queries = true, .take = take, .arg = arg,
	};

	if (!stream)
		return SP_STREAM_UNKNOWN;
	if (stream->state == BEGUN && segment->sequence == stream->query.next) {
		stream->reply.next = acknowledged;
		stream->state = FOLLOWED;
	}
	reading.side = &stream->query;
	return read_or_lose(&reading, segment, boot);
}

enum sp_stream_state sp_streams_reply(struct sp_streams *streams,
				      const struct sp_exchange *exchange,
				      const struct sp_segment *segment, uint64_t boot,
				      uint32_t *uid, sp_streams_fn take, void *arg)
{
	struct stream *stream = find(streams, exchange);
	struct reading reading = {
		.streams = streams, .stream = stream, .take = take, .arg = arg,
	};

	if (!stream)
		return SP_STREAM_UNKNOWN;
	*uid = stream->uid;
	/* what comes before anything was asked answers nothing, and is no place to begin */
	if (stream->state == BEGUN)
		return SP_STREAM_FOLLOWED;
	reading.side = &stream->reply;
	return read_or_lose(&reading, segment, boot);
}

bool sp_streams_is_alien(struct sp_streams *streams, const struct sp_exchange *exchange)
{
	const struct stream *stream = find(streams, exchange);

	return stream && stream->state == ALIEN;
}
