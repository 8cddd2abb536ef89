// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a packet through LOCAL_OUT and LOCAL_IN.
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
#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include <net/netfilter/nf_socket.h>
#include <net/tcp_states.h>

#include "compat.h"
#include "daemon.h"
#include "flow_cache.h"
#include "group.h"
#include "hook.h"
#include "judge.h"
#include "observe.h"
#include "owner.h"
#include "packet.h"
#include "pending.h"

static bool disarmed;

static bool is_established(const struct sock *sk)
{
	if (sk->sk_protocol != IPPROTO_TCP || sk->sk_type != SOCK_STREAM)
		return false;
	return !((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_SYN_SENT | TCPF_LISTEN));
}

/*
 * Who listens at the local end: without a reference, or NULL. A group's member is picked by
 * @skb, whose TCP header ends at @headers; NULL: any of them.
 */
static struct sock *find_listener(const struct sp_packet *packet, struct sk_buff *skb,
				  int headers)
{
	const struct sp_wire_key *wire = &packet->desc.wire;

	if (packet->pf == NFPROTO_IPV4)
		return sp_tcp_listener4(packet->state->net, skb, headers,
					wire->remote.s6_addr32[3],
					wire->remote_port,
					wire->local.s6_addr32[3],
					ntohs(wire->local_port),
					packet->dev->ifindex);
	return sp_tcp_listener6(packet->state->net, skb, headers, &wire->remote,
				wire->remote_port, &wire->local,
				ntohs(wire->local_port), packet->dev->ifindex);
}

/*
 * A connection that is older than the module: who sends the first packet that is seen says
 * nothing of who began it. Where somebody listens on its port it came in.
 */
static unsigned int judge_established(struct sp_packet *packet, u32 generation)
{
	if (sp_owner_is_older(packet->enters))
		packet->desc.direction = find_listener(packet, NULL, 0) ? SALLYPORT_IN :
									  SALLYPORT_OUT;
	return sp_judge_established(packet, generation);
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

static bool is_syn_ack(const struct sp_packet *packet)
{
	return packet->desc.key.protocol == IPPROTO_TCP &&
	       (packet->tcp_flags & (SP_TCP_SYN | SP_TCP_ACK)) == (SP_TCP_SYN | SP_TCP_ACK);
}

/*
 * Without a socket: a reset that refuses something (ours too), a SYN-ACK with a
 * syncookie. A program's raw socket is always there.
 */
static bool is_tcp_answer(const struct sp_packet *packet)
{
	return packet->desc.key.protocol == IPPROTO_TCP &&
	       (packet->tcp_flags & SP_TCP_RST || is_syn_ack(packet));
}

static bool is_listener(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP && sk->sk_state == TCP_LISTEN;
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
	const struct sock *raw = packet->from;

	if (packet->kind == SP_PACKET_LINK &&
	    (!raw || is_control_socket(raw)))
		return sp_pass(SALLYPORT_STAT_ALWAYS);
	if (!raw)
		return is_tcp_answer(packet) ? sp_pass(SALLYPORT_STAT_CONTROL) : 0;
	/* SYN-ACK of a judged SYN; ACK of TIME_WAIT */
	if (!sk_fullsock(raw) || (is_listener(raw) && is_syn_ack(packet)))
		return sp_pass(SALLYPORT_STAT_CONTROL);
	if (is_control_socket(raw) || is_reset(packet))
		return sp_pass(SALLYPORT_STAT_CONTROL);
	return 0;
}

static bool is_same_owner(const struct sp_flow_desc *a, const struct sp_flow_desc *b)
{
	return a->image == b->image && a->process == b->process && a->cgroup == b->cgroup;
}

/*
 * An answer may leave by another socket of a group than the one that its flow was
 * entered for, which was looked up.
 */
static struct sp_flow *flow_of_group(const struct sp_packet *packet)
{
	struct sp_flow_desc owner = { .key = packet->desc.key };
	struct sp_flow *flow;

	if (!packet->sk || !sp_group_is_picked_from(packet->sk))
		return NULL;
	flow = sp_flow_find_wire(&packet->desc.wire, 0);
	sp_owner_fill(packet->sk, false, &owner);
	sp_group_describe(packet->sk, &owner);
	if (flow && !is_same_owner(&flow->desc, &owner))
		flow = NULL;
	sp_image_put(owner.image);
	return flow;
}

/*
 * A listener sends nothing of its own accord: this waited since its program connected
 * the socket, which it gave up to listen on it.
 */
static unsigned int drop_left(struct sp_packet *packet)
{
	sp_find_owner(packet, false);
	return sp_drop(packet, SALLYPORT_STAT_MALFORMED);
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
	if (packet->sk && is_listener(packet->sk))
		return drop_left(packet);
	flow = sp_flow_find(&packet->desc.key) ?: flow_of_group(packet);
	if (flow)
		return sp_obey_flow(packet, flow, generation);

	established = packet->sk && is_established(packet->sk);
	sp_find_owner(packet, !established);
	if (packet->sk)
		packet->enters = packet->desc.key.cookie;
	if (established)
		return judge_established(packet, generation);
	return sp_judge_new(packet, generation);
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

	if (flow && !is_same_owner(&flow->desc, &packet->desc)) {
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
		return sp_obey_flow(packet, entered, generation);
	/* no room for it: no socket comes of this segment */
	if (is_last_ack(packet, request) && !sk_acceptq_is_full(packet->sk))
		packet->enters = child.cookie;
	asked = flow_of_listener(packet);
	if (!asked)
		return sp_judge_new(packet, generation);
	rule = asked->rule;
	if (asked->action != SALLYPORT_ALLOW)
		return sp_by_answer(packet, asked->action);
	if (!sp_enter_flow(packet, rule, generation))
		return sp_drop(packet, SALLYPORT_STAT_UNSETTLED);	/* sent again soon */
	if (packet->enters)
		sp_flow_kill(asked);	/* it stood for the handshake */
	return sp_pass(SALLYPORT_STAT_FLOW_HIT);
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

/*
 * A SYN ends what is left of a connection, and is for a listener then: without a
 * reference, or NULL.
 */
static struct sock *opened_again(const struct sp_packet *packet)
{
	struct sk_buff *skb = packet->skb;
	int headers = skb_transport_offset(skb) + sizeof(struct tcphdr);
	u8 flags = packet->tcp_flags & (SP_TCP_SYN | SP_TCP_ACK | SP_TCP_RST);

	return flags == SP_TCP_SYN ? find_listener(packet, skb, headers) : NULL;
}

/* Which of them gets it can't be told. A flow is void once they have less in common. */
static unsigned int judge_group(struct sp_packet *packet, u32 generation)
{
	struct sp_flow *flow;

	sp_group_describe(packet->sk, &packet->desc);
	flow = flow_of_listener(packet);
	if (flow)
		return sp_obey_flow(packet, flow, generation);
	if (packet->sk->sk_state != TCP_LISTEN)
		packet->enters = packet->desc.key.cookie;
	return sp_judge_new(packet, generation);
}

static unsigned int judge_in_socket(struct sp_packet *packet, struct sock *raw,
				    u32 generation)
{
	struct sp_flow *flow;

	packet->sk = sp_full_socket(raw);
	if (!packet->sk)
		packet->sk = opened_again(packet);
	if (!packet->sk)
		return sp_pass(SALLYPORT_STAT_ESTABLISHED);	/* TIME_WAIT */
	packet->desc.key.cookie = sp_socket_cookie(packet->sk);
	sp_find_owner(packet, false);
	if (raw->sk_state == TCP_NEW_SYN_RECV)
		return judge_child(packet, raw, generation);
	if (sp_group_is_picked_from(packet->sk))
		return judge_group(packet, generation);
	flow = flow_of_socket(packet);
	if (flow)
		return sp_obey_flow(packet, flow, generation);
	if (packet->sk->sk_state != TCP_LISTEN)
		packet->enters = packet->desc.key.cookie;
	if (is_established(packet->sk))
		return judge_established(packet, generation);
	if (is_connecting(packet->sk))
		return sp_pass(SALLYPORT_STAT_ESTABLISHED);	/* its SYN was let out */
	return sp_judge_new(packet, generation);
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

/* The kernel refuses it, which says that somebody is here; or nobody answers. */
static unsigned int no_socket_wants(struct sp_packet *packet)
{
	if (READ_ONCE(sp_daemon.stealth))
		return sp_drop(packet, SALLYPORT_STAT_STEALTH);
	return sp_pass(SALLYPORT_STAT_UNWANTED);
}

static unsigned int judge_in(struct sp_packet *packet)
{
	u32 generation = sp_cache_begin();
	struct sp_flow *flow = NULL;
	unsigned int verdict;
	struct sock *raw;

	if (packet->kind != SP_PACKET_FLOW)
		return sp_pass(SALLYPORT_STAT_ALWAYS);
	if (packet->skb->pkt_type != PACKET_HOST)
		packet->desc.flags |= SALLYPORT_FLOW_GROUP;
	if (!packet->skb->sk && !is_looked_up(packet->desc.key.protocol))
		flow = flow_on_wire(packet);
	if (flow)
		return sp_obey_flow(packet, flow, generation);
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
		return no_socket_wants(packet);
	sp_find_owner(packet, false);
	return sp_judge_new(packet, generation);
}

/* --- what passes, and is looked at --------------------------------------- */

/* Where nobody has bound the queue, it is full, or nobody looks, the packet goes on. */
static unsigned int show_reply(const struct sp_packet *packet)
{
	if (!sp_observe_is_seen()) {
		sp_stat(SALLYPORT_STAT_REPLY_UNSEEN);
		if (!sp_flow_key_is_local_dns(&packet->desc.key))
			sp_observe_missed();
		return NF_ACCEPT;
	}
	sp_stat(SALLYPORT_STAT_OBSERVED);
	return NF_QUEUE_NR(READ_ONCE(sp_daemon.queue_observe)) |
	       NF_VERDICT_FLAG_QUEUE_BYPASS;
}

/* The daemon learns of DNS what passes anyway. */
static unsigned int observe(struct sp_packet *packet, unsigned int verdict)
{
	if (verdict != NF_ACCEPT || !sp_observe_wants(packet))
		return verdict;
	if (packet->way == SALLYPORT_IN)
		return sp_observe_reply(packet) ? show_reply(packet) : NF_ACCEPT;
	sp_observe_query(packet);
	return NF_ACCEPT;
}

/* --- the hooks ----------------------------------------------------------- */

static struct sp_packet packet_at(struct sk_buff *skb,
				  const struct nf_hook_state *state,
				  const struct net_device *dev, u8 direction)
{
	return (struct sp_packet) {
		.skb = skb,
		.state = state,
		.dev = dev,
		.network = skb_network_offset(skb),
		.pf = state->pf,
		.way = direction,
		.desc.direction = direction,
	};
}

/*
 * What IPsec made of a packet leaves once more, by the socket of whose that packet
 * was. He has sent that one, and was judged for it: this is the kernel's.
 */
static bool is_transformed(const struct sk_buff *skb, u8 pf)
{
	if (pf == NFPROTO_IPV4)
		return IPCB(skb)->flags & IPSKB_XFRM_TRANSFORMED;
	return IP6CB(skb)->flags & IP6SKB_XFRM_TRANSFORMED;
}

/* Everything that did not hit the cache. */
static noinline unsigned int judge(struct sk_buff *skb,
				   const struct nf_hook_state *state,
				   const struct net_device *dev, u8 direction)
{
	struct sp_packet packet = packet_at(skb, state, dev, direction);
	unsigned int verdict;

	if (sp_hook_is_off())
		return sp_pass(SALLYPORT_STAT_OFF);
	if (sp_daemon_is_current())
		sp_stat(SALLYPORT_STAT_REPEAT);
	if (!sp_packet_parse(&packet))
		return sp_drop(&packet, SALLYPORT_STAT_MALFORMED);
	sp_packet_measure(skb, &packet.bytes, &packet.segments);
	if (direction == SALLYPORT_OUT) {
		if (!is_transformed(skb, state->pf)) {
			packet.from = state->sk;
			packet.sk = sp_full_socket(state->sk);
		}
		verdict = judge_out(&packet);
	} else {
		verdict = judge_in(&packet);
	}
	verdict = observe(&packet, verdict);
	if (packet.waited)
		sp_pending_returned(packet.waited, packet.bytes);
	sp_image_put(packet.desc.image);
	return verdict;
}

/* Not judged, but names may be asked for there. */
static noinline unsigned int pass_loopback(struct sk_buff *skb,
					   const struct nf_hook_state *state,
					   const struct net_device *dev,
					   u8 direction)
{
	struct sp_packet packet = packet_at(skb, state, dev, direction);
	unsigned int verdict = sp_pass(SALLYPORT_STAT_LOOPBACK);

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

	if (sp_hook_passes(dev))
		return likely(!sp_observe_may_want(skb, direction)) ?
		       sp_pass(SALLYPORT_STAT_LOOPBACK) :
		       pass_loopback(skb, state, dev, direction);
	if (quick_key(skb, sk, dev, family, direction, &key)) {
		sp_packet_measure(skb, &bytes, &segments);
		action = sp_cache_hit(&key, direction, bytes, segments);
	}
	if (likely(action == SALLYPORT_ALLOW))
		return sp_pass(SALLYPORT_STAT_CACHE_HIT);
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

bool sp_hook_is_off(void)
{
	return READ_ONCE(disarmed) ||
	       READ_ONCE(sp_daemon.mode) == SALLYPORT_MODE_OFF;
}

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
