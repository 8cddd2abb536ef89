/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of IP protocols. Where two names have one number, the first is printed. */
#include <string.h>
#include "protocol.h"

static const struct {
	const char *name;
	int number;
} protocols[] = {
	{ "tcp", 6 },
	{ "udp", 17 },
	{ "icmp", 1 },
	{ "icmpv6", 58 },
	{ "ipv6-icmp", 58 },
	{ "sctp", 132 },
	{ "udplite", 136 },
	{ "dccp", 33 },
	{ "igmp", 2 },
	{ "ipip", 4 },
	{ "ipv6", 41 },
	{ "gre", 47 },
	{ "esp", 50 },
	{ "ah", 51 },
	{ "eigrp", 88 },
	{ "ospf", 89 },
	{ "pim", 103 },
	{ "vrrp", 112 },
	{ "l2tp", 115 },
};

#define COUNT (sizeof(protocols) / sizeof(protocols[0]))

_Static_assert(COUNT == SP_PROTOCOLS, "all that have a name are counted");

const char *sp_protocol_name(int protocol)
{
	for (size_t i = 0; i < COUNT; i++)
		if (protocols[i].number == protocol)
			return protocols[i].name;
	return NULL;
}

int sp_protocol_number(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (!strcmp(protocols[i].name, name))
			return protocols[i].number;
	return -1;
}

const char *sp_protocol_list(size_t index)
{
	return protocols[index].name;
}

bool sp_protocol_ports(int protocol)
{
	switch (protocol) {
	case 6:
	case 17:
	case 33:
	case 132:
	case 136:
		return true;
	}
	return false;
}
