/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From queries and replies to names. */
#include <netinet/in.h>
#include <string.h>
#include "observer.h"

#define GAP_LOOK	1000000000ull	/* ns: by then a gap in a connection may be filled */

bool sp_observer_init(struct sp_observer *observer, sp_names_changed_fn changed,
		      void *arg)
{
	memset(observer, 0, sizeof(*observer));
	observer->queries = sp_queries_new();
	observer->streams = sp_streams_new();
	observer->names = sp_names_new(changed, arg);
	if (observer->queries && observer->streams && observer->names)
		return true;
	sp_observer_clear(observer);
	return false;
}

void sp_observer_clear(struct sp_observer *observer)
{
	sp_queries_free(observer->queries);
	sp_streams_free(observer->streams);
	sp_names_free(observer->names);
	observer->queries = NULL;
	observer->streams = NULL;
	observer->names = NULL;
}

void sp_observer_begin(struct sp_observer *observer, uint64_t boot)
{
	observer->early = boot + SP_QUERIES_LIFE;
}

void sp_observer_set_resolvers(struct sp_observer *observer,
			       const uint8_t (*addresses)[16], size_t count)
{
	if (count > SP_RESOLVERS_MAX)
		count = SP_RESOLVERS_MAX;
	observer->resolver_count = count;
	if (count)
		memcpy(observer->resolvers, addresses, count * sizeof(*addresses));
}

static bool is_resolver(const struct sp_observer *observer, const uint8_t address[16])
{
	size_t i;

	for (i = 0; i < observer->resolver_count; i++)
		if (!memcmp(observer->resolvers[i], address, 16))
			return true;
	return false;
}

/* What a program is told is no name of an address of everybody's. */
static bool is_nowhere(const uint8_t address[16])
{
	static const uint8_t none[16], none4[16] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(address, none, 16) || !memcmp(address, none4, 16);
}

/* Loopback, groups, all: no program looks for such a host. */
static bool is_no_host(const uint8_t address[16])
{
	static const uint8_t v4[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t loopback[16] = { [15] = 1 };

	if (!memcmp(address, v4, sizeof(v4)))
		return address[12] == 127 || address[12] >> 4 == 14 ||
		       !memcmp(address + 12, "\xff\xff\xff\xff", 4);
	return address[0] == 0xff || !memcmp(address, loopback, 16);
}

static void lose(struct sp_observer *observer, uint32_t uid, uint64_t boot)
{
	sp_losses_add(&observer->losses, uid, boot, boot);
}

/* An exchange that is going on. */
struct talk {
	struct sp_observer *observer;
	const struct sp_exchange *exchange;
	struct sp_asker asker;
	bool followed;		/* all that was asked is known */
	uint64_t boot;
};

static void take_query(const uint8_t *message, size_t length, void *arg)
{
	const struct talk *talk = arg;
	struct sp_dns_question question;
	uint32_t pushed;

	if (!sp_dns_read_query(message, length, &question))
		talk->observer->counters.unreadable++;
	else if (sp_queries_add(talk->observer->queries, talk->exchange, &question,
				&talk->asker, talk->boot, &pushed))
		lose(talk->observer, pushed, talk->boot);
}

/* Nobody relies on what the network at large says: none of it is ever lost. */
static void take_local_query(struct talk *talk, const uint8_t *payload, size_t length)
{
	struct sp_dns_question questions[SP_DNS_QUESTIONS];
	size_t count = sp_dns_read_local_query(payload, length, questions), i;

	for (i = 0; i < count; i++)
		sp_local_add(&talk->observer->local, talk->exchange, &questions[i], &talk->asker,
			     talk->boot);
	talk->observer->counters.unreadable += !count;
}

static void take_sent(struct talk *talk, const uint8_t *payload, size_t length,
		      const struct sallyport_stream *stream)
{
	const struct sp_segment segment = {
		.sequence = stream->sequence,
		.length = stream->length,
		.data = payload,
		/* with a SYN goes what the server may not take, and send again itself */
		.have = stream->begins ? 0 : length,
	};
	struct sp_streams *streams = talk->observer->streams;
	uint32_t pushed[SP_STREAMS_PUSHED];
	size_t count = 0;

	if (stream->begins)
		count = sp_streams_begin(streams, talk->exchange, talk->asker.uid,
					 stream->sequence, talk->boot, pushed);
	while (count)
		lose(talk->observer, pushed[--count], talk->boot);
	if (stream->length &&
	    sp_streams_query(streams, talk->exchange, &segment, stream->acknowledged,
			     talk->boot, take_query, talk) != SP_STREAM_FOLLOWED)
		lose(talk->observer, talk->asker.uid, talk->boot);
}

void sp_observer_query(struct sp_observer *observer, const struct sallyport_flow *flow,
		       const uint8_t *payload, size_t length,
		       const struct sallyport_stream *stream, uint64_t boot)
{
	struct sp_exchange exchange = {
		.local_port = flow->local_port,
		.server_port = flow->remote_port,
		.protocol = flow->protocol,
	};
	struct talk talk = {
		.observer = observer, .exchange = &exchange, .boot = boot,
		.asker = { .image = flow->image, .uid = flow->uid },
	};

	memcpy(exchange.local, flow->local, sizeof(exchange.local));
	memcpy(exchange.server, flow->remote, sizeof(exchange.server));
	if (stream)
		take_sent(&talk, payload, length, stream);
	else if (sp_local_is_port(flow->remote_port))
		take_local_query(&talk, payload, length);
	else if (length)
		take_query(payload, length, &talk);
	else if (!sp_streams_is_alien(observer->streams, &exchange))
		lose(observer, flow->uid, boot);
}

/* Nobody relies on what the network at large says, but what it pushes out may be missed. */
static void note_name(struct sp_observer *observer, const struct sp_name_note *note,
		      uint64_t boot)
{
	struct sp_names_pushed pushed;

	if (!sp_names_add(observer->names, note, boot, &pushed) &&
	    note->way != SP_NAME_BY_NETWORK)
		lose(observer, note->asker.uid, boot);
	while (pushed.count)
		lose(observer, pushed.users[--pushed.count], boot);
}

/* How a reply's names are noted, and whose they are. */
struct manner {
	struct sp_asker asker;
	bool sure;
	enum sp_name_way way;
};

static void note_address(struct sp_observer *observer, const struct sp_dns_reply *reply,
			 const struct sp_dns_address *found, const struct manner *manner,
			 uint64_t boot)
{
	struct sp_name_note note = {
		.address = found->address, .asker = manner->asker,
		.way = manner->way, .ttl = found->ttl,
	};
	size_t i;

	/* the name that was asked for last: it is the first to be shown */
	for (i = found->names; i-- > 0;) {
		if (!reply->chain[i][0])
			continue;
		note.name = reply->chain[i];
		/* no rule can allow that very name: one that allows its end does not mean it */
		note.sure = manner->sure && !reply->parts[i];
		note.alias = i > 0;
		note_name(observer, &note, boot);
	}
}

static void note_all(struct sp_observer *observer, const struct sp_dns_reply *reply,
		     const struct manner *manner, uint64_t boot)
{
	size_t i;

	observer->counters.answers += reply->count > 0;
	for (i = 0; i < reply->count; i++)
		if (!is_nowhere(reply->addresses[i].address))
			note_address(observer, reply, &reply->addresses[i], manner, boot);
}

/* Nobody relies on what the network at large says: none of that is ever lost. */
static void take_answer(struct sp_observer *observer, const struct sp_dns_reply *reply,
			const struct manner *manner, uint64_t boot)
{
	note_all(observer, reply, manner, boot);
	if (reply->incomplete && manner->way != SP_NAME_BY_NETWORK)
		lose(observer, manner->asker.uid, boot);
}

/* Somebody who may have asked before we came: nobody in particular. */
static const struct manner by_somebody = { .sure = false };

static void take_reply(const uint8_t *message, size_t length, void *arg)
{
	const struct talk *talk = arg;
	struct sp_observer *observer = talk->observer;
	const struct sp_exchange *exchange = talk->exchange;
	struct manner manner = { .sure = is_resolver(observer, exchange->server) };

	if (!sp_dns_read_reply(message, length, &observer->reply)) {
		observer->counters.unreadable++;
	} else if (sp_queries_take(observer->queries, exchange, &observer->reply.question,
				   talk->boot, &manner.asker)) {
		take_answer(observer, &observer->reply, &manner, talk->boot);
	} else {
		observer->counters.unasked++;
		if (talk->followed && (observer->reply.count || observer->reply.incomplete))
			lose(observer, talk->asker.uid, talk->boot);
		else if (talk->boot < observer->early)
			take_answer(observer, &observer->reply, &by_somebody, talk->boot);
	}
}

/* For each who asked. */
static size_t note_local(struct sp_observer *observer, const struct sp_exchange *exchange,
			 const struct sp_dns_record *record, uint64_t boot)
{
	struct sp_name_note note = {
		.address = record->address, .name = record->name, .ttl = record->ttl,
		.way = SP_NAME_BY_NETWORK,
	};
	const struct sp_asker *asker;
	size_t at = 0, count = 0;

	while ((asker = sp_local_next(&observer->local, &at, exchange, observer->local_reply.id,
				      record, boot))) {
		count++;
		note.asker = *asker;
		if (!is_nowhere(record->address))
			note_name(observer, &note, boot);
	}
	return count;
}

static void take_local_reply(struct sp_observer *observer, const struct sp_exchange *exchange,
			     const uint8_t *payload, size_t length, uint64_t boot)
{
	const struct sp_dns_local_reply *reply = &observer->local_reply;
	size_t i, asked = 0;

	if (!sp_dns_read_local_reply(payload, length, &observer->local_reply)) {
		observer->counters.unreadable++;
		return;
	}
	for (i = 0; i < reply->count; i++)
		asked += note_local(observer, exchange, &reply->records[i], boot);
	observer->counters.answers += asked > 0;
	observer->counters.unasked += !asked;
}

void sp_observer_reply(struct sp_observer *observer, const struct sp_exchange *exchange,
		       const uint8_t *payload, size_t length, uint64_t boot)
{
	struct talk talk = { .observer = observer, .exchange = exchange, .boot = boot };

	if (sp_local_is_port(exchange->server_port))
		take_local_reply(observer, exchange, payload, length, boot);
	else
		take_reply(payload, length, &talk);
}

/* Of a connection from before us: the whole of a message, or nobody knows what. */
static void take_early(struct talk *talk, const struct sp_segment *segment)
{
	const uint8_t *data = segment->data;

	if (talk->boot >= talk->observer->early)
		return;
	if (segment->have == segment->length && segment->length > SP_DNS_TCP_PREFIX &&
	    ((size_t)data[0] << 8 | data[1]) == segment->length - SP_DNS_TCP_PREFIX)
		take_reply(data + SP_DNS_TCP_PREFIX, segment->have - SP_DNS_TCP_PREFIX, talk);
	else
		sp_losses_add_everybody(&talk->observer->losses, talk->boot, talk->boot);
}

void sp_observer_segment(struct sp_observer *observer, const struct sp_exchange *exchange,
			 const struct sp_segment *segment, uint64_t boot)
{
	struct talk talk = {
		.observer = observer, .exchange = exchange, .followed = true, .boot = boot,
	};

	switch (sp_streams_reply(observer->streams, exchange, segment, boot, &talk.asker.uid,
				 take_reply, &talk)) {
	case SP_STREAM_UNKNOWN:
		talk.followed = false;
		take_early(&talk, segment);
		return;
	case SP_STREAM_LOST:
		lose(observer, talk.asker.uid, boot);
		return;
	case SP_STREAM_FOLLOWED:
		return;
	}
}

/* Names that a resolver asks the local network for, where it does that. */
static bool is_of_the_network(const char *name)
{
	static const char local[] = ".local";
	size_t length = strlen(name), suffix = sizeof(local) - 1;

	return !strchr(name, '.') ||
	       (length > suffix && !strcmp(name + length - suffix, local));
}

void sp_observer_told(struct sp_observer *observer, const struct sp_dns_reply *reply,
		      uint64_t boot)
{
	static const struct manner by_system = { .sure = true, .way = SP_NAME_BY_MONITOR };
	static const struct manner by_network = { .way = SP_NAME_BY_NETWORK };

	take_answer(observer, reply,
		    is_of_the_network(reply->chain[0]) ? &by_network : &by_system, boot);
}

bool sp_observer_concerns(const struct sp_observer *observer, const uint8_t address[16])
{
	return !is_no_host(address) && !is_resolver(observer, address);
}

bool sp_observer_missed(const struct sp_observer *observer, uint32_t uid,
			const uint8_t address[16], uint64_t opened, uint64_t boot,
			uint64_t *until)
{
	if (!sp_observer_concerns(observer, address))
		return false;
	if (sp_losses_find(&observer->losses, uid, opened, boot, until))
		return true;
	*until = boot + GAP_LOOK;
	return !opened && sp_streams_has_gap(observer->streams, uid);
}
