/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel tells on its own: flows that begin to wait, and events. Tags
 * may be lost when our socket's buffer is full; then the kernel's list is read.
 * Called while packets are matched: nothing is decided here.
 */
#include <errno.h>
#include "engine.h"
#include "point.h"
#include "record.h"

#define DUMP_TRIES 8

/* The table is as large as what the kernel lets wait: if it is full, some are gone. */
void sp_news_tag(void *arg, const struct sp_tag *tag)
{
	struct sp_engine *engine = arg;

	if (sp_waiting_find(&engine->waiting, tag->pending.id))
		return;
	if (!sp_waiting_add(&engine->waiting, tag))
		engine->resync_wanted = true;
	if (!sp_images_find(&engine->images, tag->image.id))
		sp_images_add(&engine->images, &tag->image, tag->path, tag->path_length);
	sp_point("tagged");
}

static void given_up(struct sp_engine *engine, uint64_t pending,
		     enum sp_gone_reason reason)
{
	struct sp_waiting_flow *flow = sp_waiting_find(&engine->waiting, pending);

	if (flow)
		sp_answer_give_up(engine, flow, reason);
}

/* They come many at a time: the clocks are read for the first of them. */
static const struct sp_now *clocks_after(struct sp_engine *engine, uint64_t boot)
{
	if (engine->heard.boot <= boot)
		engine->read_clocks(&engine->heard);
	return &engine->heard;
}

static void record(struct sp_engine *engine, const struct sallyport_event *event)
{
	const struct sp_now *now = clocks_after(engine, event->time);
	const struct sp_image_entry *image;
	struct sp_report report;	/* large: cleared as far as it is used */

	report.kind = SP_REPORT_RECORD;
	image = sp_engine_image(engine, event->flow.image);
	if (!sp_record_event(&report.record, event, image ? image->path : NULL, now))
		return;
	sp_learned_show(&engine->learned, &event->flow, now, &report.record.host);
	/* what was open before is judged without it */
	report.record.host.missed &= event->kind != SALLYPORT_EVENT_ENDED || event->began;
	sp_reports_record(&engine->reports, &report);
}

void sp_news_event(void *arg, const struct sallyport_event *event)
{
	struct sp_engine *engine = arg;

	if (event->kind == SALLYPORT_EVENT_EXPIRED) {
		given_up(engine, event->id, SP_GONE_EXPIRED);
		return;
	}
	if (event->kind == SALLYPORT_EVENT_ABANDONED) {
		given_up(engine, event->id, SP_GONE_ENDED);
		return;
	}
	if ((event->kind == SALLYPORT_EVENT_FLOW || event->began) &&
	    event->flow.flags & SALLYPORT_FLOW_INHERITED)
		sp_once_inherited(&engine->once, &event->flow);
	if (event->kind == SALLYPORT_EVENT_ENDED)
		sp_once_ended(&engine->once, &event->flow);
	record(engine, event);
}

/*
 * Among them may have been the end of a flow that waits here, or was answered once.
 * Where there is neither, nothing is listed: a burst may lose some again and again.
 */
void sp_news_events_lost(void *arg, uint32_t count)
{
	struct sp_engine *engine = arg;

	sp_reports_add_lost(&engine->reports, count);
	engine->ends_missed |= engine->once.count > 0;
	engine->resync_wanted |= engine->ends_missed || engine->waiting.count;
}

void sp_news_netns(void *arg, uint64_t netns, uint8_t state)
{
	struct sp_engine *engine = arg;
	struct sp_netns_news *news = &engine->netns_news;

	if (news->count == sizeof(news->list) / sizeof(news->list[0]))
		return;
	news->list[news->count].netns = netns;
	news->list[news->count++].state = state;
}

void sp_news_overrun(void *arg)
{
	struct sp_engine *engine = arg;

	engine->resync_wanted = engine->ends_missed = true;
}

void sp_news_unloaded(void *arg)
{
	struct sp_engine *engine = arg;

	engine->fatal = ENODEV;
}

static void listed(const struct sp_tag *tag, void *arg)
{
	struct sp_engine *engine = arg;
	struct sp_waiting_flow *flow;

	flow = sp_waiting_find(&engine->waiting, tag->pending.id);
	if (!flow)
		flow = sp_waiting_add(&engine->waiting, tag);
	if (flow)
		flow->round = engine->waiting.round;
}

static int list(struct sp_engine *engine)
{
	int error = EINTR, i;

	for (i = 0; i < DUMP_TRIES && error == EINTR; i++)
		error = engine->calls->waiting(engine->kernel, listed, engine);
	return error;
}

static struct sp_waiting_flow *find_unlisted(struct sp_waiting_order *order,
					     uint32_t round)
{
	struct sp_waiting_flow *flow;

	TAILQ_FOREACH(flow, order, order)
		if (flow->round != round)
			return flow;
	return NULL;
}

static struct sp_waiting_flow *unlisted(struct sp_waiting_table *table)
{
	struct sp_waiting_flow *flow = find_unlisted(&table->judged, table->round);

	return flow ? flow : find_unlisted(&table->unjudged, table->round);
}

static void recount(const struct sallyport_flow *flow,
		    const struct sallyport_counts *counts, void *arg)
{
	struct sp_engine *engine = arg;

	(void)counts;
	sp_once_recount(&engine->once, flow);
}

/* Answers "once" hold until the last of their flows ends: which are open? */
static int recount_once(struct sp_engine *engine)
{
	int error = EINTR, i;

	for (i = 0; i < DUMP_TRIES && error == EINTR; i++) {
		sp_once_recount_begin(&engine->once);
		error = engine->calls->flows(engine->kernel, recount, engine);
	}
	if (!error)
		sp_once_recount_end(&engine->once);
	return error;
}

/*
 * Listed twice before a flow is taken to be gone: flows that go while the kernel
 * lists may hide others. What is gone makes room, so what did not fit is listed
 * once more. Then tags are read that were there before the listing, so that none
 * brings back a flow that was answered since.
 */
void sp_news_resync(struct sp_engine *engine)
{
	struct sp_waiting_flow *flow;

	engine->resync_wanted = false;
	engine->waiting.round++;
	engine->ends_missed = engine->ends_missed && recount_once(engine);
	if (engine->ends_missed || list(engine) || (unlisted(&engine->waiting) && list(engine))) {
		engine->resync_wanted = true;
		return;
	}
	if (unlisted(&engine->waiting)) {
		while ((flow = unlisted(&engine->waiting)))
			sp_answer_give_up(engine, flow, SP_GONE_EXPIRED);
		list(engine);
	}
	while (engine->calls->read_tags(engine->kernel))
		;
}
