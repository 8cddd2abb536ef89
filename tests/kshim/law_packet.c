// SPDX-License-Identifier: GPL-2.0
/* The law: packets as the hooks get them. */
#include <string.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>

#include "law.h"

struct net law_container = { .user_ns = &init_user_ns, .net_cookie = 2,
			     .ipv4.tcp_death_row.hashinfo = &shim_connection_table,
			     .ns.count.refs.counter = 1 };
struct net_device law_devices[3];

/* The packet at the hook: its socket is what a look for it finds. */
static const struct law_packet *looked_up;

void law_devices_begin(void)
{
	int i;

	for (i = 2; i >= 0; i--)
		law_devices[i] = (struct net_device) {
			.ifindex = i + 1, .net = &init_net,
			.flags = i ? 0 : IFF_LOOPBACK,
			.type = i ? ARPHRD_ETHER : ARPHRD_LOOPBACK,
			.next = i < 2 ? &law_devices[i + 1] : NULL,
		};
	init_net.devices = law_devices;
	law_container.devices = NULL;
}

/* It comes again with nothing left of what it was. Without memory it does not. */
void law_device_step(void)
{
	struct net_device *dev = &law_devices[shim_random(3)];

	shim_device(dev, NETDEV_UNREGISTER);
	if (dev->egress)
		law_fail("a device is gone that is watched still");
	if (shim_random(2))
		shim_fail_nth(1 + shim_random(2));
	if (shim_device(dev, shim_random(2) ? NETDEV_REGISTER : NETDEV_PRE_UP)) {
		shim_fail_nth(0);
		if (shim_device(dev, NETDEV_PRE_UP))
			law_fail("a device can't be used, with memory");
	}
	shim_fail_nth(0);
	if (shim_device(dev, NETDEV_PRE_UP))
		law_fail("a device that is watched can't be used");
}

/* The link's header; where what it carries begins. */
static u16 put_link(struct sk_buff *skb, const struct law_packet *packet)
{
	u16 types[6] = { 0 }, at = 12;
	int i, n = 0;

	if (!packet->frame)
		return 0;
	for (i = 0; i < packet->tags; i++, n += 2)
		types[n] = htons(shim_random(2) ? ETH_P_8021Q : ETH_P_8021AD);
	types[n] = htons(packet->other ? ETH_P_ARP :
			 packet->key.family == AF_INET ? ETH_P_IP : ETH_P_IPV6);
	memcpy(skb->data + at, types, 2 * (n + 1));
	/* what the program says of it counts nothing */
	skb->protocol = shim_random(2) ? htons(ETH_P_IP) : htons(ETH_P_ALL);
	skb->skb_iif = packet->further && shim_random(2) ? 2 : 0;
	shim_transmissions = packet->further && !skb->skb_iif;
	skb->shared_pages = packet->ring;
	return at + 2 * (n + 1);
}

static void put_addresses(struct sk_buff *skb, const struct law_packet *packet,
			  u16 link)
{
	bool out = packet->direction == SALLYPORT_OUT;
	const u8 *remote = law_address(packet->key.remote, packet->key.family);
	u8 local[16] = { [10] = 0xff, 0xff, 10, 0, 0, 1 };

	if (packet->key.family == AF_INET) {
		struct iphdr *ip = (struct iphdr *)(skb->data + link);

		ip->version = 4;
		ip->ihl = 5;
		ip->protocol = packet->key.protocol;
		memcpy(out ? &ip->daddr : &ip->saddr, remote + 12, 4);
		memcpy(out ? &ip->saddr : &ip->daddr, local + 12, 4);
		skb->transport = sizeof(*ip);
	} else {
		struct ipv6hdr *ip = (struct ipv6hdr *)(skb->data + link);

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
	u16 link;

	skb->len = packet->bytes + (packet->frame ? 14 + 4 * packet->tags : 0);
	skb->head = calloc(1, skb->len + 2);
	skb->data = skb->head + (packet->frame ? 2 : 0);	/* IP is aligned */
	link = put_link(skb, packet);
	if (!packet->other)
		put_addresses(skb, packet, link);
	skb->transport += link;
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

struct sock *shim_listener(u8 family, u16 local_port)
{
	return looked_up->reopens;
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

void (*law_told)(const struct sallyport_tag *tag);

/* As the daemon, if there is one. */
void law_read_tags(void)
{
	_Alignas(8) char room[SALLYPORT_TAG_MAX + 4096];
	ssize_t size = shim_proc_read(room, sizeof(room)), at = 0;

	while (at < size) {
		const struct sallyport_tag *tag = (const void *)(room + at);

		law_told(tag);
		at += tag->size;
	}
}

unsigned int law_packet_send(const struct law_packet *packet, struct sk_buff *skb,
			    struct task_struct *task)
{
	bool out = packet->direction == SALLYPORT_OUT;
	struct net_device *dev = &law_devices[packet->key.ifindex - 1];
	struct nf_hook_state egress = {
		.hook = NF_NETDEV_EGRESS, .pf = NFPROTO_NETDEV, .out = dev,
		.net = packet->net,
	};
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
	shim_context.bh += !task || packet->frame;
	rcu_read_lock();
	if (packet->frame && !dev->egress)
		law_fail("a frame leaves by a device that nobody watches");
	if (packet->frame)
		verdict = dev->egress->hook(NULL, skb, &egress);
	for (i = 0; !packet->frame && i < packet->net->hook_count && verdict == NF_ACCEPT; i++)
		if (packet->net->hooks[i].pf == state.pf &&
		    packet->net->hooks[i].hooknum == state.hook)
			verdict = packet->net->hooks[i].hook(NULL, skb, &state);
	rcu_read_unlock();
	shim_context.bh -= !task || packet->frame;
	shim_softirq = false;
	shim_current = &law_daemon_task;
	shim_transmissions = 0;
	shim_check_idle();
	if (law_told)
		law_read_tags();
	return verdict;
}
