// SPDX-License-Identifier: GPL-2.0
/*
 * Frames of packet sockets (AF_PACKET) at the devices they leave by.
 *
 * A frame with an IP header is a packet of a flow like any other, of the program
 * that sends it, and is judged by the same tables. Nothing can be queued here: the
 * frame of a flow that nobody knows is lost, the daemon is told, and what is sent
 * again finds the answer. Other frames (ARP, EAPOL, LLDP) have no flow: they pass
 * for programs of the machine, not for those in user namespaces of their own.
 *
 * A frame is judged once, where its program sends it. The devices behind (under a
 * bridge, VLAN or bond; after a veth) see it inside of the first one's transmission,
 * or received.
 *
 * What is judged is what leaves: a frame in a ring that its program can still
 * write to is copied before it is read.
 */
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "egress.h"
#include "flow_cache.h"
#include "hook.h"
#include "judge.h"
#include "owner.h"

#define SP_VLAN_TAGS 4		/* one in another; more make no sense */

struct watched {
	struct hlist_node node;
	struct nf_hook_ops ops;		/* ops.dev: which */
	struct rcu_head rcu;
};

static HLIST_HEAD(watched_devices);
static DEFINE_MUTEX(watched_lock);	/* of the list */
static u32 degraded;

/* --- what a frame is --------------------------------------------------------- */

static bool is_tag(__be16 type)
{
	return type == htons(ETH_P_8021Q) || type == htons(ETH_P_8021AD);
}

static u8 family_of(__be16 type)
{
	if (type == htons(ETH_P_IP))
		return NFPROTO_IPV4;
	return type == htons(ETH_P_IPV6) ? NFPROTO_IPV6 : NFPROTO_UNSPEC;
}

/* Up to the first type that is no tag. */
static bool read_ethernet(struct sp_packet *packet)
{
	unsigned int offset = offsetof(struct ethhdr, h_proto);
	const __be16 *type;
	__be16 buffer;
	int tags;

	for (tags = 0; tags <= SP_VLAN_TAGS; tags++, offset += 4) {
		type = skb_header_pointer(packet->skb, offset, sizeof(buffer),
					  &buffer);
		if (!type)
			return false;
		if (is_tag(*type))
			continue;
		packet->network = offset + sizeof(*type);
		packet->pf = family_of(*type);
		return true;
	}
	return false;
}

/* An IP header that begins at @offset, by its own word. */
static bool read_version(struct sp_packet *packet, unsigned int offset)
{
	const u8 *first;
	u8 buffer;

	first = skb_header_pointer(packet->skb, offset, sizeof(buffer), &buffer);
	if (!first || (*first >> 4 != 4 && *first >> 4 != 6))
		return false;
	packet->network = offset;
	packet->pf = *first >> 4 == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
	return true;
}

/*
 * Of a device without a link header (tun, tunnels, PPP) the frame is the packet;
 * where there is one that we do not know, it lies where the kernel put it.
 */
static bool read_other(struct sp_packet *packet)
{
	if (read_version(packet, 0))
		return true;
	if (skb_network_offset(packet->skb) > 0 &&
	    read_version(packet, skb_network_offset(packet->skb)))
		return true;
	return family_of(packet->skb->protocol) == NFPROTO_UNSPEC;
}

/* Finds the IP header, if there is one: packet->pf. False: it makes no sense. */
static bool read_frame(struct sp_packet *packet)
{
	switch (packet->dev->type) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		return read_ethernet(packet);
	case ARPHRD_IEEE80211 ... ARPHRD_IEEE80211_RADIOTAP:
		return true;	/* injected: 802.11's own header, often encrypted */
	}
	return read_other(packet);
}

/* --- judging ------------------------------------------------------------------- */

static unsigned int judge_ip(struct sp_packet *packet)
{
	u32 generation = sp_cache_begin();
	struct sp_flow *flow;

	if (!sp_packet_parse(packet))
		return sp_drop(packet, SALLYPORT_STAT_MALFORMED);
	sp_packet_measure(packet->skb, &packet->bytes, &packet->segments);
	packet->bytes -= packet->network;
	packet->desc.key.cookie = sp_socket_cookie(packet->sk);
	flow = sp_flow_find(&packet->desc.key);
	if (flow)
		return sp_obey_flow(packet, flow, generation);
	sp_find_owner(packet, true);
	packet->enters = packet->desc.key.cookie;
	return sp_judge_new(packet, generation);
}

/* A program of the machine, or a socket that is older than the module. */
static bool is_trusted(const struct sp_packet *packet)
{
	const struct sp_image *image = packet->desc.image;

	if (image == sp_image_unknown)
		return sp_owner_is_older(packet->desc.key.cookie);
	return !(image->info.flags & SALLYPORT_IMAGE_USERNS);
}

static unsigned int judge_other(struct sp_packet *packet)
{
	packet->desc.key.cookie = sp_socket_cookie(packet->sk);
	sp_find_owner(packet, true);
	return is_trusted(packet) ? sp_pass(SALLYPORT_STAT_FRAME) :
				    sp_drop(packet, SALLYPORT_STAT_FRAME_FOREIGN);
}

static unsigned int judge(struct sp_packet *packet)
{
	/* from now on its program can't change it */
	if (skb_linearize(packet->skb))
		return sp_drop(packet, SALLYPORT_STAT_NO_MEMORY);
	if (!read_frame(packet))
		return sp_drop(packet, SALLYPORT_STAT_MALFORMED);
	return packet->pf ? judge_ip(packet) : judge_other(packet);
}

static noinline unsigned int judge_frame(struct sk_buff *skb,
					 const struct nf_hook_state *state)
{
	struct sp_packet packet = {
		.skb = skb,
		.state = state,
		.dev = state->out,
		.sk = skb->sk,
		.way = SALLYPORT_OUT,
		.frame = true,
	};
	unsigned int verdict;

	if (sp_hook_passes(packet.dev))
		return sp_pass(SALLYPORT_STAT_LOOPBACK);
	if (sp_hook_is_off())
		return sp_pass(SALLYPORT_STAT_OFF);
	verdict = judge(&packet);
	sp_image_put(packet.desc.image);
	return verdict;
}

static bool is_further_on(const struct sk_buff *skb)
{
	return skb->skb_iif || dev_recursion_level();
}

/* Nearly everything that comes here is not of a packet socket. */
static unsigned int at_egress(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	if (likely(!skb->sk || skb->sk->sk_family != AF_PACKET) ||
	    is_further_on(skb))
		return NF_ACCEPT;
	return judge_frame(skb, state);
}

/* --- devices ------------------------------------------------------------------- */

static struct watched *find(const struct net_device *dev)
{
	struct watched *watched;

	lockdep_assert_held(&watched_lock);
	hlist_for_each_entry(watched, &watched_devices, node)
		if (watched->ops.dev == dev)
			return watched;
	return NULL;
}

/* After others' hooks: what they make of it is judged. */
static int watch_new(struct net_device *dev)
{
	struct watched *watched = kzalloc(sizeof(*watched), GFP_KERNEL);
	int error;

	if (!watched)
		return -ENOMEM;
	watched->ops = (struct nf_hook_ops) {
		.hook = at_egress,
		.dev = dev,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_EGRESS,
		.priority = INT_MAX,
	};
	error = nf_register_net_hook(dev_net(dev), &watched->ops);
	if (error) {
		kfree(watched);
		return error;
	}
	hlist_add_head(&watched->node, &watched_devices);
	return 0;
}

/* A kernel without these hooks goes without; else no device is used unseen. */
static int watch(struct net_device *dev)
{
	int error = 0;

	if (!sp_hook_judges(dev_net(dev)))
		return 0;
	mutex_lock(&watched_lock);
	if (!find(dev))
		error = watch_new(dev);
	mutex_unlock(&watched_lock);
	if (error != -EOPNOTSUPP)
		return error;
	WRITE_ONCE(degraded, SALLYPORT_DEGRADED_EGRESS);
	return 0;
}

static void unwatch(const struct net_device *dev)
{
	struct watched *watched;

	mutex_lock(&watched_lock);
	watched = find(dev);
	if (watched)
		hlist_del(&watched->node);
	mutex_unlock(&watched_lock);
	if (!watched)
		return;
	nf_unregister_net_hook(dev_net(dev), &watched->ops);
	kfree_rcu(watched, rcu);
}

/*
 * Also told of all devices when the notifier comes and when it goes. One that
 * moves to another namespace is unregistered in the first, is down meanwhile, and
 * an error does not keep it from being registered there: so again before it is up.
 */
static int on_device(struct notifier_block *block, unsigned long event,
		     void *data)
{
	struct net_device *dev = netdev_notifier_info_to_dev(data);

	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_PRE_UP:
		return notifier_from_errno(watch(dev));
	case NETDEV_UNREGISTER:
		unwatch(dev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = on_device };

u32 sp_egress_degraded(void)
{
	return READ_ONCE(degraded);
}

int sp_egress_init(void)
{
	return register_netdevice_notifier(&notifier);
}

void sp_egress_exit(void)
{
	unregister_netdevice_notifier(&notifier);
	synchronize_net();
}
