/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts that are not at hand: asked for, waited for, given up. A flow whose
 * decision needs one goes on waiting and is decided again when it is there; after
 * SP_NEED_PATIENCE the fact has failed for it. A sweep waits in the same way for
 * what open flows need.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "ancestry.h"
#include "cover.h"
#include "known.h"
#include "verdict.h"

#define SP_NEED_PATIENCE	3000000000ull	/* ns */

struct sp_engine;

struct sp_needs {
	const struct sp_fact_source *source;	/* NULL: such facts have failed */
	struct sp_known_table known;
	struct sp_ancestries ancestries;
	uint64_t deadline;	/* boottime: of the flow whose patience ends first; 0: none */
	uint64_t sweep;		/* boottime until which the sweep waits; 0: it does not */
	bool gave_up;		/* something was decided without a fact that may still come */
	uint64_t refused;	/* wants that the source had no room for */
};

/*
 * Facts of @image and of the flow's process and cgroup from what is known, pending
 * where it is to be had. Returns the moment (boottime) at which one that has failed may be
 * tried again; 0: none has.
 */
uint64_t sp_need_fill(const struct sp_needs *needs, const struct sp_flow *flow,
		      const struct sallyport_image *image, const struct sp_now *now,
		      struct sp_facts *facts);
/*
 * Asks for facts of @need (enum sp_fact): the kernel, so that they are there when
 * this returns, or the source, as far as there is room.
 */
void sp_need_ask(struct sp_engine *engine, const struct sp_flow *flow,
		 const struct sallyport_image *image, const char *path, unsigned need,
		 const struct sp_now *now);
/* What a person is to know, as far as it is at hand: the last members of @waiting. */
void sp_need_describe(struct sp_engine *engine, struct sp_waiting *waiting);
/* Someone has patience until @deadline (boottime). */
void sp_need_until(struct sp_needs *needs, uint64_t deadline);

/* The source's answers are taken, and what waited for facts is judged anew. */
void sp_need_take(struct sp_engine *engine);
/* Patience is over for some, perhaps. */
void sp_need_expire(struct sp_engine *engine);
