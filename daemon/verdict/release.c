/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place where packets are given back to the kernel. Whether a packet
 * passes is said by the module's hook alone: so there are three ways, and passing
 * is none of them. The fourth is for packets that the hook has let pass before
 * they came, and takes no others.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include "point.h"
#include "release.h"

struct verdict_message {
	struct nlmsghdr header;
	struct nfgenmsg queue;
	struct nlattr attribute;
	struct nfqnl_msg_verdict_hdr verdict;
};

_Static_assert(sizeof(struct verdict_message) == SP_RELEASE_MESSAGE &&
	       SP_RELEASE_MESSAGE % NLMSG_ALIGNTO == 0, "they lie one behind the other");

static void flush_batch(struct sp_release *release, struct sp_release_batch *batch)
{
	if (!batch->count)
		return;
	if (batch == &release->observed)
		release->send_observed(release->observer, batch->bytes,
				       batch->count * SP_RELEASE_MESSAGE);
	else
		release->send(release->sockets, batch->place,
			      batch == &release->waiting, batch->bytes,
			      batch->count * SP_RELEASE_MESSAGE);
	sp_point("released");
	batch->count = 0;
}

static void add(struct sp_release *release, struct sp_release_batch *batch,
		struct sp_held packet, uint32_t verdict)
{
	struct verdict_message *message;

	if (batch->place != packet.place)
		flush_batch(release, batch);
	batch->place = packet.place;
	message = (struct verdict_message *)(void *)batch->bytes + batch->count;
	*message = (struct verdict_message){
		.header = {
			.nlmsg_len = sizeof(*message),
			.nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_VERDICT,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.queue = {
			.nfgen_family = AF_UNSPEC,
			.version = NFNETLINK_V0,
			.res_id = htons(packet.queue),
		},
		.attribute = {
			.nla_len = NLA_HDRLEN + sizeof(message->verdict),
			.nla_type = NFQA_VERDICT_HDR,
		},
		.verdict = { .verdict = htonl(verdict), .id = htonl(packet.id) },
	};
	if (++batch->count == SP_RELEASE_BATCH)
		flush_batch(release, batch);
}

static void give(struct sp_release *release, struct sp_held packet, uint32_t verdict)
{
	add(release, packet.queue == release->queue_wait ? &release->waiting :
							   &release->fast,
	    packet, verdict);
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

void sp_release_observed(struct sp_release *release, struct sp_held packet)
{
	assert(release->queue_observe && packet.queue == release->queue_observe);
	add(release, &release->observed, packet, NF_ACCEPT);
}

void sp_release_flush(struct sp_release *release)
{
	flush_batch(release, &release->fast);
	flush_batch(release, &release->waiting);
	flush_batch(release, &release->observed);
}
