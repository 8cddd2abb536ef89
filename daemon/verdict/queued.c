/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading of nfnetlink_queue's packet messages. Pure. */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <string.h>
#include "queued.h"

#define HEADER		(NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg)))
#define PACKET_TYPE	(NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET)

static uint32_t get32(const uint8_t *data, size_t length)
{
	uint32_t value;

	if (length < sizeof(value))
		return 0;
	memcpy(&value, data, sizeof(value));
	return ntohl(value);
}

static bool read_header(const uint8_t *data, size_t length, struct sp_queued *packet)
{
	struct nfqnl_msg_packet_hdr header;

	if (length < sizeof(header))
		return false;
	memcpy(&header, data, sizeof(header));
	packet->held.id = ntohl(header.packet_id);
	packet->hook = header.hook;
	return true;
}

static bool read_attribute(int type, const uint8_t *data, size_t length,
			   struct sp_queued *packet)
{
	switch (type) {
	case NFQA_PACKET_HDR:
		return read_header(data, length, packet);
	case NFQA_IFINDEX_INDEV:
		packet->in = get32(data, length);
		break;
	case NFQA_IFINDEX_OUTDEV:
		packet->out = get32(data, length);
		break;
	case NFQA_PAYLOAD:
		packet->data = data;
		packet->length = length;
		break;
	}
	return true;
}

static bool read_attributes(const uint8_t *at, size_t left, struct sp_queued *packet)
{
	struct nlattr attribute;
	bool header = false;
	size_t length;
	int type;

	for (; left >= NLA_HDRLEN; at += length, left -= length) {
		memcpy(&attribute, at, sizeof(attribute));
		length = attribute.nla_len;
		type = attribute.nla_type & NLA_TYPE_MASK;
		if (length < NLA_HDRLEN || length > left)
			break;
		if (!read_attribute(type, at + NLA_HDRLEN, length - NLA_HDRLEN, packet))
			return false;
		header |= type == NFQA_PACKET_HDR;
		length = NLA_ALIGN(length) < left ? NLA_ALIGN(length) : left;
	}
	return header;
}

bool sp_queued_read(const struct nlmsghdr *message, struct sp_queued *packet)
{
	const uint8_t *bytes = (const uint8_t *)message;
	struct nfgenmsg header;

	memset(packet, 0, sizeof(*packet));
	if (message->nlmsg_type != PACKET_TYPE || message->nlmsg_len < HEADER)
		return false;
	memcpy(&header, bytes + NLMSG_HDRLEN, sizeof(header));
	packet->family = header.nfgen_family;
	packet->held.queue = ntohs(header.res_id);
	return read_attributes(bytes + HEADER, message->nlmsg_len - HEADER, packet);
}

bool sp_queued_tuple(const struct sp_queued *packet, struct sp_tuple *tuple)
{
	bool out = packet->hook == NF_INET_LOCAL_OUT;

	if (!out && packet->hook != NF_INET_LOCAL_IN)
		return false;
	return packet->data &&
	       sp_packet_parse(packet->data, packet->length, packet->family,
			       out ? SALLYPORT_OUT : SALLYPORT_IN,
			       out ? packet->out : packet->in, tuple);
}
