/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From queries and replies to names. */
#include <netinet/in.h>
#include <string.h>
#include "observer.h"

bool sp_observer_init(struct sp_observer *observer, sp_names_changed_fn changed,
		      void *arg)
{
	memset(observer, 0, sizeof(*observer));
	observer->queries = sp_queries_new();
	observer->names = sp_names_new(changed, arg);
	if (observer->queries && observer->names)
		return true;
	sp_observer_clear(observer);
	return false;
}

void sp_observer_clear(struct sp_observer *observer)
{
	sp_queries_free(observer->queries);
	sp_names_free(observer->names);
	observer->queries = NULL;
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

static bool strip_prefix(uint8_t protocol, const uint8_t **payload, size_t *length)
{
	if (protocol != IPPROTO_TCP)
		return true;
	if (*length < SP_DNS_TCP_PREFIX)
		return false;
	*payload += SP_DNS_TCP_PREFIX;
	*length -= SP_DNS_TCP_PREFIX;
	return true;
}

static void lose(struct sp_observer *observer, uint32_t uid, uint64_t boot)
{
	sp_losses_add(&observer->losses, uid, boot, boot);
}

void sp_observer_query(struct sp_observer *observer, const struct sallyport_flow *flow,
		       const uint8_t *payload, size_t length, uint64_t boot)
{
	const struct sp_asker asker = { .image = flow->image, .uid = flow->uid };
	struct sp_exchange exchange = {
		.local_port = flow->local_port,
		.server_port = flow->remote_port,
		.protocol = flow->protocol,
	};
	struct sp_dns_question question;
	uint32_t pushed = flow->uid;

	memcpy(exchange.local, flow->local, sizeof(exchange.local));
	memcpy(exchange.server, flow->remote, sizeof(exchange.server));
	if (!length) {
		lose(observer, flow->uid, boot);
		return;
	}
	if (!strip_prefix(flow->protocol, &payload, &length) ||
	    !sp_dns_read_query(payload, length, &question))
		observer->counters.unreadable++;
	else if (sp_queries_add(observer->queries, &exchange, &question, &asker, boot, &pushed))
		lose(observer, pushed, boot);
}

static void note_address(struct sp_observer *observer, const struct sp_dns_address *found,
			 const struct sp_asker *asker, bool sure, uint64_t boot)
{
	struct sp_name_note note = {
		.address = found->address, .asker = *asker, .sure = sure, .ttl = found->ttl,
	};
	size_t i;

	/* the name that was asked for last: it is the first to be shown */
	for (i = found->names; i-- > 0;) {
		note.name = observer->reply.chain[i];
		note.alias = i > 0;
		if (!sp_names_add(observer->names, &note, boot))
			lose(observer, asker->uid, boot);
	}
}

static void note_all(struct sp_observer *observer, const struct sp_asker *asker,
		     bool sure, uint64_t boot)
{
	const struct sp_dns_reply *reply = &observer->reply;
	size_t i;

	observer->counters.answers += reply->count > 0;
	for (i = 0; i < reply->count; i++)
		if (!is_nowhere(reply->addresses[i].address))
			note_address(observer, &reply->addresses[i], asker, sure, boot);
}

void sp_observer_reply(struct sp_observer *observer, const struct sp_exchange *exchange,
		       const uint8_t *payload, size_t length, uint64_t boot)
{
	static const struct sp_asker somebody = { .image = 0, .uid = 0 };
	struct sp_asker asker;

	if (!strip_prefix(exchange->protocol, &payload, &length) ||
	    !sp_dns_read_reply(payload, length, &observer->reply))
		observer->counters.unreadable++;
	else if (!sp_queries_take(observer->queries, exchange, &observer->reply.question,
				  boot, &asker)) {
		observer->counters.unasked++;
		if (boot < observer->early)
			note_all(observer, &somebody, false, boot);
	} else {
		note_all(observer, &asker, is_resolver(observer, exchange->server), boot);
	}
}

bool sp_observer_missed(const struct sp_observer *observer, uint32_t uid,
			const uint8_t address[16], uint64_t opened, uint64_t boot,
			uint64_t *until)
{
	return !is_no_host(address) && !is_resolver(observer, address) &&
	       sp_losses_find(&observer->losses, uid, opened, boot, until);
}
