/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place where packets are given back to the kernel. There are three
 * ways, and passing is none of them: whether a packet passes is said by the
 * module's hook alone.
 */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <string.h>
#include "release.h"

struct message {
	struct nlmsghdr header;
	struct nfgenmsg queue;
	struct nlattr attribute;
	struct nfqnl_msg_verdict_hdr verdict;
};

_Static_assert(sizeof(struct message) == SP_RELEASE_MESSAGE, "one verdict's bytes");

static void flush_batch(struct sp_release *release, struct sp_release_batch *batch)
{
	if (!batch->count)
		return;
	release->send(release->sockets, batch == &release->waiting, batch->bytes,
		      batch->count * SP_RELEASE_MESSAGE);
	batch->count = 0;
}

static void give(struct sp_release *release, struct sp_held packet, uint32_t verdict)
{
	struct sp_release_batch *batch = packet.queue == release->queue_wait ?
					 &release->waiting : &release->fast;
	struct message message = {
		.header.nlmsg_len = sizeof(message),
		.header.nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_VERDICT,
		.header.nlmsg_flags = NLM_F_REQUEST,
		.queue.nfgen_family = AF_UNSPEC,
		.queue.version = NFNETLINK_V0,
		.queue.res_id = htons(packet.queue),
		.attribute.nla_len = NLA_HDRLEN + sizeof(message.verdict),
		.attribute.nla_type = NFQA_VERDICT_HDR,
		.verdict.verdict = htonl(verdict),
		.verdict.id = htonl(packet.id),
	};

	memcpy(batch->bytes + batch->count * sizeof(message), &message, sizeof(message));
	if (++batch->count == SP_RELEASE_BATCH)
		flush_batch(release, batch);
}

void sp_release_repeat(struct sp_release *release, struct sp_held packet)
{
	give(release, packet, NF_REPEAT);
}

void sp_release_wait(struct sp_release *release, struct sp_held packet)
{
	give(release, packet, NF_QUEUE_NR(release->queue_wait));
}

void sp_release_drop(struct sp_release *release, struct sp_held packet)
{
	give(release, packet, NF_DROP);
}

void sp_release_flush(struct sp_release *release)
{
	flush_batch(release, &release->fast);
	flush_batch(release, &release->waiting);
}
