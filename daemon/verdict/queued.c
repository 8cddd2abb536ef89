/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading of nfnetlink_queue's packet messages. Pure. */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <string.h>
#include "queued.h"

#define PACKET_TYPE	(NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET)

/* A device's number; 0: none. */
static uint32_t get_device(const struct nlattr *attribute)
{
	return attribute ? ntohl(mnl_attr_get_u32(attribute)) : 0;
}

static void read_attributes(struct nlattr *const attributes[], struct sp_queued *packet)
{
	const struct nlattr *payload = attributes[NFQA_PAYLOAD];
	struct nfqnl_msg_packet_hdr header;

	memcpy(&header, mnl_attr_get_payload(attributes[NFQA_PACKET_HDR]), sizeof(header));
	packet->held.id = ntohl(header.packet_id);
	packet->hook = header.hook;
	packet->in = get_device(attributes[NFQA_IFINDEX_INDEV]);
	packet->out = get_device(attributes[NFQA_IFINDEX_OUTDEV]);
	if (payload) {
		packet->data = mnl_attr_get_payload(payload);
		packet->length = mnl_attr_get_payload_len(payload);
	}
}

/* nfq_nlmsg_parse() sees to it that each attribute is as long as it must be. */
bool sp_queued_read(const struct nlmsghdr *message, struct sp_queued *packet)
{
	struct nlattr *attributes[NFQA_MAX + 1] = { NULL };
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);

	memset(packet, 0, sizeof(*packet));
	if (message->nlmsg_type != PACKET_TYPE ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*header) ||
	    nfq_nlmsg_parse(message, attributes) < 0 || !attributes[NFQA_PACKET_HDR])
		return false;
	packet->family = header->nfgen_family;
	packet->held.queue = ntohs(header->res_id);
	read_attributes(attributes, packet);
	return true;
}

bool sp_queued_tuple(const struct sp_queued *packet, struct sp_tuple *tuple)
{
	bool out = packet->hook == NF_INET_LOCAL_OUT;

	if (!packet->data || (!out && packet->hook != NF_INET_LOCAL_IN) ||
	    !sp_packet_parse(packet->data, packet->length, packet->family,
			     out ? SALLYPORT_OUT : SALLYPORT_IN,
			     out ? packet->out : packet->in, tuple))
		return false;
	tuple->netns = packet->netns;
	return true;
}
