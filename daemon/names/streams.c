/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fixed array, as of queries. Only messages that are not whole have memory of their own. */
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>
#include "names.h"
#include "pool.h"
#include "streams.h"

#define BUCKETS	1024u
#define PREFIX	2u

/* What came before its turn: bytes that follow each other. */
struct early {
	uint32_t sequence, length;
	uint8_t *bytes;			/* NULL: nothing did */
};

/* One direction, and the message that is being read. */
struct side {
	uint32_t next;			/* sequence number of the byte that is to come */
	uint32_t length, have;		/* of the message, behind its prefix */
	uint32_t kept, room;		/* in @bytes */
	uint8_t prefix[PREFIX];
	uint8_t prefixed;		/* bytes of the prefix that are there */
	uint8_t *bytes;			/* NULL: none is kept */
	struct early early;
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
	size_t early;			/* sides to which something came before its turn */
	TAILQ_HEAD(, stream) open;	/* the one that was idle longest first */
	LIST_HEAD(, stream) buckets[BUCKETS];
	struct sp_pool pool;		/* of @all */
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
	sp_pool_init(&streams->pool, streams->all, sizeof(streams->all[0]), SP_STREAMS_MAX);
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

static void drop_early(struct sp_streams *streams, struct side *side)
{
	if (!side->early.bytes)
		return;
	streams->bytes -= side->early.length;
	streams->early--;
	free(side->early.bytes);
	side->early = (struct early){ .bytes = NULL };
}

/* None of it is read any more. */
static void leave(struct sp_streams *streams, struct stream *stream, enum state state)
{
	drop_message(streams, &stream->query);
	drop_message(streams, &stream->reply);
	drop_early(streams, &stream->query);
	drop_early(streams, &stream->reply);
	stream->state = state;
}

static bool has_gap(const struct stream *stream)
{
	return stream->query.early.bytes || stream->reply.early.bytes;
}

static void forget(struct sp_streams *streams, struct stream *stream)
{
	leave(streams, stream, LOST);
	LIST_REMOVE(stream, chain);
	TAILQ_REMOVE(&streams->open, stream, order);
	sp_pool_give(&streams->pool, stream);
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

/* Is an answer to come, or missing? Not to what was asked long ago. */
static bool is_busy(const struct stream *stream, uint64_t boot)
{
	if (has_gap(stream))
		return true;
	return stream->state == FOLLOWED && boot - stream->seen <= SP_QUERIES_LIFE &&
	       (stream->asked != stream->answered || stream->query.prefixed);
}

/* True: an answer was to come on it. */
static bool push_out(struct sp_streams *streams, struct stream *stream, uint64_t boot,
		     uint32_t *pushed)
{
	bool busy = is_busy(stream, boot);

	*pushed = stream->uid;
	forget(streams, stream);
	return busy;
}

/* One more of the user: his longest idle goes if he has his share, else the longest idle. */
static bool make_room(struct sp_streams *streams, uint32_t uid, uint64_t boot,
		      uint32_t *pushed)
{
	struct stream *stream, *oldest = NULL;
	size_t count = 0;

	TAILQ_FOREACH(stream, &streams->open, order) {
		if (stream->uid != uid)
			continue;
		oldest = oldest ? oldest : stream;
		count++;
	}
	if (count < SP_STREAMS_USER) {
		if (sp_pool_has_room(&streams->pool))
			return false;
		oldest = TAILQ_FIRST(&streams->open);
	}
	return push_out(streams, oldest, boot, pushed);
}

size_t sp_streams_begin(struct sp_streams *streams, const struct sp_exchange *exchange,
			uint32_t uid, uint32_t sequence, uint64_t boot,
			uint32_t pushed[SP_STREAMS_PUSHED])
{
	struct stream *stream = find(streams, exchange);
	size_t count = 0;

	/* what asks anew on it hears no more of what was asked before, unless it has already */
	if (stream && has_gap(stream))
		count += push_out(streams, stream, boot, &pushed[count]);
	else if (stream)
		forget(streams, stream);
	count += make_room(streams, uid, boot, &pushed[count]);
	stream = sp_pool_take(&streams->pool);	/* there is one: room was made */
	memset(stream, 0, sizeof(*stream));
	stream->exchange = *exchange;
	stream->uid = uid;
	stream->seen = boot;
	stream->query.next = sequence;
	TAILQ_INSERT_TAIL(&streams->open, stream, order);
	LIST_INSERT_HEAD(&streams->buckets[bucket_of(streams, exchange)], stream, chain);
	return count;
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
			bytes += (size_t)stream->query.room + stream->reply.room +
				 stream->query.early.length + stream->reply.early.length;
	return bytes;
}

static bool has_room(const struct reading *reading, size_t length)
{
	return reading->streams->bytes + length <= SP_STREAMS_BYTES &&
	       bytes_of(reading->streams, reading->stream->uid) + length <=
	       SP_STREAMS_USER_BYTES;
}

/* Memory for the message whose length is known. */
static bool begin_message(struct reading *reading)
{
	struct sp_streams *streams = reading->streams;
	struct side *side = reading->side;
	uint32_t room = side->length;

	if (reading->queries && room > SP_STREAMS_QUERY)
		room = SP_STREAMS_QUERY;
	if (!has_room(reading, room))
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

/* False: there is no room for what is not whole. */
static bool read_bytes(struct reading *reading, const uint8_t *data, size_t left)
{
	struct side *side = reading->side;
	size_t used;

	for (; left; data += used, left -= used) {
		used = 1;
		if (is_alien(reading, data, left)) {
			leave(reading->streams, reading->stream, ALIEN);
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
		leave(reading->streams, reading->stream, ALIEN);
	return true;
}

/* False: there is no room for it, or one more gap before it, or it was cut. */
static bool keep_early(struct reading *reading, const struct sp_segment *segment)
{
	struct sp_streams *streams = reading->streams;
	struct early *early = &reading->side->early;
	uint32_t first = early->bytes ? early->sequence : segment->sequence;
	size_t at = segment->sequence - first, end = at + segment->length;
	uint8_t *bytes;

	if (segment->have < segment->length || at > early->length)
		return false;
	if (end <= early->length)
		return true;
	if (!has_room(reading, end - early->length))
		return false;
	bytes = realloc(early->bytes, end);
	if (!bytes)
		return false;
	memcpy(bytes + early->length, segment->data + (early->length - at), end - early->length);
	streams->bytes += end - early->length;
	streams->early += !early->bytes;
	*early = (struct early){ .sequence = first, .length = (uint32_t)end, .bytes = bytes };
	return true;
}

/* From where the side is on; what was there before comes again and is passed over. */
static bool read_from(struct reading *reading, const struct sp_segment *segment)
{
	size_t skip = reading->side->next - segment->sequence;

	if (skip >= segment->length)
		return true;
	if (skip > segment->have)
		return false;
	reading->side->next = segment->sequence + segment->length;
	return read_bytes(reading, segment->data + skip, segment->have - skip) &&
	       segment->have == segment->length;
}

/* What came before its turn, if that has come. */
static bool read_early(struct reading *reading)
{
	struct early *early = &reading->side->early;
	struct sp_segment segment = {
		.sequence = early->sequence, .length = early->length, .data = early->bytes,
		.have = early->length,
	};
	bool read;

	if (!early->bytes || early->sequence - reading->side->next - 1 < SP_STREAMS_AHEAD)
		return true;
	/* it has room of its own no more, so that its messages can have it */
	reading->streams->bytes -= early->length;
	reading->streams->early--;
	*early = (struct early){ .bytes = NULL };
	read = read_from(reading, &segment);
	free((void *)segment.data);
	return read;
}

/* What is far ahead, the receiver does not take either. False: something is missing. */
static bool read_segment(struct reading *reading, const struct sp_segment *segment)
{
	uint32_t ahead = segment->sequence - reading->side->next;

	if (ahead && ahead <= INT32_MAX)
		return ahead > SP_STREAMS_AHEAD || keep_early(reading, segment);
	return read_from(reading, segment) && read_early(reading);
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
	leave(streams, stream, LOST);
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

bool sp_streams_has_gap(const struct sp_streams *streams, uint32_t uid)
{
	const struct stream *stream;

	if (!streams->early)
		return false;
	TAILQ_FOREACH(stream, &streams->open, order)
		if (has_gap(stream) && (stream->uid == uid || sp_names_are_for_all(stream->uid)))
			return true;
	return false;
}
