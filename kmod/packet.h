/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet at a hook, read as far as judging it needs: addresses, ports, ICMP
 * type, TCP flags, size. Nothing is believed beyond what the buffer holds.
 */
#ifndef _SALLYPORT_PACKET_H
#define _SALLYPORT_PACKET_H

#include <linux/netfilter.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/sock.h>
#include "flow_table.h"

struct sp_pending;

/* What kind of packet it is, for those that are not judged as flows. */
enum sp_packet_kind {
	SP_PACKET_FLOW,
	SP_PACKET_ICMP_ERROR,	/* about another packet */
	SP_PACKET_LINK,		/* ND, MLD, IGMP: the link's own business */
};

struct sp_packet {
	struct sk_buff *skb;
	const struct nf_hook_state *state;
	const struct net_device *dev;	/* it leaves by or came in on */
	const struct sock *from;	/* it leaves: of any kind; NULL: the kernel sends it */
	struct sock *sk;		/* full socket, or NULL */
	struct sp_flow_desc desc;
	u64 enters;			/* socket whose flow it begins, or 0 */
	struct sp_pending *waited;	/* it is one of this flow's, and is back */
	u32 bytes;			/* layer 3, after segmentation */
	u32 segments;
	u32 network;			/* where the IP header is in skb->data */
	u8 pf;				/* NFPROTO_IPV4 or _IPV6: that header's */
	u8 way;				/* enum sallyport_direction, the packet's own */
	bool frame;			/* of a packet socket, and can't be held */
	u8 tcp_flags;			/* of a TCP segment */
	u8 kind;			/* enum sp_packet_kind */
	bool established;		/* of a connection that is open */
};

#define SP_TCP_SYN 0x02
#define SP_TCP_RST 0x04
#define SP_TCP_ACK 0x10

/*
 * Reads packet->skb, whose IP header is of @pf and at @network, into desc.key (with
 * the cookie of none: see SALLYPORT_COOKIE_NETNS), desc.wire, tcp_flags and
 * kind. False: its headers make no sense.
 */
bool sp_packet_parse(struct sp_packet *packet);

static __always_inline void sp_address4(struct in6_addr *address, __be32 from)
{
	address->s6_addr32[0] = 0;
	address->s6_addr32[1] = 0;
	address->s6_addr32[2] = htonl(0xffff);
	address->s6_addr32[3] = from;
}

/* The socket itself if it is a full one; a request's listener; else NULL. */
static inline struct sock *sp_full_socket(struct sock *sk)
{
	if (sk && !sk_fullsock(sk))
		sk = sk->sk_state == TCP_NEW_SYN_RECV ?
			inet_reqsk(sk)->rsk_listener : NULL;
	return sk;
}

/* Headers that each segment of a GSO packet repeats. */
static inline u32 sp_segment_header(const struct sk_buff *skb)
{
	u32 length = skb_transport_offset(skb) - skb_network_offset(skb);

	if (skb_shinfo(skb)->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6))
		return length + tcp_hdrlen(skb);
	if (skb_shinfo(skb)->gso_type & SKB_GSO_SCTP)
		return length + sizeof(struct sctphdr);
	return length + sizeof(struct udphdr);
}

static __always_inline void sp_packet_measure(const struct sk_buff *skb,
					      u32 *bytes, u32 *segments)
{
	*bytes = skb->len;
	*segments = 1;
	if (unlikely(skb_is_gso(skb) && skb_shinfo(skb)->gso_segs > 1)) {
		*segments = skb_shinfo(skb)->gso_segs;
		*bytes += (*segments - 1) * sp_segment_header(skb);
	}
}

#endif
