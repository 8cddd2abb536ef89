/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Look-ups that were not seen. For a while an address without a name may be one that a
 * program was told then: its names are not known, which is not the same as none.
 *
 * How long: as long as a name lives at least (SP_NAMES_SHORTEST). Whom it is about: those
 * for whom the name would have counted (names.h), so all programs of a user, or everybody
 * where it is not known who asked, or a user of the system did. Bounded: beyond
 * SP_LOSSES_MAX users it is about everybody.
 *
 * What was open before is not meant: its address is from another look-up.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "names.h"

#define SP_LOSS_LIFE	(SP_NAMES_SHORTEST * 1000000000ull)	/* ns */
#define SP_LOSSES_MAX	64

struct sp_loss {
	uint32_t uid;
	uint64_t since, until;	/* boottime ns */
};

struct sp_losses {
	bool begun;		/* one did, since whoever decides has cleared this */
	struct sp_loss everybody;
	size_t count;
	struct sp_loss users[SP_LOSSES_MAX];
};

/* At @when, which is not after @boot: both CLOCK_BOOTTIME in ns. */
void sp_losses_add(struct sp_losses *losses, uint32_t uid, uint64_t when, uint64_t boot);
void sp_losses_add_everybody(struct sp_losses *losses, uint64_t when, uint64_t boot);
/*
 * Is one about @uid now? @opened: when the flow was, 0: it is new. *@until: when there is
 * none any more, unless more is lost.
 */
bool sp_losses_find(const struct sp_losses *losses, uint32_t uid, uint64_t opened,
		    uint64_t boot, uint64_t *until);
