// SPDX-License-Identifier: GPL-2.0
/*
 * The law: what must become of a packet, by who sent it, what the policy says
 * and what the daemon told the module; and that nothing else does.
 */
#include <string.h>

#include "flow_cache.h"
#include "law.h"
#include "pending.h"
#include "stats.h"

#define NO_REASON __SALLYPORT_STAT_MAX

/* A packet that waits in the daemon's queue. */
struct held {
	struct law_packet packet;
	struct sk_buff *skb;
};
static struct held held[256];
static int held_count;

/* What must become of the packet that is being judged. */
struct judging {
	const struct law_packet *packet;
	bool returned;
	struct law_pending *back;	/* it is one of this flow's */
	struct law_flow flow;
	bool established;
	enum law_end end;
	enum sallyport_stat reason;
	struct law_open *open;		/* counted there */
	bool enters, unjudged;
	bool begins;			/* to wait: the tag is compared */
	u64 tagged;			/* id in the tag that came */
};
static struct judging *now;

/* Numbers of instances of processes, as the module gave them. */
static u64 instance_ids[4096];

void law_referee_begin(void)
{
	law_open_count = 0;
	held_count = 0;
	memset(instance_ids, 0, sizeof(instance_ids));
}

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
static void set_who(struct judging *j)
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

static void passes(struct judging *j)
{
	j->end = LAW_PASSED;
	j->reason = NO_REASON;
}

static void is_refused(struct judging *j, enum sallyport_stat reason)
{
	j->end = LAW_REFUSED;
	j->reason = reason;
}

static void by_action(struct judging *j, u8 action)
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

static void by_open(struct judging *j, struct law_open *open)
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

		image += same_image(flow, other);
		user += flow->uid == other->uid;
		if (other->direction != SALLYPORT_IN)
			continue;
		inbound++;
		asked |= flow->key.cookie == other->key.cookie &&
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
	return user >= law_daemon.limits.user ? SALLYPORT_STAT_LIMIT_USER : NO_REASON;
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

static void waits_more(struct judging *j, struct law_pending *pending)
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
static void waits_again(struct judging *j, struct law_pending *pending)
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

static void begins_to_wait(struct judging *j)
{
	enum sallyport_stat reason = limit(&j->flow);

	if (reason != NO_REASON) {
		is_refused(j, reason);
		return;
	}
	if (law_daemon.deaf) {
		is_refused(j, SALLYPORT_STAT_TAG_LOST);
		return;
	}
	j->begins = true;
	if (j->packet->frame)
		is_refused(j, SALLYPORT_STAT_UNHELD);
	else
		j->end = LAW_HELD;
}

static void without_daemon(struct judging *j)
{
	u8 action = law_daemon.absent[j->flow.direction];

	if (action != SALLYPORT_ALLOW) {
		is_refused(j, SALLYPORT_STAT_ABSENT);
		return;
	}
	passes(j);
	j->unjudged = true;
}

static void is_asked(struct judging *j)
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

static void is_new(struct judging *j, bool enters)
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
static void is_established(struct judging *j)
{
	struct law_socket *socket = j->packet->socket;

	if (socket->has_record || law_owner_lost) {
		if (!j->back)
			j->flow.direction = socket->has_record && socket->accepted ?
				SALLYPORT_IN : SALLYPORT_OUT;
		is_new(j, true);
		return;
	}
	passes(j);	/* older than the module */
	j->enters = j->unjudged = true;
}

static bool beyond_handshake(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP && sk->sk_state != TCP_CLOSE &&
	       sk->sk_state != TCP_SYN_SENT && sk->sk_state != TCP_LISTEN;
}

static void judge_out(struct judging *j)
{
	const struct law_packet *packet = j->packet;
	struct law_open *open = law_open_find(&j->flow.key);

	if (!sk_fullsock(packet->sk) || packet->sk->sk_state == TCP_LISTEN ||
	    (packet->key.protocol == IPPROTO_TCP && packet->flags & 4)) {
		passes(j);
		if (open)
			open->uncounted = true;
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
static void judge_child(struct judging *j, struct sock *request)
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

static void judge_in(struct judging *j)
{
	const struct law_packet *packet = j->packet;
	struct sock *sk = packet->sk;
	struct law_open *open;

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
static void judge_frame(struct judging *j)
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
	else if (j->flow.who.program == LAW_UNKNOWN &&
		 (packet->socket->has_record || law_owner_lost))
		is_refused(j, SALLYPORT_STAT_FRAME_FOREIGN);
	else
		passes(j);
}

static void judge(struct judging *j)
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

/* --- judging ------------------------------------------------------------------------ */

static void same_field(const char *what, u64 has, u64 should)
{
	if (has != should)
		law_fail("the tag's %s is %llu and should be %llu", what,
			 (unsigned long long)has, (unsigned long long)should);
}

static void check_instance(u64 id, u32 instance)
{
	size_t i;

	if (!instance || instance >= ARRAY_SIZE(instance_ids)) {
		if (!instance)
			same_field("process", id, 0);
		return;
	}
	for (i = 1; i < ARRAY_SIZE(instance_ids); i++)
		if (i != instance && instance_ids[i] && instance_ids[i] == id)
			law_fail("two instances of processes have the number %llu",
				 (unsigned long long)id);
	if (instance_ids[instance])
		same_field("process", id, instance_ids[instance]);
	instance_ids[instance] = id;
}

void law_check_tag(const struct sallyport_pending *tag,
		   const struct sallyport_image *image)
{
	const struct law_flow *flow = &now->flow;
	const struct law_key *key = &flow->key;
	bool known = flow->who.program >= 0;

	same_field("cookie", tag->flow.cookie, key->cookie);
	same_field("uid", tag->flow.uid, flow->uid);
	same_field("cgroup", tag->flow.cgroup, flow->cgroup);
	same_field("direction", tag->flow.direction, flow->direction);
	same_field("protocol", tag->flow.protocol, key->protocol);
	same_field("device", tag->flow.ifindex, key->ifindex);
	same_field("remote port", ntohs(tag->flow.remote_port), key->remote_port);
	same_field("local port", ntohs(tag->flow.local_port), key->local_port);
	same_field("address", memcmp(tag->flow.remote,
				     law_address(key->remote, key->family), 16), 0);
	same_field("epoch", tag->epoch, law_daemon.epoch);
	same_field("file", image->ino, known ? 1000 + flow->who.program : 0);
	same_field("version", image->generation, flow->who.version);
	check_instance(tag->flow.process, flow->who.instance);
	if (!now->begins)
		law_fail("the daemon is asked about what it need not be (end %d, reason %d)",
			 now->end, now->reason);
	now->tagged = tag->id;
}

static enum law_end end_of(unsigned int verdict)
{
	switch (verdict & NF_VERDICT_MASK) {
	case NF_ACCEPT:
		return LAW_PASSED;
	case NF_QUEUE:
		return LAW_HELD;
	case NF_DROP:
	case NF_STOLEN:
		return LAW_REFUSED;
	}
	law_fail("the hook says %x", verdict);
}

static bool is_reason(int stat)
{
	return stat >= SALLYPORT_STAT_REASON_FIRST && stat <= SALLYPORT_STAT_REASON_LAST;
}

/* Each packet that is refused has exactly one reason. */
static void check_reason(const struct judging *j, enum law_end end, const u64 *before,
			 const u64 *after, bool failed)
{
	int i, sum = 0, found = NO_REASON;

	for (i = 0; i < __SALLYPORT_STAT_MAX; i++) {
		if (!is_reason(i) || after[i] == before[i])
			continue;
		sum += after[i] - before[i];
		found = i;
	}
	if (sum != (end == LAW_REFUSED))
		law_fail("%d reasons for a packet", sum);
	if (!sum || found == (int)j->reason)
		return;
	if (failed && (found == SALLYPORT_STAT_NO_MEMORY ||
		       found == SALLYPORT_STAT_TAG_LOST))
		return;
	law_fail("the reason is %d and should be %d", found, j->reason);
}

/* Dropping is silent. */
static void check_silence(const struct judging *j, unsigned int verdict,
			  const struct shim_refusals *before)
{
	if (j->reason != SALLYPORT_STAT_DROP && j->reason != SALLYPORT_STAT_UNHELD &&
	    j->reason != SALLYPORT_STAT_HELD_ENOUGH)
		return;
	if (verdict != NF_STOLEN || shim_refusals.resets != before->resets ||
	    shim_refusals.unreachables != before->unreachables)
		law_fail("a dropped packet is told of");
}

static void now_waits(struct judging *j, const struct sk_buff *skb)
{
	struct law_packet *packet;

	if (held_count == (int)ARRAY_SIZE(held))
		law_fail("too many packets wait for the model");
	held[held_count].skb = (struct sk_buff *)skb;
	packet = &held[held_count++].packet;
	*packet = *j->packet;
	packet->by = NULL;
	packet->key.cookie = j->flow.key.cookie;
}

/* A frame's does so without it. */
static void begins_now(const struct judging *j)
{
	bool queued = !j->packet->frame;

	if (!j->tagged)
		law_fail("a flow waits that the daemon was not told of");
	if (law_daemon.pendings == (int)ARRAY_SIZE(law_daemon.pending))
		law_fail("too many flows wait for the model");
	law_daemon.pending[law_daemon.pendings++] = (struct law_pending) {
		.flow = j->flow, .id = j->tagged, .since = shim_boottime,
		.packets = queued, .bytes = queued ? j->packet->bytes : 0,
		.queued = jiffies,
	};
}

/* What waited for the daemon's answer does so no more. */
static void has_returned(struct judging *j)
{
	struct law_pending *back = j->back;

	back->packets -= !!back->packets;
	back->bytes -= min(back->bytes, j->packet->bytes);
	if (!back->packets)
		back->repeats = 0;
	if (back->answered && !back->packets)
		law_pending_remove(back);
}

static void now_open(struct judging *j, bool failed)
{
	struct law_open *open = j->open;
	int direction = j->packet->direction;

	if (j->enters) {
		if (j->packet->sk->sk_state == TCP_NEW_SYN_RECV)
			j->flow.key.cookie = j->packet->sk->sk_cookie.counter;
		if (j->packet->sk == j->packet->socket->sk &&
		    !j->packet->socket->has_record) {
			j->packet->socket->has_record = true;
			j->packet->socket->record = j->flow.who;
			j->packet->socket->accepted = j->flow.direction;
		}
		law_open_enter(&j->flow, SALLYPORT_ALLOW, j->unjudged);
		open = law_open_find(&j->flow.key);
	}
	if (open) {
		open->packets[direction]++;
		open->bytes[direction] += j->packet->bytes;
		open->used = jiffies;
	}
	if (failed && j->enters)
		law_open_compare(true);
	if (j->enters && j->packet->last_ack)
		j->packet->socket->request_record = true;
}

/* That a packet came back is not noted where it passes by one of these. */
static bool is_unseen(const u64 *before, const u64 *after)
{
	static const u8 stats[] = {
		SALLYPORT_STAT_CACHE_HIT, SALLYPORT_STAT_OFF,
		SALLYPORT_STAT_LOOPBACK, SALLYPORT_STAT_CONTROL,
		SALLYPORT_STAT_UNWANTED,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(stats); i++)
		if (after[stats[i]] != before[stats[i]])
			return true;
	return false;
}

/* They are given when they are first asked for: now. */
static void give_cookies(struct sock *sk)
{
	u32 halves[2];

	if (!sk)
		return;
	sock_diag_save_cookie(sk, halves);
	if (sk->sk_state == TCP_NEW_SYN_RECV)
		sock_diag_save_cookie(sk->rsk_listener, halves);
}

static void trace(const struct judging *j, unsigned int verdict, bool failed)
{
	const struct law_key *key = &j->flow.key;
	const struct law_packet *packet = j->packet;

	law_trace("%s%s cookie %llu port %d state %d %s%s dev %d remote %d:%d proto %d flags %x by %d program %d.%d.%d uid %d: hook %x, end %d reason %d%s, tag %llu",
		packet->direction ? "in" : "out",
		j->returned ? " again" : "", (unsigned long long)key->cookie,
		key->local_port, packet->sk ? packet->sk->sk_state : 0,
		packet->early ? "early " : "", packet->net == &init_net ? "" : "container ",
		key->ifindex, key->remote, key->remote_port, key->protocol,
		packet->flags, packet->by ? packet->by->who.program : -9,
		j->flow.who.program, j->flow.who.version, j->flow.who.instance,
		j->flow.uid, verdict, j->end, j->reason,
		failed ? ", memory failed" : "", (unsigned long long)j->tagged);
}

static enum law_end run(struct judging *j, struct sk_buff *skb, struct task_struct *task)
{
	struct shim_refusals refusals = shim_refusals;
	u64 before[__SALLYPORT_STAT_MAX], after[__SALLYPORT_STAT_MAX];
	unsigned int verdict;
	enum law_end end;
	bool failed, unseen;

	give_cookies(j->packet->sk);
	judge(j);
	now = j;
	sp_stats_sum(before);
	verdict = law_packet_send(j->packet, skb, task);
	end = end_of(verdict);
	failed = shim_failed();
	shim_fail_nth(0);
	trace(j, verdict, failed);
	sp_stats_sum(after);
	unseen = is_unseen(before, after);
	check_reason(j, end, before, after, failed);
	if (end != j->end && !(failed && j->end == LAW_HELD && end == LAW_REFUSED))
		law_fail("a packet ends as %d and should as %d (reason %d)", end,
			 j->end, j->reason);
	if (!failed)
		check_silence(j, verdict, &refusals);
	if (j->begins && (end == LAW_HELD || (j->packet->frame && j->tagged)))
		begins_now(j);
	if (end == LAW_HELD)
		now_waits(j, skb);
	else if (verdict != NF_STOLEN)
		kfree_skb(skb);
	if (end == LAW_PASSED)
		now_open(j, failed);
	if (j->back && end != LAW_HELD && j->reason != SALLYPORT_STAT_UNANSWERED &&
	    !unseen)
		has_returned(j);
	return end;
}

enum law_end law_send(const struct law_packet *packet)
{
	struct judging judging = { .packet = packet };

	return run(&judging, law_packet_build(packet), packet->by ? &packet->by->task : NULL);
}

bool law_repeat_some(void)
{
	struct judging judging = { .returned = true };
	struct law_packet packet;
	struct held *some;
	struct sk_buff *skb;

	if (!held_count)
		return false;
	some = &held[shim_random(held_count)];
	packet = some->packet;
	skb = some->skb;
	*some = held[--held_count];
	judging.packet = &packet;
	judging.back = law_pending_find(&packet.key);
	run(&judging, skb, &law_daemon_task);
	return true;
}

void law_lose_held(const struct sock *sk)
{
	int i;

	for (i = held_count - 1; i >= 0; i--) {
		if (sk && held[i].packet.sk != sk && held[i].packet.reopens != sk)
			continue;
		kfree_skb(held[i].skb);
		held[i] = held[--held_count];
	}
}
