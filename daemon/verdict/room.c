/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See room.h. */
#include "room.h"

#define IN_FLIGHT		4	/* times as many */
#define IN_FLIGHT_TOTAL		4096	/* the kernel has no more */

struct sallyport_pending_limits
sp_room_in_flight(const struct sallyport_pending_limits *asked)
{
	struct sallyport_pending_limits limits = *asked;

	limits.image *= IN_FLIGHT;
	limits.user *= IN_FLIGHT;
	limits.total *= IN_FLIGHT;
	if (limits.total > IN_FLIGHT_TOTAL)
		limits.total = IN_FLIGHT_TOTAL;
	return limits;
}

/* Of what a program may have in the kernel a share is left to what rules decide. */
static size_t flows_of_image(const struct sallyport_pending_limits *asked)
{
	return (size_t)asked->image * (IN_FLIGHT - 1);
}

/* Is there a place among the user's questions about the program, or is this one of them? */
static bool image_has_room(const struct sallyport_pending_limits *asked,
			   const struct sp_waiting_table *table,
			   const struct sp_waiting_flow *flow)
{
	const struct sp_waiting_flow *other;
	size_t questions = 0, flows = 0;

	other = sp_waiting_image_first(table, flow->info.flow.image);
	for (; other; other = sp_waiting_image_next(other)) {
		if (other->info.flow.uid != flow->info.flow.uid)
			continue;
		flows += other->asked;
		questions += other->leads;
	}
	return flows < flows_of_image(asked) &&
	       (questions < asked->image || sp_waiting_leader(table, flow));
}

bool sp_room_for(const struct sallyport_pending_limits *asked,
			  const struct sp_waiting_table *table,
			  const struct sp_waiting_flow *flow, enum sallyport_stat *limit)
{
	*limit = SALLYPORT_STAT_LIMIT_IMAGE;
	if (!image_has_room(asked, table, flow))
		return false;
	*limit = SALLYPORT_STAT_LIMIT_TOTAL;
	if (table->asked >= asked->total)
		return false;
	if (flow->info.flow.direction == SALLYPORT_IN &&
	    sp_waiting_asked_inbound(table) >= asked->total / 4)
		return false;
	*limit = SALLYPORT_STAT_LIMIT_USER;
	return sp_waiting_asked_of_user(table, flow->info.flow.uid) < asked->user;
}
