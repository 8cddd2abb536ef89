/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of a packet: it passes, is refused, dropped, or waits for the
 * daemon. The functions return a hook's verdict; whatever is not passed is
 * counted with its reason here. Under rcu_read_lock(), any context but hard
 * interrupts. @generation: sp_cache_begin(), from before the tables were asked.
 */
#ifndef _SALLYPORT_JUDGE_H
#define _SALLYPORT_JUDGE_H

#include "packet.h"
#include "stats.h"

static inline unsigned int sp_pass(enum sallyport_stat stat)
{
	sp_stat(stat);
	return NF_ACCEPT;
}

/* Gone without a word. The packet is freed. */
unsigned int sp_drop(struct sp_packet *packet, enum sallyport_stat reason);

/*
 * Refused as @action says, of a flow that was answered alone, or ended. No event: the
 * daemon knows, and has written it down.
 */
unsigned int sp_by_answer(struct sp_packet *packet, u8 action);

/*
 * Whose the packet is, into packet->desc, with a reference to the image; as
 * sp_owner_fill(), but one that comes back from the daemon is whose it was when
 * it was queued: its socket may be another's by now.
 */
void sp_find_owner(struct sp_packet *packet, bool sends);

/* As its flow, which is in the table, was decided. */
unsigned int sp_obey_flow(struct sp_packet *packet, struct sp_flow *flow,
			  u32 generation);

/*
 * Enters an allowed flow of the socket packet->enters, if it is to be. False: the
 * policy changed since @generation was read, so that the sweep which follows a
 * change may have missed it; judge again. A record of the socket's owner is what
 * its end is seen by: without one nothing is entered.
 */
bool sp_enter_flow(struct sp_packet *packet, u64 rule, u32 generation);

/* By the verdicts, or else by the daemon. The owner was found. */
unsigned int sp_judge_new(struct sp_packet *packet, u32 generation);

/*
 * A connection beyond its handshake that has no flow (any more, on this device).
 * Without a record of its owner it is older than the module, unless records may
 * be missing.
 */
unsigned int sp_judge_established(struct sp_packet *packet, u32 generation);

#endif
