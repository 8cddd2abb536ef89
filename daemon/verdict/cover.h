/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a decision covers, written as a verdict for the kernel: the fields it
 * looked at, the prefix it compared, the moment until which it holds. The law
 * is that of decide.h: each flow that the verdict matches gets this decision.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "decide.h"
#include "sallyport.h"

/* The same moment on both clocks, in ns. */
struct sp_now {
	int64_t real;
	uint64_t boot;
};

void sp_now_read(struct sp_now *now);
/* 0 stays 0; what is past is 1: never "never". */
uint64_t sp_boot_time(const struct sp_now *now, int64_t real);
int64_t sp_real_time(const struct sp_now *now, uint64_t boot);

/* @decision is allow, deny or drop, and needs nothing. */
void sp_cover_build(const struct sp_decision *decision, const struct sp_flow *flow,
		    const struct sp_now *now, uint64_t id,
		    struct sallyport_verdict *verdict);
bool sp_cover_matches(const struct sallyport_verdict *verdict,
		      const struct sallyport_flow *flow);

/*
 * A flow that @verdict matches: what is not in its mask is zero. Which one is
 * all the same: if the decision looks at more, or needs a fact, the verdict goes.
 */
void sp_cover_sample(const struct sallyport_verdict *verdict, struct sp_flow *flow);
/* May @verdict stay, now that its sample gets @decision? */
bool sp_cover_keeps(const struct sallyport_verdict *verdict,
		    const struct sp_decision *decision, const struct sp_now *now);
