// SPDX-License-Identifier: GPL-2.0
/*
 * The law: what must become of a packet, by who sent it, what the policy says
 * and what the daemon told the module.
 */
#include <string.h>

#include "law_judging.h"
#include "pending.h"

/* --- who -------------------------------------------------------------------------- */

static bool holds(const struct law_process *process, const struct law_socket *socket)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(process->files.open); i++)
		if (process->files.open[i] == &socket->file)
			return true;
	return false;
}

/* The same process, where its image is not known. */
static bool is_still(const struct law_socket *socket, const struct law_process *by)
{
	if (by->who.program == LAW_UNKNOWN)
		return socket->has_record && socket->record.pid == (u32)by->task.tgid;
	return socket->has_record && law_same_who(&socket->record, &by->who);
}

/* Who may have queues gives back what others sent; all else is sent by who runs. */
static bool gives_back(const struct law_process *by, const struct law_socket *socket)
{
	return by->task.net_admin && !by->files.many && !holds(by, socket);
}

/* The record's, or who sends it now. */
static void set_who(struct law_judging *j)
{
	const struct law_packet *packet = j->packet;
	struct law_socket *socket = packet->socket;
	struct law_who *who = &j->flow.who;

	if (j->back) {
		j->flow = j->back->flow;
		return;
	}
	*who = socket->has_record ? socket->record :
	       (struct law_who) { .program = LAW_UNKNOWN };
	if (packet->direction == SALLYPORT_IN || j->established || j->returned ||
	    !packet->by || is_still(socket, packet->by) ||
	    gives_back(packet->by, socket) ||
	    (socket->has_record && packet->sk->sk_type == SOCK_STREAM))
		return;
	if ((packet->by->task.net_admin && packet->by->files.many) ||
	    packet->by->who.program == LAW_UNKNOWN) {
		*who = (struct law_who) { .program = LAW_UNKNOWN };
		return;
	}
	*who = packet->by->who;
	socket->record = *who;
	socket->has_record = true;
}

/* --- what must become of it --------------------------------------------------------- */

static void passes(struct law_judging *j)
{
	j->end = LAW_PASSED;
	j->reason = LAW_NO_REASON;
}

static void is_refused(struct law_judging *j, enum sallyport_stat reason)
{
	j->end = LAW_REFUSED;
	j->reason = reason;
}

static void by_action(struct law_judging *j, u8 action)
{
	if (action == SALLYPORT_ALLOW)
		passes(j);
	else
		is_refused(j, action == SALLYPORT_DROP ? SALLYPORT_STAT_DROP :
							 SALLYPORT_STAT_DENY);
}

/* The law. What a table answers is what the policy says. */
static void must_agree(const struct law_flow *flow, u8 action, const char *what)
{
	u8 policy = law_decide(flow, NULL);

	if (law_daemon.present && policy != action)
		law_fail("%s says %d, the policy %d", what, action, policy);
}

static void by_open(struct law_judging *j, struct law_open *open)
{
	u8 policy = law_decide(&open->flow, NULL);

	if (law_daemon.present && !open->unjudged && policy != LAW_ASK &&
	    policy != open->action)
		law_fail("open flow %llu has %d, the policy says %d", (unsigned long long)open->flow.key.cookie, open->action,
			 policy);
	by_action(j, open->action);
	if (open->action == SALLYPORT_ALLOW)
		j->open = open;
}

static bool same_image(const struct law_flow *a, const struct law_flow *b)
{
	return a->who.program == b->who.program && a->who.version == b->who.version;
}

/* Which limit keeps the flow from waiting? As pending.h says. */
static enum sallyport_stat limit(const struct law_flow *flow)
{
	u32 image = 0, user = 0, inbound = 0;
	bool asked = false;
	int i;

	for (i = 0; i < law_daemon.pendings; i++) {
		const struct law_flow *other = &law_daemon.pending[i].flow;

		image += same_image(flow, other) &&
			 flow->uid % SP_IMAGE_SHARES == other->uid % SP_IMAGE_SHARES;
		user += flow->uid == other->uid;
		if (other->direction != SALLYPORT_IN)
			continue;
		inbound++;
		asked |= !law_daemon.pending[i].answered &&
			 flow->key.cookie == other->key.cookie &&
			 flow->key.protocol == other->key.protocol &&
			 flow->key.local_port == other->key.local_port;
	}
	if (flow->direction == SALLYPORT_IN && asked)
		return SALLYPORT_STAT_LIMIT_IMAGE;
	if (flow->direction == SALLYPORT_IN && inbound >= law_daemon.limits.total / 4)
		return SALLYPORT_STAT_LIMIT_TOTAL;
	if ((u32)law_daemon.pendings >= law_daemon.limits.total)
		return SALLYPORT_STAT_LIMIT_TOTAL;
	if (image >= law_daemon.limits.image)
		return SALLYPORT_STAT_LIMIT_IMAGE;
	return user >= law_daemon.limits.user ? SALLYPORT_STAT_LIMIT_USER : LAW_NO_REASON;
}

static bool has_room(const struct law_pending *pending, u32 bytes)
{
	if (!pending->packets)
		return true;
	if (pending->packets >= SP_PENDING_PACKETS)
		return false;
	if (pending->flow.key.protocol == IPPROTO_TCP)
		return time_after(jiffies, pending->queued + SP_PENDING_REQUEUE);
	return pending->bytes + bytes <= SP_PENDING_BYTES;
}

static void waits_more(struct law_judging *j, struct law_pending *pending)
{
	u32 bytes = j->packet->bytes;

	if (j->packet->frame || !has_room(pending, bytes)) {
		is_refused(j, SALLYPORT_STAT_HELD_ENOUGH);
		return;
	}
	pending->packets++;
	pending->bytes += bytes;
	pending->queued = jiffies;
	j->end = LAW_HELD;
}

/* It came back without a verdict. */
static void waits_again(struct law_judging *j, struct law_pending *pending)
{
	j->end = LAW_HELD;
	if (++pending->repeats < SP_PENDING_REPEATS * pending->packets)
		return;
	is_refused(j, SALLYPORT_STAT_UNANSWERED);
	if (pending->packets)
		pending->packets--;
	pending->bytes -= min(pending->bytes, j->packet->bytes);
	if (!pending->packets)
		pending->repeats = 0;
}

static void begins_to_wait(struct law_judging *j)
{
	enum sallyport_stat reason = limit(&j->flow);

	if (reason != LAW_NO_REASON) {
		is_refused(j, reason);
		return;
	}
	if (law_daemon.deaf && j->packet->frame) {	/* it can't be roused */
		is_refused(j, SALLYPORT_STAT_TAG_LOST);
		return;
	}
	j->begins = true;
	if (j->packet->frame)
		is_refused(j, SALLYPORT_STAT_UNHELD);
	else
		j->end = LAW_HELD;
}

static void without_daemon(struct law_judging *j)
{
	u8 action = law_daemon.absent[j->flow.direction];

	if (action != SALLYPORT_ALLOW) {
		is_refused(j, SALLYPORT_STAT_ABSENT);
		return;
	}
	passes(j);
	j->unjudged = true;
}

static void is_asked(struct law_judging *j)
{
	struct law_pending *pending = law_pending_find(&j->flow.key);
	bool enters = j->enters;

	j->enters = false;
	if (!law_daemon.present) {
		without_daemon(j);
		j->enters = enters && j->unjudged;
		return;
	}
	if (j->flow.container && !j->packet->frame &&
	    law_daemon.container != SALLYPORT_NETNS_READY) {
		is_refused(j, law_daemon.container ? SALLYPORT_STAT_NO_QUEUE :
						     SALLYPORT_STAT_QUEUE_SOON);
		return;
	}
	if (pending && !law_same_who(&pending->flow.who, &j->flow.who)) {
		is_refused(j, SALLYPORT_STAT_HELD_ENOUGH);
		return;
	}
	if (pending && pending->answered && pending->action &&
	    pending->epoch == law_daemon.epoch) {
		if (law_decide(&pending->flow, NULL) != LAW_ASK)
			must_agree(&pending->flow, pending->action, "an answer");
		by_action(j, pending->action);
		j->flow.direction = pending->flow.direction;
		j->enters = enters && pending->action == SALLYPORT_ALLOW;
		return;
	}
	if (pending && pending->answered) {	/* that is void by now */
		law_pending_remove(pending);
		j->back = NULL;
		begins_to_wait(j);
	} else if (pending && j->back) {
		waits_again(j, pending);
	} else if (pending) {
		waits_more(j, pending);
	} else {
		begins_to_wait(j);
	}
}

static void is_new(struct law_judging *j, bool enters)
{
	u8 action = law_installed(&j->flow);

	j->enters = enters && j->flow.key.cookie;
	if (!action) {
		is_asked(j);
		return;
	}
	must_agree(&j->flow, action, "a verdict");
	by_action(j, action);
	j->enters &= action == SALLYPORT_ALLOW;
}

/* Beyond the handshake, without a flow. */
static void is_established(struct law_judging *j)
{
	struct law_socket *socket = j->packet->socket;

	if (!j->back)
		j->flow.direction = socket->has_record && socket->accepted ?
			SALLYPORT_IN : SALLYPORT_OUT;
	is_new(j, true);
}

static bool beyond_handshake(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP && sk->sk_state != TCP_CLOSE &&
	       sk->sk_state != TCP_SYN_SENT && sk->sk_state != TCP_LISTEN;
}

static void judge_out(struct law_judging *j)
{
	const struct law_packet *packet = j->packet;
	struct law_open *open = law_open_find(&j->flow.key);

	bool listens = packet->sk->sk_state == TCP_LISTEN;

	if (!sk_fullsock(packet->sk) || (listens && (packet->flags & 0x12) == 0x12) ||
	    (packet->key.protocol == IPPROTO_TCP && packet->flags & 4)) {
		passes(j);
		if (open)
			open->uncounted = true;
		return;
	}
	if (listens) {
		set_who(j);
		is_refused(j, SALLYPORT_STAT_MALFORMED);
		return;
	}
	if (open) {
		by_open(j, open);
		return;
	}
	j->established = beyond_handshake(packet->sk);
	set_who(j);
	if (j->established)
		is_established(j);
	else
		is_new(j, true);
}

/* An answer for the listener, if it is still the same program's. */
static struct law_open *find_listener(const struct law_flow *flow)
{
	struct law_open *open = law_open_find(&flow->key);

	if (open && !law_same_who(&open->flow.who, &flow->who)) {
		law_open_remove(open);
		open = NULL;
	}
	return open;
}

/* Judged for the listener; the last ACK begins the flow of the socket to be. */
static void judge_child(struct law_judging *j, struct sock *request)
{
	struct law_key child = j->flow.key;
	struct law_open *open;

	child.cookie = request->sk_cookie.counter;
	open = child.cookie ? law_open_find(&child) : NULL;
	if (open) {
		by_open(j, open);
		return;
	}
	open = find_listener(&j->flow);
	if (open) {
		by_open(j, open);
		j->open = NULL;
	} else {
		is_new(j, true);
	}
	if (j->end != LAW_PASSED) {
		j->enters = false;
		return;
	}
	j->enters = j->packet->last_ack && !sk_acceptq_is_full(request->rsk_listener);
	j->flow.key = child;
	if (open && j->enters)
		law_open_remove(open);
}

static void judge_in(struct law_judging *j)
{
	const struct law_packet *packet = j->packet;
	struct sock *sk = packet->sk;
	struct law_open *open;

	if (!sk && law_daemon.stealth) {
		is_refused(j, SALLYPORT_STAT_STEALTH);
		return;
	}
	if (!sk || (sk->sk_state == TCP_TIME_WAIT && !packet->reopens)) {
		passes(j);
		return;
	}
	if (packet->reopens)
		sk = packet->reopens;
	set_who(j);
	if (sk->sk_state == TCP_NEW_SYN_RECV) {
		judge_child(j, sk);
		return;
	}
	open = sk->sk_state == TCP_LISTEN ? find_listener(&j->flow) :
					    law_open_find(&j->flow.key);
	if (!open && sk->sk_state != TCP_LISTEN) {
		open = law_open_find_wire(&j->flow.key);
	}
	if (open)
		by_open(j, open);
	else if (beyond_handshake(sk))
		is_established(j);
	else if (sk->sk_state == TCP_SYN_SENT)
		passes(j);
	else
		is_new(j, sk->sk_state != TCP_LISTEN);
}

/* Where it has no IP header, its program alone counts. */
static void judge_frame(struct law_judging *j)
{
	const struct law_packet *packet = j->packet;
	struct law_open *open;

	if (packet->further) {
		passes(j);
		return;
	}
	if (packet->ring == LAW_RING_STAYS) {
		is_refused(j, SALLYPORT_STAT_NO_MEMORY);
		return;
	}
	open = packet->other ? NULL : law_open_find(&j->flow.key);
	if (open) {
		by_open(j, open);
		return;
	}
	set_who(j);
	if (!packet->other)
		is_new(j, true);
	else if (j->flow.who.program == LAW_UNKNOWN)
		is_refused(j, SALLYPORT_STAT_FRAME_FOREIGN);
	else
		passes(j);
}

void law_judge(struct law_judging *j)
{
	const struct law_packet *packet = j->packet;
	const struct sock *sk = packet->sk;

	j->flow.key = packet->key;
	j->flow.direction = packet->direction;
	j->flow.container = packet->net != &init_net;
	if (sk) {
		/* a request's flow is its listener's */
		if (sk->sk_state == TCP_NEW_SYN_RECV)
			sk = sk->rsk_listener;
		if (packet->reopens)
			sk = packet->reopens;
		if (sk_fullsock(sk)) {
			j->flow.uid = sk->sk_uid.val;
			j->flow.cgroup = sk->sk_cgrp_data->id;
		}
		j->flow.key.cookie = sk->sk_cookie.counter;
	}
	if (packet->key.ifindex == 1 || law_daemon.mode == SALLYPORT_MODE_OFF)
		passes(j);
	else if (packet->frame)
		judge_frame(j);
	else if (packet->direction == SALLYPORT_OUT)
		judge_out(j);
	else
		judge_in(j);
}
