/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place where packets are given back to the kernel. Whether a packet
 * passes is said by the module's hook alone: so there are three ways, and passing
 * is none of them. The fourth is for packets that the hook has let pass before
 * they came, and takes no others.
 */
#include <assert.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include "point.h"
#include "release.h"

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
	struct nlmsghdr *message;
	char *at;

	if (batch->place != packet.place)
		flush_batch(release, batch);
	batch->place = packet.place;
	at = (char *)batch->bytes + batch->count * SP_RELEASE_MESSAGE;
	message = nfq_nlmsg_put(at, NFQNL_MSG_VERDICT, packet.queue);
	nfq_nlmsg_verdict_put(message, (int)packet.id, (int)verdict);
	assert(message->nlmsg_len == SP_RELEASE_MESSAGE);
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
