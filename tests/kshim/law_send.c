// SPDX-License-Identifier: GPL-2.0
/*
 * The law: packets go through the hook, and what becomes of them is what the referee
 * says, and nothing else is.
 */
#include <string.h>

#include "flow_cache.h"
#include "law_judging.h"
#include "stats.h"

/* A packet that waits in the daemon's queue. */
struct held {
	struct law_packet packet;
	struct sk_buff *skb;
};
static struct held held[256];
static int held_count;

static struct law_judging *now;

/* Numbers of instances of processes, as the module gave them. */
static u64 instance_ids[4096];

void law_referee_begin(void)
{
	law_open_count = 0;
	held_count = 0;
	memset(instance_ids, 0, sizeof(instance_ids));
}

/* --- what the daemon is told ---------------------------------------------------------- */

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

/* --- what became of it ---------------------------------------------------------------- */

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
static void check_reason(const struct law_judging *j, enum law_end end, const u64 *before,
			 const u64 *after, bool failed)
{
	int i, sum = 0, found = LAW_NO_REASON;

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
static void check_silence(const struct law_judging *j, unsigned int verdict,
			  const struct shim_refusals *before)
{
	if (j->reason != SALLYPORT_STAT_DROP && j->reason != SALLYPORT_STAT_UNHELD &&
	    j->reason != SALLYPORT_STAT_HELD_ENOUGH &&
	    j->reason != SALLYPORT_STAT_STEALTH)
		return;
	if (verdict != NF_STOLEN || shim_refusals.resets != before->resets ||
	    shim_refusals.unreachables != before->unreachables)
		law_fail("a dropped packet is told of");
}

/* --- what is different now ------------------------------------------------------------ */

static void now_waits(struct law_judging *j, const struct sk_buff *skb)
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
static void begins_now(const struct law_judging *j)
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
static void has_returned(struct law_judging *j)
{
	struct law_pending *back = j->back;

	back->packets -= !!back->packets;
	back->bytes -= min(back->bytes, j->packet->bytes);
	if (!back->packets)
		back->repeats = 0;
	if (back->answered && !back->packets)
		law_pending_remove(back);
}

static void now_open(struct law_judging *j, bool failed)
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

/* --- sending --------------------------------------------------------------------------- */

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

static void trace(const struct law_judging *j, unsigned int verdict, bool failed)
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

static enum law_end run(struct law_judging *j, struct sk_buff *skb, struct task_struct *task)
{
	struct shim_refusals refusals = shim_refusals;
	u64 before[__SALLYPORT_STAT_MAX], after[__SALLYPORT_STAT_MAX];
	unsigned int verdict;
	enum law_end end;
	bool failed, unseen;

	give_cookies(j->packet->sk);
	law_judge(j);
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
	struct law_judging judging = { .packet = packet };

	return run(&judging, law_packet_build(packet), packet->by ? &packet->by->task : NULL);
}

bool law_repeat_some(void)
{
	struct law_judging judging = { .returned = true };
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
