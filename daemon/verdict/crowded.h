/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the kernel lately had no place for a verdict: a subject has all its verdicts,
 * or its masks. Flows there are answered alone without asking the kernel first, for
 * a second; what is forgotten early is only tried again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "sallyport.h"

#define SP_CROWDED_MAX	64
#define SP_CROWDED_AGE	1000000000ull	/* ns */

/* A subject and a mask. */
struct sp_crowded_place {
	uint64_t image;
	uint32_t uid;
	uint32_t match;
	uint8_t direction;
	uint8_t remote_length;
	uint8_t reserved[6];
};

struct sp_crowded {
	struct {
		struct sp_crowded_place place;
		uint64_t until;		/* boottime ns; 0: free */
	} entries[SP_CROWDED_MAX];
};

void sp_crowded_add(struct sp_crowded *crowded, const struct sallyport_verdict *verdict,
		    uint64_t boot);
bool sp_crowded_has(const struct sp_crowded *crowded,
		    const struct sallyport_verdict *verdict, uint64_t boot);
