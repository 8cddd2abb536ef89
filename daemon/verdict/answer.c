/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a waiting flow to its answer. The order that holds everything together:
 * first the kernel gets the answer, then the packets go back to the hook.
 *
 * An answer is for the picked flows: engine->picked and their numbers beside.
 */
#include <errno.h>
#include <string.h>
#include "engine.h"
#include "facts.h"
#include "late.h"
#include "point.h"
#include "record.h"
#include "room.h"

/* What becomes of picked flows once the kernel has the answer. */
struct outcome {
	enum sp_record_event event;
	enum sp_record_by by;
	enum sp_gone_reason reason;
	enum sallyport_stat limit;	/* by SP_BY_LIMIT: which */
	uint8_t action;
	bool told;	/* by a verdict: the hook reports it when the packet comes by again */
	uint64_t rule;
};

/* A part of the picked flows. */
struct range {
	size_t first, count;
};

static void record(struct sp_engine *engine, const struct sp_waiting_flow *flow,
		   const struct outcome *outcome)
{
	struct sp_report report = { .kind = SP_REPORT_RECORD };
	struct sp_now now;

	engine->read_clocks(&now);
	sp_record_waiting(&report.record, &flow->info, &now);
	if (!flow->asked)
		sp_learned_show(&engine->learned, &flow->info.flow, &now,
				&report.record.host);
	report.record.event = outcome->event;
	report.record.by = outcome->by;
	report.record.action = outcome->action;
	report.record.rule = outcome->rule;
	report.record.reason = outcome->limit;
	sp_reports_record(&engine->reports, &report);
}

static void give_back(struct sp_engine *engine, struct sp_waiting_flow *flow,
		      void (*how)(struct sp_release *release, struct sp_held packet))
{
	unsigned int i;

	for (i = 0; i < flow->held; i++)
		how(&engine->release, flow->packets[i]);
	flow->held = 0;
}

/* The kernel has the answer. */
static void finish(struct sp_engine *engine, struct sp_waiting_flow *flow,
		   const struct outcome *outcome)
{
	if (!outcome->told)
		record(engine, flow, outcome);
	if (flow->asked)
		sp_reports_gone(&engine->reports, flow->info.pending, outcome->reason);
	give_back(engine, flow, sp_release_repeat);
	sp_waiting_remove(&engine->waiting, flow, true);
}

void sp_answer_give_up(struct sp_engine *engine, struct sp_waiting_flow *flow,
		       enum sp_gone_reason reason)
{
	struct outcome outcome = {
		.event = SP_RECORD_EXPIRED,
		.by = SP_BY_KERNEL,
		.action = SP_DENY,
	};

	if (flow->asked) {
		record(engine, flow, &outcome);
		sp_reports_gone(&engine->reports, flow->info.pending, reason);
	}
	give_back(engine, flow, sp_release_drop);
	sp_waiting_remove(&engine->waiting, flow, false);
}

static struct sp_waiting_flow *next_in_netns(struct sp_waiting_order *order,
					     uint64_t netns)
{
	struct sp_waiting_flow *flow;

	TAILQ_FOREACH(flow, order, order)
		if (flow->info.flow.netns == netns)
			return flow;
	return NULL;
}

void sp_answer_give_up_netns(struct sp_engine *engine, uint64_t netns)
{
	struct sp_waiting_table *table = &engine->waiting;
	struct sp_waiting_flow *flow;

	while ((flow = next_in_netns(&table->judged, netns)) ||
	       (flow = next_in_netns(&table->unjudged, netns)))
		sp_answer_give_up(engine, flow, SP_GONE_ENDED);
}

static size_t pick(struct sp_engine *engine, size_t count,
		   struct sp_waiting_flow *flow)
{
	if (flow->picked)
		return count;
	flow->picked = true;
	engine->picked[count] = flow;
	engine->picked_ids[count] = flow->info.pending;
	return count + 1;
}

static void finish_picked(struct sp_engine *engine, struct range range,
			  const struct outcome *outcome)
{
	size_t i;

	for (i = 0; i < range.count; i++)
		finish(engine, engine->picked[range.first + i], outcome);
}

/*
 * The answer did not reach the kernel. The flows go on waiting there, so their
 * next packet tries again; what is held is lost, and never passed.
 */
static void drop_picked(struct sp_engine *engine, struct range range)
{
	struct sp_waiting_flow *flow;
	size_t i;

	for (i = 0; i < range.count; i++) {
		flow = engine->picked[range.first + i];
		flow->picked = false;
		give_back(engine, flow, sp_release_drop);
	}
	engine->counters.failed += range.count;
}

/* The kernel is ahead of us, which only another daemon could have brought about. */
static bool catch_up(struct sp_engine *engine)
{
	struct sp_status status;

	if (engine->calls->status(engine->kernel, &status) ||
	    status.epoch <= engine->epoch)
		return false;
	engine->epoch = status.epoch;
	engine->sweep_wanted = true;
	return true;
}

static int send_resolve(struct sp_engine *engine, const struct outcome *outcome,
			struct range range)
{
	return engine->calls->resolve(engine->kernel, outcome->action, outcome->rule,
				      engine->epoch, engine->picked_ids + range.first,
				      range.count);
}

/* For these flows alone. They are finished, or their packets dropped. */
static int resolve_range(struct sp_engine *engine, struct range range,
			 const struct outcome *outcome)
{
	int error = send_resolve(engine, outcome, range);

	if (error == ESTALE && catch_up(engine))
		error = send_resolve(engine, outcome, range);
	sp_point("resolved");
	if (!error) {
		finish_picked(engine, range, outcome);
		return 0;
	}
	if (error == ENOENT)
		engine->fatal = ENODEV;	/* no such family: the module is gone */
	sp_engine_note_error(engine, error);
	drop_picked(engine, range);
	return error;
}

static int resolve_picked(struct sp_engine *engine, size_t count,
			  const struct outcome *outcome)
{
	return resolve_range(engine, (struct range){ 0, count }, outcome);
}

/*
 * As the policy decided, where there is no place for a verdict. Each by itself:
 * one that does not fit must not take the others with it.
 */
static void resolve_each(struct sp_engine *engine, size_t count,
			 const struct outcome *outcome)
{
	size_t i;

	for (i = 0; i < count; i++)
		resolve_range(engine, (struct range){ i, 1 }, outcome);
}

static size_t pick_covered(struct sp_engine *engine, struct sp_waiting_flow *flow,
			   const struct sallyport_verdict *verdict)
{
	size_t count = pick(engine, 0, flow);

	flow = sp_waiting_image_first(&engine->waiting, verdict->image);
	for (; flow; flow = sp_waiting_image_next(flow))
		if (sp_cover_matches(verdict, &flow->info.flow))
			count = pick(engine, count, flow);
	return count;
}

/* Has the kernel no place for it as a verdict? */
static bool is_refused_as_verdict(int error)
{
	return error == ENOSPC || error == EEXIST || error == ENOENT;
}

static int push(struct sp_engine *engine, const struct sallyport_verdict *verdict,
		size_t count, const struct sp_now *now)
{
	int error;

	if (!sp_installed_has_room(&engine->installed) ||
	    sp_crowded_has(&engine->crowded, verdict, now->boot))
		return ENOSPC;
	error = engine->calls->push(engine->kernel, verdict, engine->epoch,
				    engine->picked_ids, count);
	if (!error)
		sp_installed_add(&engine->installed, verdict);
	else if (error == ENOSPC)
		sp_crowded_add(&engine->crowded, verdict, now->boot);
	sp_point("pushed");
	return error;
}

static void answer_decided(struct sp_engine *engine, struct sp_waiting_flow *flow,
			   const struct sp_flow *key, const struct sp_now *now,
			   const struct sp_decision *decision)
{
	struct outcome outcome = {
		.event = SP_RECORD_DECIDED,
		.by = decision->rule ? SP_BY_RULE : SP_BY_DEFAULT,
		.reason = SP_GONE_RULE,
		.action = (uint8_t)decision->action,
		.rule = decision->rule,
	};
	struct sallyport_verdict verdict;
	size_t count;
	int error;

	sp_cover_build(decision, key, now, ++engine->last_id, &verdict);
	count = pick_covered(engine, flow, &verdict);
	error = push(engine, &verdict, count, now);
	if (error == ESTALE && catch_up(engine))
		error = push(engine, &verdict, count, now);
	outcome.told = !error;
	if (!error)
		finish_picked(engine, (struct range){ 0, count }, &outcome);
	else if (is_refused_as_verdict(error)) {
		engine->counters.alone += count;
		resolve_each(engine, count, &outcome);
	}
	else {
		sp_engine_note_error(engine, error);
		drop_picked(engine, (struct range){ 0, count });
	}
}

static void answer_alone(struct sp_engine *engine, struct sp_waiting_flow *flow,
			 const struct outcome *outcome)
{
	resolve_picked(engine, pick(engine, 0, flow), outcome);
}

/* As the question about the same was answered, while that holds. */
static bool answer_once(struct sp_engine *engine, struct sp_waiting_flow *flow,
			const struct sp_now *now)
{
	struct outcome outcome = {
		.event = SP_RECORD_DECIDED,
		.by = SP_BY_ANSWER,
		.reason = SP_GONE_ANSWERED,
	};
	struct sallyport_flow key = flow->info.flow;

	outcome.action = sp_once_find(&engine->once, &key, now->boot);
	if (!outcome.action)
		return false;
	if (!resolve_picked(engine, pick(engine, 0, flow), &outcome))
		sp_once_add(&engine->once, &key, outcome.action, now->boot);
	return true;
}

static void move_packets(struct sp_engine *engine, struct sp_waiting_flow *flow)
{
	unsigned int i, kept = 0;

	for (i = 0; i < flow->held; i++) {
		if (flow->packets[i].queue == engine->release.queue_wait)
			flow->packets[kept++] = flow->packets[i];
		else
			sp_release_wait(&engine->release, flow->packets[i]);
	}
	flow->held = kept;
}

static void refuse_to_ask(struct sp_engine *engine, struct sp_waiting_flow *flow,
			  enum sallyport_stat limit)
{
	struct outcome denied = {
		.event = SP_RECORD_REFUSED,
		.by = SP_BY_LIMIT,
		.limit = limit,
		.action = SP_DENY,
	};

	engine->counters.limited++;
	answer_alone(engine, flow, &denied);
}

static void ask(struct sp_engine *engine, struct sp_waiting_flow *flow,
		uint64_t rule)
{
	struct outcome asked = {
		.event = SP_RECORD_ASKED,
		.by = rule ? SP_BY_RULE : SP_BY_DEFAULT,
		.action = SP_ASK,
		.rule = rule,
	};
	enum sallyport_stat limit;
	struct sp_now now;

	if (!flow->asked) {
		if (!sp_room_for(&engine->limits, &engine->waiting, flow, &limit)) {
			refuse_to_ask(engine, flow, limit);
			return;
		}
		sp_need_describe(engine, &flow->info);
		engine->read_clocks(&now);
		sp_late_begin(engine, flow, &now);
		if (!sp_reports_ask(&engine->reports, &flow->info, rule)) {
			refuse_to_ask(engine, flow, SALLYPORT_STAT_LIMIT_TOTAL);
			return;
		}
		sp_waiting_set_asked(&engine->waiting, flow);
		record(engine, flow, &asked);
		sp_point("asked");
	}
	move_packets(engine, flow);
}

/* Its facts are on their way; it is judged again when they are there. */
static void wait_for_facts(struct sp_engine *engine, struct sp_waiting_flow *flow,
			   const struct sp_now *now)
{
	if (!flow->patience)
		flow->patience = now->boot + SP_NEED_PATIENCE;
	sp_need_until(&engine->needs, flow->patience);
}

static void judge(struct sp_engine *engine, struct sp_waiting_flow *flow)
{
	struct sp_decision decision;
	struct sp_flow key;
	struct sp_now now;

	sp_waiting_set_judged(&engine->waiting, flow);
	engine->read_clocks(&now);
	sp_flow_of(&flow->info.flow, &key);
	sp_engine_decide(engine, &key, &flow->info.image, flow->info.path, &now,
			 !flow->patience || flow->patience > now.boot, NULL, &decision);
	if (decision.need) {
		wait_for_facts(engine, flow, &now);
		return;
	}
	flow->patience = 0;
	sp_point("decided");
	if (decision.action != SP_ASK)
		answer_decided(engine, flow, &key, &now, &decision);
	else if (!answer_once(engine, flow, &now))
		ask(engine, flow, decision.rule);
}

void sp_answer_all(struct sp_engine *engine)
{
	struct sp_waiting_flow *flow;

	while ((flow = TAILQ_FIRST(&engine->waiting.unjudged)))
		judge(engine, flow);
}

/* Tags are there before their packets: what is not known lies unread. */
static struct sp_waiting_flow *find(struct sp_engine *engine,
				    const struct sp_tuple *tuple)
{
	struct sp_waiting_flow *flow = sp_waiting_match(&engine->waiting, tuple);
	bool more = true;

	while (!flow && more) {
		more = engine->calls->read_tags(engine->kernel);
		flow = sp_waiting_match(&engine->waiting, tuple);
	}
	if (flow || !engine->resync_wanted)
		return flow;
	sp_news_resync(engine);
	return sp_waiting_match(&engine->waiting, tuple);
}

/*
 * A packet of a flow that was just answered goes back to the hook, which has the
 * answer. Of any other nothing is known.
 */
static void stray(struct sp_engine *engine, const struct sp_tuple *tuple,
		  struct sp_held packet)
{
	if (sp_waiting_answered(&engine->waiting, tuple)) {
		sp_release_repeat(&engine->release, packet);
		return;
	}
	engine->counters.unmatched++;
	sp_release_drop(&engine->release, packet);
}

void sp_answer_packet(struct sp_engine *engine, const struct sp_queued *packet)
{
	struct sp_waiting_flow *flow;
	struct sp_tuple tuple;

	if (!sp_queued_tuple(packet, &tuple)) {
		engine->counters.unmatched++;
		sp_release_drop(&engine->release, packet->held);
		return;
	}
	flow = find(engine, &tuple);
	if (!flow)
		stray(engine, &tuple, packet->held);
	else if (!sp_waiting_hold(flow, packet->held))
		sp_release_drop(&engine->release, packet->held);
	else if (flow->asked)
		move_packets(engine, flow);
	else
		judge(engine, flow);
}

static size_t pick_given(struct sp_engine *engine, const uint64_t *pending,
			 size_t count)
{
	struct sp_waiting_flow *flow;
	size_t picked = 0, i;

	for (i = 0; i < count; i++) {
		flow = sp_waiting_find(&engine->waiting, pending[i]);
		if (flow)
			picked = pick(engine, picked, flow);
	}
	return picked;
}

static void remember_once(struct sp_engine *engine, size_t count, uint8_t action)
{
	struct sp_now now;
	size_t i;

	engine->read_clocks(&now);
	for (i = 0; i < count; i++)
		sp_once_add(&engine->once, &engine->picked[i]->info.flow, action,
			    now.boot);
}

/* The answer did not get through: what was remembered is undone. */
static void forget_once(struct sp_engine *engine, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		sp_once_ended(&engine->once, &engine->picked[i]->info.flow);
}

/* The first that was asked about and is covered by an answer "once" now. */
static bool answer_next_covered(struct sp_engine *engine)
{
	size_t before = engine->waiting.count;
	struct sp_waiting_flow *flow;
	struct sp_now now;

	engine->read_clocks(&now);
	TAILQ_FOREACH(flow, &engine->waiting.judged, order)
		if (flow->asked && answer_once(engine, flow, &now))
			return engine->waiting.count < before;
	return false;
}

int sp_answer_given(struct sp_engine *engine, const uint64_t *pending, size_t count,
		    enum sp_action action, enum sp_record_by by, bool once)
{
	struct outcome outcome = {
		.event = SP_RECORD_ANSWERED,
		.by = by,
		.reason = SP_GONE_ANSWERED,
		.action = (uint8_t)action,
	};
	size_t picked;
	int error;

	if (action != SP_ALLOW && action != SP_DENY && action != SP_DROP)
		return EINVAL;
	picked = pick_given(engine, pending, count);
	if (!picked)
		return ENOENT;
	if (once)
		remember_once(engine, picked, outcome.action);
	error = resolve_picked(engine, picked, &outcome);
	if (error && once)
		forget_once(engine, picked);
	while (!error && once && answer_next_covered(engine))
		;
	return error;
}
