/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading of packets. Pure: nothing but the bytes given, nothing believed
 * beyond their end.
 */
#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>
#include "hash.h"
#include "packet.h"

#define IP4_HEADER	20
#define IP6_HEADER	40
#define UDP_HEADER	8
#define TCP_HEADER	20
#define TCP_SYN		2
#define IP4_OFFSET	0x1fff
#define IP6_OFFSET	0xfff8
#define IP6_EXTENSIONS	16	/* more make no sense in what is copied */

/* What is still to be read. */
struct reader {
	const uint8_t *at;
	size_t left;
};

static bool skip(struct reader *reader, size_t length)
{
	if (reader->left < length)
		return false;
	reader->at += length;
	reader->left -= length;
	return true;
}

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void map4(uint8_t to[16], const uint8_t from[4])
{
	memset(to, 0, 10);
	memset(to + 10, 0xff, 2);
	memcpy(to + 12, from, 4);
}

static bool read_ports(const struct reader *reader, struct sp_tuple *tuple)
{
	bool out = tuple->direction == SALLYPORT_OUT;

	if (reader->left < 4)
		return false;
	memcpy(out ? &tuple->local_port : &tuple->remote_port, reader->at, 2);
	memcpy(out ? &tuple->remote_port : &tuple->local_port, reader->at + 2, 2);
	return true;
}

static bool is_echo(uint8_t protocol, uint8_t type)
{
	if (protocol == IPPROTO_ICMP)
		return type == ICMP_ECHO || type == ICMP_ECHOREPLY;
	return type == ICMP6_ECHO_REQUEST || type == ICMP6_ECHO_REPLY;
}

static bool read_icmp(const struct reader *reader, struct sp_tuple *tuple)
{
	if (reader->left < 8)
		return false;
	if (is_echo(tuple->protocol, reader->at[0]))
		memcpy(&tuple->local_port, reader->at + 4, 2);
	return true;
}

static bool read_transport(const struct reader *reader, struct sp_tuple *tuple)
{
	switch (tuple->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return read_ports(reader, tuple);
	case IPPROTO_ICMP:
		return tuple->family != AF_INET || read_icmp(reader, tuple);
	case IPPROTO_ICMPV6:
		return tuple->family != AF_INET6 || read_icmp(reader, tuple);
	}
	return true;
}

static bool read_ip4(struct reader *reader, struct sp_tuple *tuple)
{
	const uint8_t *ip = reader->at;
	bool out = tuple->direction == SALLYPORT_OUT;
	size_t header;

	if (reader->left < IP4_HEADER || ip[0] >> 4 != 4)
		return false;
	header = (size_t)(ip[0] & 15) * 4;
	if (header < IP4_HEADER)
		return false;
	map4(tuple->local, out ? ip + 12 : ip + 16);
	map4(tuple->remote, out ? ip + 16 : ip + 12);
	tuple->protocol = ip[9];
	if (get16(ip + 6) & IP4_OFFSET)
		return true;	/* a later fragment has no ports */
	return skip(reader, header) && read_transport(reader, tuple);
}

static bool is_extension(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_FRAGMENT:
	case IPPROTO_AH:
	case IPPROTO_DSTOPTS:
		return true;
	}
	return false;
}

static size_t extension_length(uint8_t protocol, const uint8_t *at)
{
	if (protocol == IPPROTO_FRAGMENT)
		return 8;
	if (protocol == IPPROTO_AH)
		return ((size_t)at[1] + 2) * 4;
	return ((size_t)at[1] + 1) * 8;
}

/*
 * To the transport header. @later: stopped at the header of a fragment that is
 * not the first, which stays the protocol, as the kernel's own walk has it. No
 * next header, and the module calls it malformed.
 */
static bool skip_extensions(struct reader *reader, uint8_t *protocol, bool *later)
{
	const uint8_t *at;
	uint8_t type;
	int i;

	*later = false;
	for (i = 0; is_extension(*protocol); i++) {
		at = reader->at;
		type = *protocol;
		if (i == IP6_EXTENSIONS || reader->left < 8)
			return false;
		*later = type == IPPROTO_FRAGMENT && get16(at + 2) & IP6_OFFSET;
		if (*later)
			return true;
		*protocol = at[0];
		if (!skip(reader, extension_length(type, at)))
			return false;
	}
	return *protocol != IPPROTO_NONE;
}

static bool read_ip6(struct reader *reader, struct sp_tuple *tuple)
{
	const uint8_t *ip = reader->at;
	bool out = tuple->direction == SALLYPORT_OUT;
	bool later;

	if (reader->left < IP6_HEADER || ip[0] >> 4 != 6)
		return false;
	memcpy(tuple->local, out ? ip + 8 : ip + 24, 16);
	memcpy(tuple->remote, out ? ip + 24 : ip + 8, 16);
	tuple->protocol = ip[6];
	skip(reader, IP6_HEADER);
	if (!skip_extensions(reader, &tuple->protocol, &later))
		return false;
	return later || read_transport(reader, tuple);
}

bool sp_packet_parse(const uint8_t *data, size_t length, uint8_t family,
		     uint8_t direction, uint32_t ifindex,
		     struct sp_tuple *tuple)
{
	struct reader reader = { .at = data, .left = length };

	memset(tuple, 0, sizeof(*tuple));
	tuple->family = family;
	tuple->direction = direction;
	tuple->ifindex = ifindex;
	if (family == AF_INET)
		return read_ip4(&reader, tuple);
	return family == AF_INET6 && read_ip6(&reader, tuple);
}

static bool skip_ip6(struct reader *reader)
{
	uint8_t protocol = reader->at[6];
	bool later;

	return skip(reader, IP6_HEADER) && skip_extensions(reader, &protocol, &later) && !later;
}

static bool skip_network(struct reader *reader, const struct sp_tuple *tuple)
{
	if (tuple->family == AF_INET6)
		return skip_ip6(reader);
	return !(get16(reader->at + 6) & IP4_OFFSET) &&
	       skip(reader, (size_t)(reader->at[0] & 15) * 4);
}

/* What may be behind its end is left out. */
static bool skip_udp(struct reader *reader)
{
	size_t length = reader->left < UDP_HEADER ? 0 : get16(reader->at + 4);

	if (length < UDP_HEADER)
		return false;
	if (reader->left > length)
		reader->left = length;
	return skip(reader, UDP_HEADER);
}

static bool skip_tcp(struct reader *reader)
{
	size_t header = reader->left < TCP_HEADER ? 0 : (size_t)(reader->at[12] >> 4) * 4;

	return header >= TCP_HEADER && skip(reader, header);
}

bool sp_packet_payload(const uint8_t *data, size_t length, const struct sp_tuple *tuple,
		       const uint8_t **payload, size_t *size)
{
	struct reader reader = { .at = data, .left = length };

	if (!skip_network(&reader, tuple))
		return false;
	if (tuple->protocol == IPPROTO_UDP ? !skip_udp(&reader) :
	    tuple->protocol != IPPROTO_TCP || !skip_tcp(&reader))
		return false;
	*payload = reader.at;
	*size = reader.left;
	return true;
}

void sp_packet_sequence(const uint8_t *data, size_t length, const struct sp_tuple *tuple,
			const uint8_t *payload, uint32_t *sequence, uint32_t *total)
{
	struct reader tcp = { .at = data, .left = length };
	size_t whole = tuple->family == AF_INET ? get16(data + 2) :
		       get16(data + 4) + (size_t)IP6_HEADER;
	size_t headers = (size_t)(payload - data);

	skip_network(&tcp, tuple);	/* it could before */
	*sequence = (uint32_t)get16(tcp.at + 4) << 16 | get16(tcp.at + 6);
	*sequence += (tcp.at[13] & TCP_SYN) != 0;
	*total = whole > headers ? (uint32_t)(whole - headers) : 0;
}

void sp_tuple_of_flow(const struct sallyport_flow *flow, struct sp_tuple *tuple)
{
	memset(tuple, 0, sizeof(*tuple));
	memcpy(tuple->local, flow->local, sizeof(tuple->local));
	memcpy(tuple->remote, flow->remote, sizeof(tuple->remote));
	tuple->local_port = flow->local_port;
	tuple->remote_port = flow->remote_port;
	tuple->netns = flow->netns;
	tuple->ifindex = flow->ifindex;
	tuple->family = flow->family;
	tuple->protocol = flow->protocol;
	tuple->direction = flow->direction;
}

bool sp_tuple_equal(const struct sp_tuple *a, const struct sp_tuple *b)
{
	return !memcmp(a, b, sizeof(*a));
}

uint32_t sp_tuple_hash(const struct sp_tuple *tuple)
{
	return sp_hash(tuple, sizeof(*tuple));
}
