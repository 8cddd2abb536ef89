/* SPDX-License-Identifier: GPL-2.0 */
/* The uapi header's other structures are those of <netinet/in.h>. */
#ifndef SHIM_LINUX_IPV6_H
#define SHIM_LINUX_IPV6_H

#include <linux/in6.h>
#include <linux/types.h>

struct ipv6hdr {
	u8 version_class[4];
	__be16 payload_len;
	u8 nexthdr;
	u8 hop_limit;
	struct in6_addr saddr, daddr;
};

#endif
