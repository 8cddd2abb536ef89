/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's parts put together, and what answer.c and sweep.c share. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "engine.h"
#include "facts.h"

static bool allocate(struct sp_engine *engine, const struct sp_engine_sizes *sizes)
{
	engine->picked_ids = calloc(sizes->waiting, sizeof(*engine->picked_ids));
	engine->picked = calloc(sizes->waiting, sizeof(struct sp_waiting_flow *));
	engine->scratch = calloc(1, sizeof(*engine->scratch));
	engine->subject = calloc(1, sizeof(*engine->subject));
	return engine->picked_ids && engine->picked && engine->scratch && engine->subject &&
	       sp_learned_init(&engine->learned) &&
	       sp_waiting_init(&engine->waiting, sizes->waiting) &&
	       sp_installed_init(&engine->installed, sizes->verdicts);
}

int sp_engine_init(struct sp_engine *engine, struct sp_snapshot *snapshot,
		   const struct sp_engine_sizes *sizes)
{
	struct sp_now now;
	int error = ENOMEM;

	sp_known_init(&engine->needs.known);
	if (allocate(engine, sizes))
		error = sp_reports_init(&engine->reports, sizes->waiting);
	if (error) {
		sp_engine_clear(engine);
		return error;
	}
	if (!engine->read_clocks)
		engine->read_clocks = sp_now_read;
	engine->read_clocks(&now);
	engine->last_id = now.boot;	/* beyond any that an earlier daemon gave */
	engine->snapshot = sp_snapshot_ref(snapshot);
	return 0;
}

void sp_engine_clear(struct sp_engine *engine)
{
	sp_reports_clear(&engine->reports);
	sp_waiting_clear(&engine->waiting);
	sp_installed_clear(&engine->installed);
	sp_images_clear(&engine->images);
	sp_interfaces_clear(&engine->interfaces);
	sp_places_clear(&engine->places);
	sp_known_clear(&engine->needs.known);
	sp_ancestry_clear(&engine->needs.ancestries);
	sp_learned_clear(&engine->learned);
	sp_rule_names_clear(&engine->rule_names);
	sp_snapshot_unref(engine->snapshot);
	engine->snapshot = NULL;
	free(engine->picked_ids);
	free(engine->picked);
	free(engine->scratch);
	free(engine->subject);
	engine->picked_ids = NULL;
	engine->picked = NULL;
	engine->scratch = NULL;
	engine->subject = NULL;
}

void sp_engine_set_snapshot(struct sp_engine *engine, struct sp_snapshot *snapshot)
{
	struct sp_snapshot *old = engine->snapshot;

	sp_rule_names_change(&engine->rule_names, old, snapshot);
	engine->snapshot = sp_snapshot_ref(snapshot);
	sp_snapshot_unref(old);
}

static void note_change(struct sp_engine *engine, const struct sp_now *now,
			int64_t when)
{
	if (when > now->real && (!engine->next_change || when < engine->next_change))
		engine->next_change = when;
}

/* No more patience: what is not known has failed. If that is not enough, it is a no. */
static void give_up(struct sp_engine *engine, const struct sp_flow *flow,
		    struct sp_facts *facts, const struct sp_now *now,
		    struct sp_decision *decision)
{
	engine->needs.gave_up = true;
	sp_facts_give_up(facts, decision->need);
	sp_decide(engine->snapshot, flow, facts, now->real, decision);
	if (!decision->need)
		return;
	memset(decision, 0, sizeof(*decision));
	decision->action = SP_DENY;
	decision->looked = SALLYPORT_MATCH_ALL;
	decision->remote_length = 128;
}

/* By what has failed, the decision holds until that is tried again. */
static void limit(struct sp_decision *decision, const struct sp_now *now, uint64_t retry)
{
	int64_t end = sp_real_time(now, retry);

	if (retry && (!decision->expires || end < decision->expires))
		decision->expires = end;
}

/* A flow that is to be decided, and what is known about it. */
struct asking {
	const struct sp_flow *flow;
	const struct sallyport_image *image;
	const char *path;
	const struct sp_opened *opened;	/* NULL: it is new */
	const struct sp_now *now;
	struct sp_facts facts;
	struct sp_name_list names;
};

/* Returns when a fact that has failed may be tried again, or 0. */
static uint64_t try(struct sp_engine *engine, struct asking *asking,
		    struct sp_decision *decision)
{
	const struct sp_flow *flow = asking->flow;
	uint64_t retry;

	sp_facts_fill(&asking->facts, asking->image, asking->path,
		      sp_interfaces_name(&engine->interfaces, flow->ifindex));
	sp_places_fill(&engine->places, flow->ifindex, &asking->facts);
	sp_learned_fill(&engine->learned, flow, asking->now, asking->opened,
			&asking->names, &asking->facts);
	retry = sp_need_fill(&engine->needs, flow, asking->image, asking->now,
			     &asking->facts);
	sp_decide(engine->snapshot, flow, &asking->facts, asking->now->real, decision);
	return retry;
}

/* What is at hand after all when it is asked for may bring up the next need. */
static void decide(struct sp_engine *engine, struct asking *asking, bool patient,
		   struct sp_decision *decision)
{
	const struct sp_now *now = asking->now;
	unsigned needed = 0;
	uint64_t retry;

	retry = try(engine, asking, decision);
	while (decision->need & ~needed) {
		needed |= decision->need;
		sp_need_ask(engine, asking->flow, asking->image, asking->path,
			    decision->need, now);
		retry = try(engine, asking, decision);
	}
	if (decision->need && patient)
		return;
	if (decision->need) {
		give_up(engine, asking->flow, &asking->facts, now, decision);
		retry = now->boot + SP_KNOWN_RETRY;
	}
	limit(decision, now, retry);
	sp_learned_depend(&engine->learned, asking->flow, decision);
	note_change(engine, now, decision->expires);
}

void sp_engine_decide(struct sp_engine *engine, const struct sp_flow *flow,
		      const struct sallyport_image *image, const char *path,
		      const struct sp_now *now, bool patient,
		      const struct sp_opened *opened, struct sp_decision *decision)
{
	struct asking asking = {
		.flow = flow, .image = image, .path = path, .opened = opened, .now = now,
	};

	decide(engine, &asking, patient, decision);
}

const struct sp_image_entry *sp_engine_image(struct sp_engine *engine, uint64_t id)
{
	const struct sp_image_entry *entry = sp_images_find(&engine->images, id);

	if (entry)
		return entry;
	if (engine->calls->image(engine->kernel, id, engine->scratch) ||
	    engine->scratch->info.id != id)
		return NULL;
	return sp_images_add(&engine->images, &engine->scratch->info,
			     engine->scratch->path, engine->scratch->path_length);
}

void sp_engine_note_error(struct sp_engine *engine, int error)
{
	if (error == EPERM)	/* somebody else is the daemon */
		engine->fatal = error;
}
