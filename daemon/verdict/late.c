/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See late.h. At most 256 flows wait, so they are looked through. */
#include <string.h>
#include "engine.h"
#include "facts.h"
#include "late.h"

/* Smaller is surer. */
static int doubt(enum sp_host_origin origin)
{
	return origin == SP_HOST_NONE ? SP_HOST_BY_ANYONE + 1 : (int)origin;
}

/* True: it is there, and was not. */
static bool fill_hash(struct sp_engine *engine, struct sp_waiting_flow *flow,
		      const struct sp_now *now)
{
	const struct sp_known_slot *slot;

	slot = sp_known_find(&engine->needs.known, SP_KNOWN_HASH, flow->info.flow.image, now->boot);
	if (!slot || slot->known->failed || !slot->known->text[0] || flow->info.hash[0])
		return false;
	strncpy(flow->info.hash, slot->known->text[0], sizeof(flow->info.hash) - 1);
	return true;
}

/* As for a rule with a sum: not of a file on a user's own file system. */
static void want_hash(struct sp_engine *engine, struct sp_waiting_flow *flow,
		      const struct sp_now *now)
{
	struct sp_flow key;

	if (!engine->needs.source || flow->info.flow.image < SALLYPORT_IMAGE_FIRST ||
	    flow->info.image.flags & SALLYPORT_IMAGE_PRIVATE)
		return;
	sp_flow_of(&flow->info.flow, &key);
	sp_need_ask(engine, &key, &flow->info.image, flow->info.path, SP_FACT_HASH, now);
}

void sp_late_begin(struct sp_engine *engine, struct sp_waiting_flow *flow,
		   const struct sp_now *now)
{
	sp_learned_show(&engine->learned, &flow->info.flow, now, &flow->info.host);
	if (!fill_hash(engine, flow, now))
		want_hash(engine, flow, now);
}

static bool fill_name(struct sp_engine *engine, struct sp_waiting_flow *flow,
		      const struct sp_now *now)
{
	struct sp_host host;

	sp_learned_show(&engine->learned, &flow->info.flow, now, &host);
	if (doubt(host.origin) >= doubt(flow->info.host.origin))
		return false;
	flow->info.host = host;
	return true;
}

static void fill_all(struct sp_engine *engine, struct sp_waiting_order *order,
		     bool (*fill)(struct sp_engine *engine, struct sp_waiting_flow *flow,
				  const struct sp_now *now))
{
	struct sp_waiting_flow *flow;
	struct sp_now now;

	engine->read_clocks(&now);
	TAILQ_FOREACH(flow, order, order)
		if (flow->asked && fill(engine, flow, &now))
			sp_reports_late(&engine->reports, &flow->info);
}

void sp_late_names(struct sp_engine *engine)
{
	fill_all(engine, &engine->waiting.judged, fill_name);
	fill_all(engine, &engine->waiting.unjudged, fill_name);
}

void sp_late_hashes(struct sp_engine *engine)
{
	fill_all(engine, &engine->waiting.judged, fill_hash);
	fill_all(engine, &engine->waiting.unjudged, fill_hash);
}
