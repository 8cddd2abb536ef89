// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a packet, and the only file that says NF_*.
 *
 *   quick look at the headers → flow cache → (parse) → flow table → who →
 *   verdict table → wait for the daemon
 *
 * Outbound at NF_IP_PRI_NAT_DST - 1: the address as the program asked for it.
 * Inbound after NF_IP_PRI_NAT_SRC: only there does the reply of a flow that was
 * rewritten find its socket. Whatever can't be told ends in the answer that was
 * configured for "unknown", never in an accept of its own.
 *
 * TCP's state is the socket's. A connection beyond SYN_SENT without a flow is
 * older than the module, which passes, or its flow is gone or was of another
 * device: then it is judged like a new one, but only dropped where that fails.
 */
#include <linux/if.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/smp.h>
#include <net/dst.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include <net/netfilter/nf_socket.h>
#include <net/tcp_states.h>

#include "compat.h"
#include "daemon.h"
#include "events.h"
#include "flow_cache.h"
#include "hook.h"
#include "namespace.h"
#include "netlink.h"
#include "observe.h"
#include "owner.h"
#include "packet.h"
#include "pending.h"
#include "refuse.h"
#include "stats.h"
#include "verdict_table.h"

/* A policy that changes while one packet is judged: more often is dropped. */
#define SP_JUDGE_TRIES 3

static bool disarmed;

/* --- what becomes of a packet ------------------------------------------- */

static unsigned int pass(enum sallyport_stat stat)
{
	sp_stat(stat);
	return NF_ACCEPT;
}

/* Gone without a word: NF_DROP would give the sender EPERM. */
static unsigned int drop_silently(struct sp_packet *packet)
{
	kfree_skb(packet->skb);
	return NF_STOLEN;
}

static unsigned int drop(struct sp_packet *packet, enum sallyport_stat reason)
{
	sp_stat(reason);
	return drop_silently(packet);
}

/* A queued packet goes on in the daemon's context. */
static bool was_held(void)
{
	return sp_daemon_is_current();
}

static unsigned int refuse(struct sp_packet *packet, u8 action, u64 rule,
			   enum sallyport_stat reason)
{
	int error;

	sp_stat(reason);
	sp_event_refused(&packet->desc, action, rule, reason);
	if (action == SALLYPORT_DROP)
		return drop_silently(packet);
	error = sp_refuse(packet, was_held());
	return error ? NF_DROP_ERR(error) : drop_silently(packet);
}

static unsigned int by_verdict(struct sp_packet *packet, u8 action, u64 rule)
{
	return refuse(packet, action, rule, action == SALLYPORT_DROP ?
		      SALLYPORT_STAT_DROP : SALLYPORT_STAT_DENY);
}

/* --- a packet of a flow that is in the table ---------------------------- */

static u8 packet_direction(const struct sp_packet *packet)
{
	return packet->state->hook == NF_INET_LOCAL_OUT ? SALLYPORT_OUT :
							  SALLYPORT_IN;
}

static void count_in_cache(struct sp_packet *packet, struct sp_flow *flow,
			   u32 generation)
{
	local_bh_disable();
	sp_cache_fill(flow, generation, packet_direction(packet),
		      packet->bytes, packet->segments);
	local_bh_enable();
}

/* Whose the flow is, as it was noted; the image with a reference. */
static void describe_as(struct sp_packet *packet, const struct sp_flow_desc *desc)
{
	sp_image_put(packet->desc.image);
	packet->desc = *desc;
	sp_image_get(packet->desc.image);
}

/*
 * Whose the packet is. One that comes back from the daemon is whose it was when
 * it was queued: its socket may be another's by now.
 */
static void find_owner(struct sp_packet *packet, bool sends)
{
	if (was_held())
		packet->waited = sp_pending_find(&packet->desc.key);
	if (packet->waited)
		describe_as(packet, &packet->waited->desc);
	else
		sp_owner_fill(packet->sk, sends, &packet->desc);
}

static unsigned int obey_flow(struct sp_packet *packet, struct sp_flow *flow,
			      u32 generation)
{
	sp_stat(SALLYPORT_STAT_FLOW_HIT);
	packet->in_table = true;
	packet->desc.key.cookie = flow->desc.key.cookie;
	if (!packet->waited && was_held())
		packet->waited = sp_pending_find(&packet->desc.key);
	if (flow->action != SALLYPORT_ALLOW) {
		describe_as(packet, &flow->desc);
		return by_verdict(packet, flow->action, flow->rule);
	}
	count_in_cache(packet, flow, generation);
	return NF_ACCEPT;
}

/* --- a new flow ---------------------------------------------------------- */

/*
 * Enters an allowed flow of the socket packet->enters, if it is to be. False: the
 * policy changed since @generation was read, so that the sweep which follows a
 * change may have missed it; judge again. A record of the socket's owner is what
 * its end is seen by: without one nothing is entered.
 */
static bool enter_flow(struct sp_packet *packet, u64 rule, u32 generation)
{
	struct sp_flow_desc desc = packet->desc;
	struct sp_flow *flow;

	if (!packet->enters)
		return true;
	if (packet->enters != desc.key.cookie)
		desc.flags |= SALLYPORT_FLOW_INHERITED;
	desc.key.cookie = packet->enters;
	if (!sp_owner_known(packet->enters))
		sp_owner_inherit(packet->enters, &desc);
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
	packet->in_table = true;
	count_in_cache(packet, flow, generation);
	return true;
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
	if (!enter_flow(packet, 0, generation))
		return drop(packet, SALLYPORT_STAT_UNSETTLED);
	return pass(stat);
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
		return drop(packet, reason);
	return refuse(packet, SALLYPORT_DENY, 0, reason);
}

/* The daemon learns who it is before it sees the packet. */
static unsigned int tag_and_queue(struct sp_packet *packet,
				  const struct sallyport_pending *tag)
{
	struct sp_pending *pending;

	if (!sp_netlink_tag(&packet->desc, tag))
		return to_queue();
	pending = sp_pending_find(&packet->desc.key);
	if (pending && pending->id == tag->id)
		sp_pending_remove(pending);
	return not_held(packet, SALLYPORT_STAT_TAG_LOST);
}

/* Answered alone, when the flow table had no room for it; it may have by now. */
static unsigned int obey_answer(struct sp_packet *packet, u32 generation,
				const struct sp_pending_answer *answer)
{
	packet->desc.direction = answer->direction;
	if (answer->action != SALLYPORT_ALLOW)
		return by_verdict(packet, answer->action, answer->rule);
	if (!enter_flow(packet, answer->rule, generation))
		return drop(packet, SALLYPORT_STAT_UNSETTLED);
	return pass(SALLYPORT_STAT_VERDICT_HIT);
}

static unsigned int ask(struct sp_packet *packet, u32 generation)
{
	struct sp_pending_answer answer;
	struct sallyport_pending tag;
	enum sallyport_stat reason;
	enum sp_hold hold;

	if (!sp_daemon_present())
		return without_daemon(packet, generation);
	switch (sp_namespace_queues(packet->state->net)) {
	case SP_QUEUES_READY:
		break;
	case SP_QUEUES_SOON:
		return drop(packet, SALLYPORT_STAT_QUEUE_SOON);
	case SP_QUEUES_NONE:
		return not_held(packet, SALLYPORT_STAT_NO_QUEUE);
	}
	hold = sp_pending_hold(&packet->desc, packet->sk,
			       READ_ONCE(sp_daemon.epoch), packet->bytes,
			       packet->waited, &tag, &reason, &answer);
	if (hold == SP_HOLD_ANSWERED)
		return obey_answer(packet, generation, &answer);
	packet->waited = NULL;	/* it waits again, or was counted out */
	switch (hold) {
	case SP_HOLD_NEW:
		return tag_and_queue(packet, &tag);
	case SP_HOLD_MORE:
		return to_queue();
	case SP_HOLD_ANSWERED:
	case SP_HOLD_REFUSE:
		break;
	}
	return not_held(packet, reason);
}

static unsigned int judge_new(struct sp_packet *packet, u32 generation)
{
	struct sp_answer answer;
	int tries;

	for (tries = 0; tries < SP_JUDGE_TRIES; tries++) {
		if (!sp_verdict_find(&packet->desc, &answer))
			return ask(packet, generation);
		if (answer.action != SALLYPORT_ALLOW) {
			sp_stat(SALLYPORT_STAT_VERDICT_HIT);
			return by_verdict(packet, answer.action, answer.rule);
		}
		if (enter_flow(packet, answer.rule, generation)) {
			sp_event_flow(&packet->desc, SALLYPORT_ALLOW, answer.rule);
			return pass(SALLYPORT_STAT_VERDICT_HIT);
		}
		generation = sp_cache_begin();
	}
	return drop(packet, SALLYPORT_STAT_UNSETTLED);
}

/*
 * A connection beyond its handshake that has no flow (any more, on this device).
 * Without a record of its owner it is older than the module, unless records may
 * be missing.
 */
static unsigned int judge_established(struct sp_packet *packet, u32 generation)
{
	packet->established = true;
	if (sp_owner_known(packet->enters) || !sp_owner_complete()) {
		if (!packet->waited)
			packet->desc.direction =
				sp_owner_direction(packet->enters);
		return judge_new(packet, generation);
	}
	packet->desc.flags |= SALLYPORT_FLOW_INHERITED;
	return pass_undecided(packet, generation, SALLYPORT_STAT_ESTABLISHED);
}

static bool is_established(const struct sock *sk)
{
	if (sk->sk_protocol != IPPROTO_TCP || sk->sk_type != SOCK_STREAM)
		return false;
	return !((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_SYN_SENT | TCPF_LISTEN));
}

/* --- outbound ------------------------------------------------------------ */

/*
 * The kernel's sockets for RST, ACK and ICMP. A user's AF_SMC or AF_RXRPC
 * socket is a kernel socket too, but never a raw one.
 */
static bool is_control_socket(const struct sock *sk)
{
	return sk->sk_kern_sock && sk->sk_type == SOCK_RAW;
}

/*
 * Without a socket: a reset that refuses something (ours too), a SYN-ACK with a
 * syncookie. A program's raw socket is always there.
 */
static bool is_tcp_answer(const struct sp_packet *packet)
{
	u8 flags = packet->tcp_flags;

	return packet->desc.key.protocol == IPPROTO_TCP &&
	       (flags & SP_TCP_RST ||
		(flags & (SP_TCP_SYN | SP_TCP_ACK)) == (SP_TCP_SYN | SP_TCP_ACK));
}

/* The end of a connection, told to the other side: also of one that we end. */
static bool is_reset(const struct sp_packet *packet)
{
	return packet->sk && packet->sk->sk_type == SOCK_STREAM &&
	       packet->desc.key.protocol == IPPROTO_TCP &&
	       packet->tcp_flags & SP_TCP_RST;
}

/* Passed without being a flow of somebody: 0 if it is one. */
static unsigned int out_control(struct sp_packet *packet)
{
	const struct sock *raw = packet->state->sk;

	if (packet->kind == SP_PACKET_LINK &&
	    (!raw || is_control_socket(raw)))
		return pass(SALLYPORT_STAT_ALWAYS);
	if (!raw)
		return is_tcp_answer(packet) ? pass(SALLYPORT_STAT_CONTROL) : 0;
	/* SYN-ACK of a judged SYN; ACK of TIME_WAIT */
	if (!sk_fullsock(raw) ||
	    (raw->sk_protocol == IPPROTO_TCP && raw->sk_state == TCP_LISTEN))
		return pass(SALLYPORT_STAT_CONTROL);
	if (is_control_socket(raw) || is_reset(packet))
		return pass(SALLYPORT_STAT_CONTROL);
	return 0;
}

static unsigned int judge_out(struct sp_packet *packet)
{
	u32 generation = sp_cache_begin();
	unsigned int verdict = out_control(packet);
	struct sp_flow *flow;
	bool established;

	if (verdict)
		return verdict;
	if (packet->sk)
		packet->desc.key.cookie = sp_socket_cookie(packet->sk);
	flow = sp_flow_find(&packet->desc.key);
	if (flow)
		return obey_flow(packet, flow, generation);

	established = packet->sk && is_established(packet->sk);
	find_owner(packet, !established);
	if (packet->sk)
		packet->enters = packet->desc.key.cookie;
	if (established)
		return judge_established(packet, generation);
	return judge_new(packet, generation);
}

/* --- inbound ------------------------------------------------------------- */

/* A reference unless it is skb->sk. */
static struct sock *find_socket(const struct sp_packet *packet)
{
	const struct nf_hook_state *state = packet->state;

	if (packet->skb->sk)
		return packet->skb->sk;
	if (state->pf == NFPROTO_IPV4)
		return nf_sk_lookup_slow_v4(state->net, packet->skb, state->in);
	return nf_sk_lookup_slow_v6(state->net, packet->skb, state->in);
}

/* Those whose sockets find_socket() knows. */
static bool is_looked_up(u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

/* Only this makes a socket; all else would leave a flow for nobody. */
static bool is_last_ack(const struct sp_packet *packet, struct sock *request)
{
	const struct sk_buff *skb = packet->skb;
	const struct tcphdr *tcp;
	struct tcphdr buffer;

	tcp = skb_header_pointer(skb, skb_transport_offset(skb), sizeof(buffer),
				 &buffer);
	return tcp && tcp->ack && !tcp->syn && !tcp->rst &&
	       ntohl(tcp->ack_seq) == tcp_rsk(inet_reqsk(request))->snt_isn + 1;
}

/*
 * What the daemon answered for this remote and the listener, alone. Not if the
 * listener is another's by now.
 */
static struct sp_flow *flow_of_listener(const struct sp_packet *packet)
{
	struct sp_flow *flow = sp_flow_find(&packet->desc.key);

	if (flow && (flow->desc.image != packet->desc.image ||
		     flow->desc.process != packet->desc.process)) {
		sp_flow_kill(flow);
		flow = NULL;
	}
	return flow;
}

/*
 * A segment of a handshake: judged for the listener. The last ACK begins the
 * flow of the socket to be, which inherits the request's cookie.
 */
static unsigned int judge_child(struct sp_packet *packet, struct sock *request,
				u32 generation)
{
	struct sp_flow_key child = packet->desc.key;
	struct sp_flow *entered, *asked;
	u64 rule;

	child.cookie = sp_socket_cookie(request);
	entered = sp_flow_find(&child);
	if (entered)
		return obey_flow(packet, entered, generation);
	/* no room for it: no socket comes of this segment */
	if (is_last_ack(packet, request) && !sk_acceptq_is_full(packet->sk))
		packet->enters = child.cookie;
	asked = flow_of_listener(packet);
	if (!asked)
		return judge_new(packet, generation);
	packet->in_table = true;
	rule = asked->rule;
	if (asked->action != SALLYPORT_ALLOW)
		return by_verdict(packet, asked->action, rule);
	if (!enter_flow(packet, rule, generation))
		return drop(packet, SALLYPORT_STAT_UNSETTLED);	/* sent again soon */
	if (packet->enters)
		sp_flow_kill(asked);	/* it stood for the handshake */
	return pass(SALLYPORT_STAT_FLOW_HIT);
}

/* Also one that leaves by another device than this came in on. */
static struct sp_flow *flow_of_socket(const struct sp_packet *packet)
{
	struct sp_flow *flow;

	if (packet->sk->sk_state == TCP_LISTEN)
		return flow_of_listener(packet);
	flow = sp_flow_find(&packet->desc.key);
	if (flow)
		return flow;
	return sp_flow_find_wire(&packet->desc.wire, packet->desc.key.cookie);
}

static bool is_connecting(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP && sk->sk_type == SOCK_STREAM &&
	       sk->sk_state == TCP_SYN_SENT;
}

static unsigned int judge_in_socket(struct sp_packet *packet, struct sock *raw,
				    u32 generation)
{
	struct sp_flow *flow;

	packet->sk = sp_full_socket(raw);
	if (!packet->sk)
		return pass(SALLYPORT_STAT_ESTABLISHED);	/* TIME_WAIT */
	packet->desc.key.cookie = sp_socket_cookie(packet->sk);
	find_owner(packet, false);
	if (raw->sk_state == TCP_NEW_SYN_RECV)
		return judge_child(packet, raw, generation);
	flow = flow_of_socket(packet);
	if (flow)
		return obey_flow(packet, flow, generation);
	if (packet->sk->sk_state != TCP_LISTEN)
		packet->enters = packet->desc.key.cookie;
	if (is_established(packet->sk))
		return judge_established(packet, generation);
	if (is_connecting(packet->sk))
		return pass(SALLYPORT_STAT_ESTABLISHED);	/* its SYN was let out */
	return judge_new(packet, generation);
}

/*
 * For protocols whose sockets can't be looked up. The number may be another's a
 * moment after the flow's socket was closed: its record is gone then.
 */
static struct sp_flow *flow_on_wire(const struct sp_packet *packet)
{
	struct sp_flow *flow = sp_flow_find_wire(&packet->desc.wire, 0);

	if (flow && !sp_owner_known(flow->desc.key.cookie))
		flow = NULL;
	return flow;
}

static unsigned int judge_in(struct sp_packet *packet)
{
	u32 generation = sp_cache_begin();
	struct sp_flow *flow = NULL;
	unsigned int verdict;
	struct sock *raw;

	if (packet->kind != SP_PACKET_FLOW)
		return pass(SALLYPORT_STAT_ALWAYS);
	if (packet->skb->pkt_type != PACKET_HOST)
		packet->desc.flags |= SALLYPORT_FLOW_GROUP;
	if (!packet->skb->sk && !is_looked_up(packet->desc.key.protocol))
		flow = flow_on_wire(packet);
	if (flow)
		return obey_flow(packet, flow, generation);
	raw = find_socket(packet);
	if (raw) {
		/* the packet may be freed when it was judged */
		bool borrowed = raw == packet->skb->sk;

		verdict = judge_in_socket(packet, raw, generation);
		if (!borrowed)
			sock_gen_put(raw);
		return verdict;
	}
	if (is_looked_up(packet->desc.key.protocol))
		return pass(SALLYPORT_STAT_UNWANTED);
	find_owner(packet, false);
	return judge_new(packet, generation);
}

/* --- what passes, and is looked at --------------------------------------- */

/* Where nobody has bound the queue, or it is full, the packet goes on. */
static unsigned int show_reply(void)
{
	sp_stat(SALLYPORT_STAT_OBSERVED);
	return NF_QUEUE_NR(READ_ONCE(sp_daemon.queue_observe)) |
	       NF_VERDICT_FLAG_QUEUE_BYPASS;
}

/* The daemon learns of DNS what passes anyway. */
static unsigned int observe(struct sp_packet *packet, unsigned int verdict)
{
	if (verdict != NF_ACCEPT || !sp_observe_wants(packet))
		return verdict;
	if (packet_direction(packet) == SALLYPORT_IN)
		return sp_observe_reply(packet) ? show_reply() : NF_ACCEPT;
	sp_observe_query(packet);
	return NF_ACCEPT;
}

/* --- the hooks ----------------------------------------------------------- */

static bool is_not_judged(const struct net_device *dev)
{
	return dev->flags & IFF_LOOPBACK && !READ_ONCE(sp_daemon.judge_loopback);
}

/* Everything that did not hit the cache. */
static noinline unsigned int judge(struct sk_buff *skb,
				   const struct nf_hook_state *state,
				   const struct net_device *dev, u8 direction)
{
	struct sp_packet packet = {
		.skb = skb,
		.state = state,
		.dev = dev,
		.desc.direction = direction,
	};
	unsigned int verdict;

	if (READ_ONCE(disarmed) || READ_ONCE(sp_daemon.mode) == SALLYPORT_MODE_OFF)
		return pass(SALLYPORT_STAT_OFF);
	if (was_held())
		sp_stat(SALLYPORT_STAT_REPEAT);
	if (!sp_packet_parse(&packet))
		return drop(&packet, SALLYPORT_STAT_MALFORMED);
	sp_packet_measure(skb, &packet.bytes, &packet.segments);
	if (direction == SALLYPORT_OUT) {
		packet.sk = sp_full_socket(state->sk);
		verdict = judge_out(&packet);
	} else {
		verdict = judge_in(&packet);
	}
	verdict = observe(&packet, verdict);
	if (packet.waited)
		sp_pending_returned(packet.waited, packet.bytes,
				    packet.in_table);
	sp_image_put(packet.desc.image);
	return verdict;
}

/* Not judged, but names may be asked for there. */
static noinline unsigned int pass_loopback(struct sk_buff *skb,
					   const struct nf_hook_state *state,
					   const struct net_device *dev,
					   u8 direction)
{
	struct sp_packet packet = {
		.skb = skb,
		.state = state,
		.dev = dev,
		.desc.direction = direction,
	};
	unsigned int verdict = pass(SALLYPORT_STAT_LOOPBACK);

	if (!sp_packet_parse(&packet))
		return verdict;
	packet.sk = sp_full_socket(direction == SALLYPORT_OUT ? state->sk : skb->sk);
	if (packet.sk)
		packet.desc.key.cookie = sp_socket_cookie(packet.sk);
	verdict = observe(&packet, verdict);
	sp_image_put(packet.desc.image);
	return verdict;
}

static __always_inline void quick_address4(struct sp_flow_words *key, __be32 remote)
{
	key->word[1] = 0;
	key->word[2] = sp_word((__force u32)htonl(0xffff), (__force u32)remote);
}

static __always_inline void quick_address6(struct sp_flow_words *key,
					   const struct in6_addr *remote)
{
	key->word[1] = sp_word((__force u32)remote->s6_addr32[0],
			       (__force u32)remote->s6_addr32[1]);
	key->word[2] = sp_word((__force u32)remote->s6_addr32[2],
			       (__force u32)remote->s6_addr32[3]);
}

/*
 * A listener's or request's segments want the long way, and so do raw sockets,
 * whose packets need not have the headers they should.
 */
static __always_inline bool quick_socket(const struct sock *sk)
{
	return sk && !((1 << sk->sk_state) & (TCPF_TIME_WAIT | TCPF_NEW_SYN_RECV |
					      TCPF_LISTEN)) &&
	       sk->sk_type != SOCK_RAW;
}

/*
 * The key from the first bytes, for TCP and UDP sockets of programs. False: it
 * wants the long way. @sk may be any kind of socket. What leaves such a socket
 * has its transport header in the linear part; what arrives is looked at.
 */
static __always_inline bool quick_key(const struct sk_buff *skb,
				      const struct sock *sk,
				      const struct net_device *dev, u8 family,
				      u8 direction, struct sp_flow_words *key)
{
	const u16 *ports = (const u16 *)skb_transport_header(skb);
	bool out = direction == SALLYPORT_OUT;
	u8 protocol;

	if (!quick_socket(sk) ||
	    (!out && (unsigned char *)(ports + 2) > skb_tail_pointer(skb)))
		return false;
	if (family == AF_INET) {
		const struct iphdr *ip = ip_hdr(skb);

		protocol = ip->protocol;
		quick_address4(key, out ? ip->daddr : ip->saddr);
	} else {
		const struct ipv6hdr *ip = ipv6_hdr(skb);

		protocol = ip->nexthdr;
		quick_address6(key, out ? &ip->daddr : &ip->saddr);
	}
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return false;
	key->word[0] = atomic64_read(&sk->sk_cookie);
	key->word[3] = sp_word(sp_half(ports[out], ports[!out]), dev->ifindex);
	key->word[4] = sp_word_kind(protocol, family);
	return key->word[0];
}

static __always_inline unsigned int at_hook(struct sk_buff *skb,
					    const struct nf_hook_state *state,
					    const struct sock *sk,
					    const struct net_device *dev,
					    u8 family, u8 direction)
{
	struct sp_flow_words key;
	u32 bytes, segments;
	u8 action = 0;

	if (is_not_judged(dev))
		return likely(!sp_observe_may_want(skb, direction)) ?
		       pass(SALLYPORT_STAT_LOOPBACK) :
		       pass_loopback(skb, state, dev, direction);
	if (quick_key(skb, sk, dev, family, direction, &key)) {
		sp_packet_measure(skb, &bytes, &segments);
		action = sp_cache_hit(&key, direction, bytes, segments);
	}
	if (likely(action == SALLYPORT_ALLOW))
		return pass(SALLYPORT_STAT_CACHE_HIT);
	return judge(skb, state, dev, direction);
}

static unsigned int out4(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	return at_hook(skb, state, state->sk, skb_dst(skb)->dev, AF_INET,
		       SALLYPORT_OUT);
}

static unsigned int out6(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	return at_hook(skb, state, state->sk, skb_dst(skb)->dev, AF_INET6,
		       SALLYPORT_OUT);
}

static unsigned int in4(void *priv, struct sk_buff *skb,
			const struct nf_hook_state *state)
{
	return at_hook(skb, state, skb->sk, state->in, AF_INET, SALLYPORT_IN);
}

static unsigned int in6(void *priv, struct sk_buff *skb,
			const struct nf_hook_state *state)
{
	return at_hook(skb, state, skb->sk, state->in, AF_INET6, SALLYPORT_IN);
}

static const struct nf_hook_ops hooks[] = {
	{ .hook = out4, .pf = NFPROTO_IPV4, .hooknum = NF_INET_LOCAL_OUT,
	  .priority = NF_IP_PRI_NAT_DST - 1 },
	{ .hook = out6, .pf = NFPROTO_IPV6, .hooknum = NF_INET_LOCAL_OUT,
	  .priority = NF_IP6_PRI_NAT_DST - 1 },
	{ .hook = in4, .pf = NFPROTO_IPV4, .hooknum = NF_INET_LOCAL_IN,
	  .priority = NF_IP_PRI_NAT_SRC + 50 },
	{ .hook = in6, .pf = NFPROTO_IPV6, .hooknum = NF_INET_LOCAL_IN,
	  .priority = NF_IP6_PRI_NAT_SRC + 50 },
};

bool sp_hook_judges(const struct net *net)
{
	return net->user_ns == &init_user_ns;
}

int sp_hook_register(struct net *net)
{
	int error;

	error = nf_defrag_ipv4_enable(net);
	if (error)
		return error;
	error = nf_defrag_ipv6_enable(net);
	if (error)
		goto disable4;
	error = nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
	if (error)
		goto disable6;
	return 0;
disable6:
	nf_defrag_ipv6_disable(net);
disable4:
	nf_defrag_ipv4_disable(net);
	return error;
}

void sp_hook_unregister(struct net *net)
{
	nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
	nf_defrag_ipv6_disable(net);
	nf_defrag_ipv4_disable(net);
}

void sp_hook_disarm(void)
{
	WRITE_ONCE(disarmed, true);
	sp_cache_invalidate();
}

void sp_hook_drain(struct net *net)
{
	nf_queue_nf_hook_drop(net);
}
