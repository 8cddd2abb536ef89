// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of a packet, once its flow is known or known to be new: the same
 * for what programs send and receive, and for the frames of packet sockets.
 */
#include <linux/smp.h>

#include "daemon.h"
#include "events.h"
#include "flow_cache.h"
#include "judge.h"
#include "namespace.h"
#include "netlink.h"
#include "owner.h"
#include "pending.h"
#include "refuse.h"
#include "upcall.h"
#include "verdict_table.h"

/* A policy that changes while one packet is judged: more often is dropped. */
#define SP_JUDGE_TRIES 3

/* --- refusing ------------------------------------------------------------ */

/* Gone without a word: NF_DROP would give the sender EPERM. */
static unsigned int drop_silently(struct sp_packet *packet)
{
	kfree_skb(packet->skb);
	return NF_STOLEN;
}

unsigned int sp_drop(struct sp_packet *packet, enum sallyport_stat reason)
{
	sp_stat(reason);
	return drop_silently(packet);
}

/* A queued packet goes on in the daemon's context. */
static bool was_held(void)
{
	return sp_daemon_is_current();
}

static unsigned int refuse_untold(struct sp_packet *packet, u8 action,
				  enum sallyport_stat reason)
{
	int error;

	sp_stat(reason);
	if (action == SALLYPORT_DROP)
		return drop_silently(packet);
	error = sp_refuse(packet, was_held());
	return error ? NF_DROP_ERR(error) : drop_silently(packet);
}

static unsigned int refuse(struct sp_packet *packet, u8 action, u64 rule,
			   enum sallyport_stat reason)
{
	sp_event_refused(&packet->desc, action, rule, reason);
	return refuse_untold(packet, action, reason);
}

static enum sallyport_stat reason_of(u8 action)
{
	return action == SALLYPORT_DROP ? SALLYPORT_STAT_DROP : SALLYPORT_STAT_DENY;
}

static unsigned int by_verdict(struct sp_packet *packet, u8 action, u64 rule)
{
	return refuse(packet, action, rule, reason_of(action));
}

unsigned int sp_by_answer(struct sp_packet *packet, u8 action)
{
	return refuse_untold(packet, action, reason_of(action));
}

/* --- a packet of a flow that is in the table ---------------------------- */

static void count_in_cache(struct sp_packet *packet, struct sp_flow *flow,
			   u32 generation)
{
	local_bh_disable();
	sp_cache_fill(flow, generation, packet->way, packet->bytes,
		      packet->segments);
	local_bh_enable();
}

/* Whose the flow is, as it was noted; the image with a reference. */
static void describe_as(struct sp_packet *packet, const struct sp_flow_desc *desc)
{
	sp_image_put(packet->desc.image);
	packet->desc = *desc;
	sp_image_get(packet->desc.image);
}

void sp_find_owner(struct sp_packet *packet, bool sends)
{
	if (was_held())
		packet->waited = sp_pending_find(&packet->desc.key);
	if (packet->waited)
		describe_as(packet, &packet->waited->desc);
	else
		sp_owner_fill(packet->sk, sends, &packet->desc);
}

unsigned int sp_obey_flow(struct sp_packet *packet, struct sp_flow *flow,
			  u32 generation)
{
	sp_stat(SALLYPORT_STAT_FLOW_HIT);
	packet->desc.key.cookie = flow->desc.key.cookie;
	if (!packet->waited && was_held())
		packet->waited = sp_pending_find(&packet->desc.key);
	if (flow->action != SALLYPORT_ALLOW) {
		describe_as(packet, &flow->desc);
		return sp_by_answer(packet, flow->action);
	}
	count_in_cache(packet, flow, generation);
	return NF_ACCEPT;
}

/* --- a new flow ---------------------------------------------------------- */

/* @entered: the flow, or NULL where none was to be entered or there was no room. */
static bool enter_flow(struct sp_packet *packet, u64 rule, u32 generation,
		       struct sp_flow **entered)
{
	bool request = packet->enters != packet->desc.key.cookie;
	struct sp_flow_desc desc = packet->desc;
	struct sp_flow *flow;

	*entered = NULL;
	if (!packet->enters)
		return true;
	if (request)
		desc.flags |= SALLYPORT_FLOW_INHERITED;
	desc.key.cookie = packet->enters;
	if (!sp_owner_known(packet->enters))
		sp_owner_inherit(packet->enters, &desc, request);
	if (!sp_owner_known(packet->enters) ||
	    sp_flow_insert(&desc, SALLYPORT_ALLOW, rule, &flow)) {
		sp_stat(SALLYPORT_STAT_FLOW_FULL);
		return true;
	}
	smp_mb();	/* the flow is in the table before the generation is read */
	if (sp_cache_begin() != generation) {
		sp_flow_kill(flow);
		return false;
	}
	count_in_cache(packet, flow, generation);
	*entered = flow;
	return true;
}

bool sp_enter_flow(struct sp_packet *packet, u64 rule, u32 generation)
{
	struct sp_flow *entered;

	return enter_flow(packet, rule, generation, &entered);
}

static bool is_dhcp(const struct sp_flow_key *key)
{
	u16 local = ntohs(key->local_port), remote = ntohs(key->remote_port);

	if (key->protocol != IPPROTO_UDP)
		return false;
	if (key->family == AF_INET)
		return local == 68 && remote == 67;
	return local == 546 && remote == 547;
}

/* Storage over the network must go on, or the machine can't even swap. */
static bool is_vital(const struct sp_packet *packet)
{
	return is_dhcp(&packet->desc.key) ||
	       (packet->sk && sock_flag(packet->sk, SOCK_MEMALLOC));
}

/*
 * Entered, so that what comes back is known. If a daemon came meanwhile, its
 * first sweep may have missed the flow.
 */
static unsigned int pass_undecided(struct sp_packet *packet, u32 generation,
				   enum sallyport_stat stat)
{
	if (!sp_enter_flow(packet, 0, generation))
		return sp_drop(packet, SALLYPORT_STAT_UNSETTLED);
	return sp_pass(stat);
}

static unsigned int without_daemon(struct sp_packet *packet, u32 generation)
{
	u8 action = READ_ONCE(sp_daemon.absent[packet->desc.direction]);

	if (is_vital(packet))
		return pass_undecided(packet, generation, SALLYPORT_STAT_ALWAYS);
	if (action == SALLYPORT_ALLOW)
		return pass_undecided(packet, generation,
				      SALLYPORT_STAT_ABSENT_PASS);
	return refuse(packet, action, 0, SALLYPORT_STAT_ABSENT);
}

static unsigned int to_queue(void)
{
	u16 count = READ_ONCE(sp_daemon.queue_count) ?: 1;

	sp_stat(SALLYPORT_STAT_UPCALL);
	return NF_QUEUE_NR(READ_ONCE(sp_daemon.queue_first) +
			   raw_smp_processor_id() % count);
}

/*
 * What waits already, or belongs to a connection that is open, must not end it:
 * it is sent again.
 */
static unsigned int not_held(struct sp_packet *packet, enum sallyport_stat reason)
{
	if (reason == SALLYPORT_STAT_HELD_ENOUGH || packet->established)
		return sp_drop(packet, reason);
	return refuse(packet, SALLYPORT_DENY, 0, reason);
}

/*
 * The daemon learns of it before it sees the packet. A frame it never sees: that one is
 * lost, as on a bad line, and the next finds the answer.
 */
static unsigned int tell_and_queue(struct sp_packet *packet, u64 id)
{
	struct sp_pending *pending;

	if (!sp_upcall_tell(id) && (!packet->frame || !sp_netlink_rouse()))
		return packet->frame ? sp_drop(packet, SALLYPORT_STAT_UNHELD) :
				       to_queue();
	pending = sp_pending_by_id(id);
	if (pending)
		sp_pending_remove(pending);
	return not_held(packet, SALLYPORT_STAT_TAG_LOST);
}

/* Answered alone, when the flow table had no room for it; it may have by now. */
static unsigned int obey_answer(struct sp_packet *packet, u32 generation,
				const struct sp_pending_answer *answer)
{
	packet->desc.direction = answer->direction;
	if (answer->action != SALLYPORT_ALLOW)
		return sp_by_answer(packet, answer->action);
	if (!sp_enter_flow(packet, answer->rule, generation))
		return sp_drop(packet, SALLYPORT_STAT_UNSETTLED);
	return sp_pass(SALLYPORT_STAT_VERDICT_HIT);
}

static unsigned int ask(struct sp_packet *packet, u32 generation)
{
	struct sp_pending_answer answer;
	enum sallyport_stat reason;
	enum sp_hold hold;
	u64 id;

	if (!sp_daemon_present())
		return without_daemon(packet, generation);
	switch (packet->frame ? SP_QUEUES_READY :
				sp_namespace_queues(packet->state->net)) {
	case SP_QUEUES_READY:
		break;
	case SP_QUEUES_SOON:
		return sp_drop(packet, SALLYPORT_STAT_QUEUE_SOON);
	case SP_QUEUES_NONE:
		return not_held(packet, SALLYPORT_STAT_NO_QUEUE);
	}
	hold = sp_pending_hold(&packet->desc, packet->sk,
			       READ_ONCE(sp_daemon.epoch),
			       packet->frame ? 0 : packet->bytes,
			       packet->waited, &id, &reason, &answer);
	if (hold == SP_HOLD_ANSWERED)
		return obey_answer(packet, generation, &answer);
	packet->waited = NULL;	/* it waits again, or was counted out */
	switch (hold) {
	case SP_HOLD_NEW:
		return tell_and_queue(packet, id);
	case SP_HOLD_MORE:
		return to_queue();
	case SP_HOLD_ANSWERED:
	case SP_HOLD_REFUSE:
		break;
	}
	return not_held(packet, reason);
}

unsigned int sp_judge_new(struct sp_packet *packet, u32 generation)
{
	struct sp_answer answer;
	struct sp_flow *flow;
	int tries;

	for (tries = 0; tries < SP_JUDGE_TRIES; tries++) {
		if (!sp_verdict_find(&packet->desc, &answer))
			return ask(packet, generation);
		if (answer.action != SALLYPORT_ALLOW) {
			sp_stat(SALLYPORT_STAT_VERDICT_HIT);
			return by_verdict(packet, answer.action, answer.rule);
		}
		if (enter_flow(packet, answer.rule, generation, &flow)) {
			if (flow)
				sp_event_begun(flow);
			else
				sp_event_flow(&packet->desc, answer.rule);
			return sp_pass(SALLYPORT_STAT_VERDICT_HIT);
		}
		generation = sp_cache_begin();
	}
	return sp_drop(packet, SALLYPORT_STAT_UNSETTLED);
}

/* Where it can't be entered now it stays what it is, and the next packet tries again. */
static unsigned int pass_older(struct sp_packet *packet, u32 generation)
{
	struct sp_flow *entered;
	bool settled;

	packet->desc.flags |= SALLYPORT_FLOW_INHERITED;
	settled = enter_flow(packet, 0, generation, &entered);
	if (!entered)
		sp_owner_stays_older(packet->enters);
	return settled ? sp_pass(SALLYPORT_STAT_ESTABLISHED) :
			 sp_drop(packet, SALLYPORT_STAT_UNSETTLED);
}

unsigned int sp_judge_established(struct sp_packet *packet, u32 generation)
{
	packet->established = true;
	if (sp_owner_is_older(packet->enters))
		return pass_older(packet, generation);
	if (!packet->waited)
		packet->desc.direction = sp_owner_direction(packet->enters);
	return sp_judge_new(packet, generation);
}
