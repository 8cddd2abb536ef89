// SPDX-License-Identifier: GPL-2.0
/* Reading of packets that did not hit the cache on their first few bytes. */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "packet.h"

/* Places ports and addresses by who is local. */
static void set_ports(struct sp_packet *packet, __be16 source, __be16 dest)
{
	struct sp_wire_key *wire = &packet->desc.wire;
	bool out = packet->desc.direction == SALLYPORT_OUT;

	wire->local_port = out ? source : dest;
	wire->remote_port = out ? dest : source;
}

static bool read_ports(struct sp_packet *packet, unsigned int offset)
{
	const __be16 *ports;
	__be16 buffer[2];

	ports = skb_header_pointer(packet->skb, offset, sizeof(buffer), buffer);
	if (!ports)
		return false;
	set_ports(packet, ports[0], ports[1]);
	return true;
}

static bool read_tcp(struct sp_packet *packet, unsigned int offset)
{
	const u8 *header;
	u8 buffer[14];

	header = skb_header_pointer(packet->skb, offset, sizeof(buffer), buffer);
	if (!header)
		return false;
	packet->tcp_flags = header[13];
	return read_ports(packet, offset);
}

/* An echo's identifier is the local port on both sides of the exchange. */
static void set_echo(struct sp_packet *packet, __be16 id)
{
	packet->desc.wire.local_port = id;
}

static bool read_icmp(struct sp_packet *packet, unsigned int offset)
{
	const struct icmphdr *icmp;
	struct icmphdr buffer;

	icmp = skb_header_pointer(packet->skb, offset, sizeof(buffer), &buffer);
	if (!icmp)
		return false;
	switch (icmp->type) {
	case ICMP_ECHO:
	case ICMP_ECHOREPLY:
		set_echo(packet, icmp->un.echo.id);
		break;
	case ICMP_DEST_UNREACH:
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		packet->kind = SP_PACKET_ICMP_ERROR;
		break;
	}
	return true;
}

static bool read_icmp6(struct sp_packet *packet, unsigned int offset)
{
	const struct icmp6hdr *icmp;
	struct icmp6hdr buffer;

	icmp = skb_header_pointer(packet->skb, offset, sizeof(buffer), &buffer);
	if (!icmp)
		return false;
	switch (icmp->icmp6_type) {
	case ICMPV6_ECHO_REQUEST:
	case ICMPV6_ECHO_REPLY:
		set_echo(packet, icmp->icmp6_identifier);
		break;
	case ICMPV6_MGM_QUERY ... ICMPV6_MGM_REDUCTION:
	case NDISC_ROUTER_SOLICITATION ... NDISC_REDIRECT:
	case ICMPV6_MLD2_REPORT:
		packet->kind = SP_PACKET_LINK;
		break;
	default:
		if (icmp->icmp6_type < ICMPV6_INFOMSG_MASK)
			packet->kind = SP_PACKET_ICMP_ERROR;
	}
	return true;
}

static bool read_transport(struct sp_packet *packet, u8 protocol,
			   unsigned int offset)
{
	packet->desc.wire.protocol = protocol;
	switch (protocol) {
	case IPPROTO_TCP:
		return read_tcp(packet, offset);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return read_ports(packet, offset);
	case IPPROTO_ICMP:
		return packet->pf != NFPROTO_IPV4 ||
		       read_icmp(packet, offset);
	case IPPROTO_ICMPV6:
		return packet->pf != NFPROTO_IPV6 ||
		       read_icmp6(packet, offset);
	case IPPROTO_IGMP:
		packet->kind = SP_PACKET_LINK;
		return true;
	}
	return true;
}

static bool read_ip4(struct sp_packet *packet)
{
	bool out = packet->desc.direction == SALLYPORT_OUT;
	struct sp_wire_key *wire = &packet->desc.wire;
	unsigned int start = packet->network;
	const struct iphdr *ip;
	struct iphdr buffer;

	ip = skb_header_pointer(packet->skb, start, sizeof(buffer), &buffer);
	if (!ip || ip->ihl < 5)
		return false;
	wire->family = AF_INET;
	sp_address4(&wire->local, out ? ip->saddr : ip->daddr);
	sp_address4(&wire->remote, out ? ip->daddr : ip->saddr);
	if (ip->frag_off & htons(IP_OFFSET)) {
		wire->protocol = ip->protocol;	/* made by hand, without ports */
		return true;
	}
	return read_transport(packet, ip->protocol, start + ip->ihl * 4);
}

static bool read_ip6(struct sp_packet *packet)
{
	bool out = packet->desc.direction == SALLYPORT_OUT;
	struct sp_wire_key *wire = &packet->desc.wire;
	unsigned int start = packet->network;
	const struct ipv6hdr *ip;
	struct ipv6hdr buffer;
	__be16 fragment = 0;
	int offset;
	u8 protocol;

	ip = skb_header_pointer(packet->skb, start, sizeof(buffer), &buffer);
	if (!ip)
		return false;
	wire->family = AF_INET6;
	wire->local = out ? ip->saddr : ip->daddr;
	wire->remote = out ? ip->daddr : ip->saddr;
	protocol = ip->nexthdr;
	offset = ipv6_skip_exthdr(packet->skb, start + sizeof(*ip), &protocol,
				  &fragment);
	if (offset < 0)
		return false;
	if (fragment & htons(~0x7)) {
		wire->protocol = protocol;
		return true;
	}
	return read_transport(packet, protocol, offset);
}

bool sp_packet_parse(struct sp_packet *packet)
{
	struct sp_flow_key *key = &packet->desc.key;
	struct sp_wire_key *wire = &packet->desc.wire;
	struct net *net = packet->state->net;
	bool ok;

	ok = packet->pf == NFPROTO_IPV4 ? read_ip4(packet) :
						 read_ip6(packet);
	if (!ok)
		return false;
	wire->netns = net->net_cookie;
	if (!net_eq(net, &init_net))
		packet->desc.flags |= SALLYPORT_FLOW_NETNS;
	key->cookie = SALLYPORT_COOKIE_NETNS | net->net_cookie;	/* no socket yet */
	key->remote = wire->remote;
	key->remote_port = wire->remote_port;
	key->local_port = wire->local_port;
	key->protocol = wire->protocol;
	key->family = wire->family;
	key->ifindex = packet->dev->ifindex;
	return true;
}
