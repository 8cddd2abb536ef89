/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From replies to names, from names to facts. */
#include <linux/netfilter.h>
#include <string.h>
#include "engine.h"
#include "facts.h"
#include "late.h"
#include "learn.h"
#include "message.h"

static void add(struct sp_renewed *renewed, const uint8_t address[16])
{
	if (sp_renewed_have(renewed, address))
		return;
	if (renewed->count == SP_RENEWED_MAX)
		renewed->all = true;
	else
		memcpy(renewed->list[renewed->count++], address, 16);
}

static void on_change(const uint8_t address[16], void *arg)
{
	struct sp_learned *learned = arg;

	learned->changed = true;
	if (sp_dependents_have(&learned->dependents, address))
		add(&learned->renewed, address);
}

bool sp_learned_init(struct sp_learned *learned)
{
	return sp_dependents_init(&learned->dependents) &&
	       sp_observer_init(&learned->observer, on_change, learned);
}

void sp_learned_clear(struct sp_learned *learned)
{
	sp_observer_clear(&learned->observer);
	sp_dependents_clear(&learned->dependents);
}

bool sp_renewed_have(const struct sp_renewed *renewed, const uint8_t address[16])
{
	size_t i;

	for (i = 0; i < renewed->count && !renewed->all; i++)
		if (!memcmp(renewed->list[i], address, 16))
			return true;
	return renewed->all;
}

bool sp_renewed_any(const struct sp_renewed *renewed)
{
	return renewed->count || renewed->all;
}

void sp_renewed_merge(struct sp_renewed *renewed, const struct sp_renewed *more)
{
	size_t i;

	renewed->all |= more->all;
	for (i = 0; i < more->count; i++)
		add(renewed, more->list[i]);
}

/* Sure, and so before the doubtful ones. */
static void keep(struct sp_name_list *list, const char *name)
{
	if (!name)
		return;
	if (list->sure < list->count)
		list->names[list->count] = list->names[list->sure];
	list->names[list->sure++] = name;
	list->count++;
}

/*
 * Look-ups in other network namespaces are not seen: an address without a name may have any
 * there. What holds here does not hold there, so it is of the device, too.
 */
static bool is_elsewhere(const struct sp_learned *learned, uint32_t device,
			 const uint8_t address[16])
{
	return !device && sp_observer_concerns(&learned->observer, address);
}

void sp_learned_fill(const struct sp_learned *learned, const struct sp_flow *flow,
		     const struct sp_now *now, const struct sp_opened *opened,
		     struct sp_name_list *list, struct sp_facts *facts)
{
	const struct sp_asker program = { .image = flow->image, .uid = flow->user };
	uint64_t until;

	if (!learned->observes)
		return;
	sp_names_find(learned->observer.names, &program, flow->remote, now->boot, list);
	keep(list, opened ? opened->name : NULL);
	facts->names.looked = list->sure ? 0 : SP_LOOKED_INTERFACE;
	if (!list->sure && is_elsewhere(learned, flow->ifindex, flow->remote)) {
		facts->names.state = SP_FACT_FAILED;
		facts->names.expires = 0;
		return;
	}
	if (!list->sure && sp_observer_missed(&learned->observer, flow->user, flow->remote,
					      opened ? opened->when : 0, now->boot, &until)) {
		facts->names.state = SP_FACT_FAILED;
		facts->names.expires = sp_real_time(now, until);
		return;
	}
	facts->names.state = SP_FACT_KNOWN;
	facts->names.names = list->names;
	facts->names.count = list->count;
	facts->names.doubtful = list->count - list->sure;
	facts->names.expires = list->expires ? sp_real_time(now, list->expires) : 0;
}

void sp_learned_depend(struct sp_learned *learned, const struct sp_flow *flow,
		       const struct sp_decision *decision)
{
	if (decision->looked & SP_LOOKED_NAMES)
		sp_dependents_add(&learned->dependents, flow->remote);
}

static enum sp_host_origin origin_of(const struct sp_name_list *list)
{
	switch (list->origins[0]) {
	case SP_NAME_OWN:
		return SP_HOST_BY_ITSELF;
	case SP_NAME_SYSTEM:
		return SP_HOST_BY_SYSTEM;
	case SP_NAME_OTHER:
		return SP_HOST_BY_ANOTHER;
	case SP_NAME_NETWORK:
		return SP_HOST_BY_NETWORK;
	case SP_NAME_DOUBTFUL:
		return SP_HOST_BY_ANYONE;
	case SP_NAME_NONE:
		break;
	}
	return SP_HOST_NONE;
}

void sp_learned_show(const struct sp_learned *learned, const struct sallyport_flow *flow,
		     const struct sp_now *now, struct sp_host *host)
{
	const struct sp_asker program = { .image = flow->image, .uid = flow->uid };
	struct sp_name_list list;
	uint64_t until;

	memset(host, 0, sizeof(*host));
	if (!learned->observes)
		return;
	sp_names_find(learned->observer.names, &program, flow->remote, now->boot, &list);
	host->missed = !list.sure &&
		       (is_elsewhere(learned, sp_flow_device(flow), flow->remote) ||
			sp_observer_missed(&learned->observer, flow->uid, flow->remote, 0,
					   now->boot, &until));
	if (!list.count)
		return;
	host->origin = origin_of(&list);
	strncpy(host->name, list.names[0], sizeof(host->name) - 1);
}

static uint64_t boot_time(struct sp_engine *engine)
{
	struct sp_now now;

	engine->read_clocks(&now);
	return now.boot;
}

void sp_learn_query(struct sp_engine *engine, const struct sp_query *query)
{
	sp_observer_query(&engine->learned.observer, &query->flow, query->payload,
			  query->length, query->by_stream ? &query->stream : NULL,
			  boot_time(engine));
}

static void learn_segment(struct sp_engine *engine, const struct sp_exchange *exchange,
			  const struct sp_queued *packet, const struct sp_tuple *tuple,
			  const uint8_t *payload, size_t length)
{
	struct sp_segment segment = { .data = payload, .have = length };

	sp_packet_sequence(packet->data, packet->length, tuple, payload, &segment.sequence,
			   &segment.length);
	if (segment.have > segment.length)
		segment.have = segment.length;
	sp_observer_segment(&engine->learned.observer, exchange, &segment, boot_time(engine));
}

void sp_learn_reply(struct sp_engine *engine, const struct sp_queued *packet)
{
	struct sp_exchange exchange = { 0 };
	const uint8_t *payload;
	struct sp_tuple tuple;
	size_t length;

	if (packet->hook != NF_INET_LOCAL_IN || !sp_queued_tuple(packet, &tuple) ||
	    !sp_packet_payload(packet->data, packet->length, &tuple, &payload, &length))
		return;
	memcpy(exchange.local, tuple.local, sizeof(exchange.local));
	memcpy(exchange.server, tuple.remote, sizeof(exchange.server));
	exchange.local_port = tuple.local_port;
	exchange.server_port = tuple.remote_port;
	exchange.protocol = tuple.protocol;
	if (tuple.protocol == IPPROTO_TCP)
		learn_segment(engine, &exchange, packet, &tuple, payload, length);
	else
		sp_observer_reply(&engine->learned.observer, &exchange, payload, length,
				  boot_time(engine));
}

void sp_learn_told(struct sp_engine *engine, const struct sp_dns_reply *reply)
{
	if (reply)
		sp_observer_told(&engine->learned.observer, reply, boot_time(engine));
	else
		sp_learn_missed_now(engine);
}

void sp_learn_missed(struct sp_engine *engine, uint64_t when)
{
	if (when)
		sp_losses_add_everybody(&engine->learned.observer.losses, when,
					boot_time(engine));
}

void sp_learn_missed_now(struct sp_engine *engine)
{
	sp_learn_missed(engine, boot_time(engine));
}

void sp_learn_settle(struct sp_engine *engine)
{
	struct sp_renewed *renewed = &engine->learned.renewed;

	renewed->all |= engine->learned.observer.losses.begun;
	engine->learned.observer.losses.begun = false;
	if (sp_renewed_any(renewed) && sp_sweep_renewed(engine))
		engine->sweep_wanted = true;
	sp_learn_list(engine);
	if (engine->learned.changed && engine->waiting.asked)
		sp_late_names(engine);
	engine->learned.changed = false;
}

uint64_t sp_learn_lists_at(const struct sp_learned *learned)
{
	return sp_renewed_any(&learned->unlisted) ? learned->listed + SP_LISTS_EVERY : 0;
}

void sp_learn_list(struct sp_engine *engine)
{
	uint64_t when = sp_learn_lists_at(&engine->learned);

	if (when && when <= boot_time(engine) && sp_sweep_unlisted(engine))
		engine->sweep_wanted = true;
}
