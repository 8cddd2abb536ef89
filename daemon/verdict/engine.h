/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that the verdict thread knows, without its sockets. Used by one thread.
 *
 * answer.c: single flows and their packets. sweep.c: everything again, when the
 * policy changed. news.c: what the kernel tells beside packets.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "calls.h"
#include "cover.h"
#include "crowded.h"
#include "images.h"
#include "installed.h"
#include "interfaces.h"
#include "learn.h"
#include "need.h"
#include "once.h"
#include "places.h"
#include "queued.h"
#include "release.h"
#include "reports.h"
#include "rule_names.h"
#include "verdict.h"
#include "waiting.h"

struct sp_engine_counters {
	uint64_t unmatched;	/* packets without a tag, dropped */
	uint64_t limited;	/* questions beyond the limits: denied */
	uint64_t failed;	/* answers that the kernel did not take */
	uint64_t alone;		/* flows whose verdict found no place: decided singly */
};

/* What was told of other namespaces in this round; told again if it is lost. */
struct sp_netns_news {
	size_t count;
	struct {
		uint64_t netns;
		uint8_t state;		/* enum sallyport_netns_state */
	} list[256];
};

struct sp_engine {
	const struct sp_kernel_calls *calls;
	void *kernel;
	void (*read_clocks)(struct sp_now *now);
	struct sp_now heard;		/* not before the event that was last heard of */

	struct sp_snapshot *snapshot;	/* a reference */
	bool stops;			/* connections that it denies, and does not end them */
	uint64_t epoch;			/* the kernel's; grows with each sweep */
	uint64_t last_id;		/* of verdicts */
	int64_t next_change;		/* when a decision may change; 0: never */
	bool sweep_wanted;
	bool resync_wanted;
	bool ends_missed;		/* of open flows, which answers "once" count */
	bool installed_stale;		/* the kernel may have more than we know of */
	bool installed_short;		/* … and there was no room for it */
	bool undecided;			/* the last sweep left open flows, for lack of facts */
	struct sallyport_pending_limits limits;	/* of what waits for people */
	int fatal;			/* errno: the kernel does not obey any more */

	struct sp_waiting_table waiting;
	struct sp_installed installed;
	struct sp_once once;
	struct sp_crowded crowded;
	struct sp_images images;
	struct sp_interfaces interfaces;
	struct sp_places places;
	struct sp_needs needs;
	struct sp_learned learned;
	struct sp_rule_names rule_names;
	struct sp_release release;
	struct sp_reports reports;
	struct sp_engine_counters counters;
	struct sp_netns_news netns_news;

	/* As many as can wait: what one answer is for. */
	uint64_t *picked_ids;
	struct sp_waiting_flow **picked;
	struct sp_image_record *scratch;
	struct sp_image_record *subject;	/* sweep.c: whose flow is decided */
};

struct sp_engine_sizes {
	size_t waiting;
	size_t verdicts;
};

/*
 * Everything else is zero; calls, kernel, release, limits, needs.source and epoch are
 * set by the caller. An errno.
 */
int sp_engine_init(struct sp_engine *engine, struct sp_snapshot *snapshot,
		   const struct sp_engine_sizes *sizes);
void sp_engine_clear(struct sp_engine *engine);
void sp_engine_set_snapshot(struct sp_engine *engine, struct sp_snapshot *snapshot);

/*
 * @path may be NULL. @patient: what the decision needs is asked for, and nothing
 * is decided yet (->need); else what is not at hand has failed. @opened: NULL, it is
 * a new flow.
 */
void sp_engine_decide(struct sp_engine *engine, const struct sp_flow *flow,
		      const struct sallyport_image *image, const char *path,
		      const struct sp_now *now, bool patient,
		      const struct sp_opened *opened, struct sp_decision *decision);
/* From the cache or the kernel; NULL: not to be had. */
const struct sp_image_entry *sp_engine_image(struct sp_engine *engine, uint64_t id);
/* Is it one after which the kernel will not obey any more? Then it is ->fatal. */
void sp_engine_note_error(struct sp_engine *engine, int error);

/* answer.c */
void sp_answer_packet(struct sp_engine *engine, const struct sp_queued *packet);
void sp_answer_all(struct sp_engine *engine);	/* flows not yet judged */
/* ENOENT: none of them waits any more. */
int sp_answer_given(struct sp_engine *engine, const uint64_t *pending, size_t count,
		    enum sp_action action, enum sp_record_by by, bool once);
/* Its packets are dropped. */
void sp_answer_give_up(struct sp_engine *engine, struct sp_waiting_flow *flow,
		       enum sp_gone_reason reason);
/* All that wait in a namespace that has ended. */
void sp_answer_give_up_netns(struct sp_engine *engine, uint64_t netns);

/* sweep.c */
/*
 * Decides everything again under the snapshot; 0 when the kernel obeys, but for
 * open flows that wait for facts: engine->undecided, and it will be swept again.
 */
int sp_sweep(struct sp_engine *engine);
/*
 * Only what is about addresses whose names have changed: learned.renewed, then none. Open
 * flows to them are left, for the other one: learned.unlisted, then none.
 */
int sp_sweep_renewed(struct sp_engine *engine);
int sp_sweep_unlisted(struct sp_engine *engine);
/* Takes over what the kernel has from an earlier daemon; sweeps. */
int sp_sweep_first(struct sp_engine *engine);

/* news.c */
void sp_news_tag(void *engine, const struct sp_tag *tag);
void sp_news_event(void *engine, const struct sallyport_event *event);
void sp_news_events_lost(void *engine, uint32_t count);
void sp_news_netns(void *engine, uint64_t netns, uint8_t state);
void sp_news_overrun(void *engine);
void sp_news_unloaded(void *engine);
/* Compares our waiting flows with the kernel's. */
void sp_news_resync(struct sp_engine *engine);
