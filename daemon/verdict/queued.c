/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading of nfnetlink_queue's packet messages. Pure. */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <string.h>
#include "message.h"
#include "queued.h"

#define PACKET_TYPE	(NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET)

_Static_assert(NFQA_PAYLOAD <= SALLYPORT_A_MAX, "there is a place for what is read");

/* A device's number; 0: none. False: it is not one. */
static bool get_device(const struct sp_attribute *attribute, uint32_t *device)
{
	*device = 0;
	if (!attribute->data)
		return true;
	if (attribute->length < sizeof(*device))
		return false;
	memcpy(device, attribute->data, sizeof(*device));
	*device = ntohl(*device);
	return true;
}

static bool read_attributes(const struct sp_attributes *attributes, struct sp_queued *packet)
{
	const struct sp_attribute *about = &attributes->of[NFQA_PACKET_HDR];
	struct nfqnl_msg_packet_hdr header;

	if (!about->data || about->length < sizeof(header))
		return false;
	memcpy(&header, about->data, sizeof(header));
	packet->held.id = ntohl(header.packet_id);
	packet->hook = header.hook;
	packet->data = attributes->of[NFQA_PAYLOAD].data;
	packet->length = attributes->of[NFQA_PAYLOAD].length;
	return get_device(&attributes->of[NFQA_IFINDEX_INDEV], &packet->in) &&
	       get_device(&attributes->of[NFQA_IFINDEX_OUTDEV], &packet->out);
}

bool sp_queued_read(const struct nlmsghdr *message, struct sp_queued *packet)
{
	struct sp_attributes attributes;
	struct nfgenmsg header;

	memset(packet, 0, sizeof(*packet));
	if (message->nlmsg_type != PACKET_TYPE ||
	    !sp_message_attributes_behind(message, NLMSG_ALIGN(sizeof(header)), &attributes))
		return false;
	memcpy(&header, (const uint8_t *)message + NLMSG_HDRLEN, sizeof(header));
	packet->family = header.nfgen_family;
	packet->held.queue = ntohs(header.res_id);
	return read_attributes(&attributes, packet);
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
