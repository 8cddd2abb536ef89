// SPDX-License-Identifier: GPL-2.0
/* The law: packets as the hooks get them. */
#include <string.h>

#include "law.h"

struct net law_container = { .user_ns = &init_user_ns, .net_cookie = 2,
			     .ns.count.refs.counter = 1 };
struct net_device law_devices[3] = {
	{ .ifindex = 1, .flags = IFF_LOOPBACK }, { .ifindex = 2 }, { .ifindex = 3 },
};

/* The packet at the hook: its socket is what a look for it finds. */
static const struct law_packet *looked_up;

static void put_addresses(struct sk_buff *skb, const struct law_packet *packet)
{
	bool out = packet->direction == SALLYPORT_OUT;
	const u8 *remote = law_address(packet->key.remote, packet->key.family);
	u8 local[16] = { [10] = 0xff, 0xff, 10, 0, 0, 1 };

	if (packet->key.family == AF_INET) {
		struct iphdr *ip = (struct iphdr *)skb->data;

		ip->version = 4;
		ip->ihl = 5;
		ip->protocol = packet->key.protocol;
		memcpy(out ? &ip->daddr : &ip->saddr, remote + 12, 4);
		memcpy(out ? &ip->saddr : &ip->daddr, local + 12, 4);
		skb->transport = sizeof(*ip);
	} else {
		struct ipv6hdr *ip = (struct ipv6hdr *)skb->data;

		ip->nexthdr = packet->key.protocol;
		memcpy(out ? &ip->daddr : &ip->saddr, remote, 16);
		skb->transport = sizeof(*ip);
	}
}

struct sk_buff *law_packet_build(const struct law_packet *packet)
{
	struct sk_buff *skb = calloc(1, sizeof(*skb));
	bool out = packet->direction == SALLYPORT_OUT;
	u16 ports[2] = { htons(packet->key.local_port), htons(packet->key.remote_port) };
	unsigned char *transport;

	skb->len = packet->bytes;
	skb->data = calloc(1, skb->len);
	put_addresses(skb, packet);
	transport = skb->data + skb->transport;
	memcpy(transport, &ports[!out], 2);
	memcpy(transport + 2, &ports[out], 2);
	if (packet->key.protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = (struct tcphdr *)transport;

		tcp->doff = 5;
		transport[13] = packet->flags;
		if (packet->last_ack)
			tcp->ack_seq = htonl(packet->sk->snt_isn + 1);
	}
	skb->dst.dev = &law_devices[packet->key.ifindex - 1];
	if (packet->sk && (out || packet->early)) {
		sock_hold(packet->sk);
		skb->sk = packet->sk;
	}
	return skb;
}

struct sock *nf_sk_lookup_slow_v4(struct net *net, const struct sk_buff *skb,
				  const struct net_device *dev)
{
	if (looked_up->sk)
		sock_hold(looked_up->sk);
	return looked_up->sk;
}

struct sock *nf_sk_lookup_slow_v6(struct net *net, const struct sk_buff *skb,
				  const struct net_device *dev)
{
	return nf_sk_lookup_slow_v4(net, skb, dev);
}

struct sock *shim_established(u8 family, const void *remote, u16 remote_port,
			      u16 local_port, int ifindex)
{
	int i;

	for (i = 0; i < LAW_SOCKETS; i++) {
		struct law_socket *socket = &law_sockets[i];

		if (!socket->sk || socket->sk->sk_state == TCP_LISTEN ||
		    socket->sk->sk_state == TCP_CLOSE ||
		    socket->sk->sk_state == TCP_SYN_SENT ||
		    socket->sk->sk_family != family || socket->port != local_port ||
		    htons(socket->remote_port) != remote_port)
			continue;
		sock_hold(socket->sk);
		return socket->sk;
	}
	return NULL;
}

unsigned int law_packet_send(const struct law_packet *packet, struct sk_buff *skb,
			    struct task_struct *task)
{
	bool out = packet->direction == SALLYPORT_OUT;
	struct net_device *dev = &law_devices[packet->key.ifindex - 1];
	struct nf_hook_state state = {
		.hook = out ? NF_INET_LOCAL_OUT : NF_INET_LOCAL_IN,
		.pf = packet->key.family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6,
		.in = out ? NULL : dev, .out = out ? dev : NULL,
		.sk = out ? packet->sk : NULL, .net = packet->net,
	};
	unsigned int verdict = NF_ACCEPT;
	int i;

	looked_up = packet;
	shim_current = task ? task : &law_daemon_task;
	shim_softirq = !task;
	shim_context.bh += !task;
	rcu_read_lock();
	for (i = 0; i < packet->net->hook_count && verdict == NF_ACCEPT; i++)
		if (packet->net->hooks[i].pf == state.pf &&
		    packet->net->hooks[i].hooknum == state.hook)
			verdict = packet->net->hooks[i].hook(NULL, skb, &state);
	rcu_read_unlock();
	shim_context.bh -= !task;
	shim_softirq = false;
	shim_current = &law_daemon_task;
	shim_check_idle();
	return verdict;
}
