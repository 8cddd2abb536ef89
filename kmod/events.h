/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the daemon is told beside questions: flows decided in the kernel, ended
 * flows, refusals. Gathered per CPU in a ring, sent in batches some times a
 * second, or when it is half full. A full ring, or a daemon whose buffer is full,
 * loses the event: that is counted and told, so that the daemon looks at the
 * tables for what it missed.
 *
 * A flow that begins is not in the ring, but in a list, for some time: when it is dead
 * before that is sent, as most are of those that come in crowds, its end tells both.
 * One event tells of all such ends that are alike and come one after the other.
 */
#ifndef _SALLYPORT_EVENTS_H
#define _SALLYPORT_EVENTS_H

#include "flow_table.h"
#include "pending.h"

int sp_events_init(void);
void sp_events_exit(void);

/* Any context but hard interrupts. Without a daemon they do nothing. */
void sp_event_begun(struct sp_flow *flow);	/* alive when the caller's RCU section began */
void sp_event_flow(const struct sp_flow_desc *desc, u64 rule);	/* allowed, not in the table */
void sp_event_refused(const struct sp_flow_desc *desc, u8 action, u64 rule,
		      enum sallyport_stat reason);
void sp_event_ended(struct sp_flow *flow);	/* once for each flow, daemon or not */
void sp_event_given_up(const struct sp_pending *pending, bool abandoned);

#endif
