/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many flows may wait in the kernel for us, when so many may wait for people.
 *
 * A flow that a rule decides waits too, for a moment: a browser that opens twenty
 * connections to hosts of its rules has them all under way before the first is
 * decided. They take no place from questions, nor questions from them; what one
 * program may have under way is bounded all the same, because others' flows come
 * after them in the queue.
 */
#pragma once

#include "sallyport.h"

#define SP_IN_FLIGHT		4	/* times as many */
#define SP_IN_FLIGHT_TOTAL	4096	/* the kernel has no more */

static inline struct sallyport_pending_limits
sp_limits_in_flight(const struct sallyport_pending_limits *asked)
{
	struct sallyport_pending_limits limits = *asked;

	limits.image *= SP_IN_FLIGHT;
	limits.user *= SP_IN_FLIGHT;
	limits.total *= SP_IN_FLIGHT;
	if (limits.total > SP_IN_FLIGHT_TOTAL)
		limits.total = SP_IN_FLIGHT_TOTAL;
	return limits;
}
