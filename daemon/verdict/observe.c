/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading of both. */
#include <errno.h>
#include <string.h>
#include "engine.h"
#include "learn.h"
#include "observe.h"
#include "queue.h"

#define BATCH		8
#define QUERY		1024	/* bytes of a message */
#define REPLY		9216
#define COPY_RANGE	8192
#define LENGTH		65535	/* the buffer is full before: that we are told */

static int open_replies(struct sp_observe *observe, uint16_t queue,
			uint32_t receive_buffer)
{
	const struct sp_queue_setting setting = {
		.length = LENGTH, .copy = COPY_RANGE, .fail_open = true,
	};
	int error = sp_netlink_open(&observe->replies, NETLINK_NETFILTER, 0);

	if (error)
		return error;
	return sp_queue_bind(&observe->replies, queue, &setting, receive_buffer);
}

int sp_observe_open(struct sp_observe *observe, uint16_t queue, uint32_t receive_buffer)
{
	int error = sp_netlink_open(&observe->queries, NETLINK_GENERIC, 0);

	observe->queue = queue;
	if (!error)
		error = open_replies(observe, queue, receive_buffer);
	if (!error && (!sp_batch_init(&observe->asked, BATCH, QUERY) ||
		       !sp_batch_init(&observe->answered, BATCH, REPLY)))
		error = ENOMEM;
	if (error)
		sp_observe_close(observe);
	else if (receive_buffer)
		sp_netlink_set_buffer(&observe->queries, receive_buffer);
	return error;
}

void sp_observe_close(struct sp_observe *observe)
{
	sp_netlink_close(&observe->queries);
	sp_netlink_close(&observe->replies);
	sp_batch_clear(&observe->asked);
	sp_batch_clear(&observe->answered);
}

static void take_query(struct sp_engine *engine, const struct nlmsghdr *message)
{
	struct sp_query query;

	if (sp_message_command(message) == SALLYPORT_CMD_QUERY &&
	    sp_message_query(message, &query))
		sp_learn_query(engine, &query);
}

/* What did not fit into the buffer is lost: the kernel says when (sp_learn_missed()). */
void sp_observe_queries(struct sp_observe *observe, struct sp_engine *engine)
{
	struct sp_batch *batch = &observe->asked;
	const struct nlmsghdr *message;
	bool more = true;
	size_t left;
	int count, i;

	while (more) {
		count = sp_batch_receive(batch, &observe->queries, &more);
		for (i = 0; i < count; i++) {
			message = sp_batch_first(batch, (unsigned int)i, &left);
			for (; message; message = sp_message_next(message, &left))
				take_query(engine, message);
		}
		more &= count >= 0 || count == -ENOBUFS;
	}
}

/* Notes what @count replies say; the packets to be given back are in @held. */
static size_t take_replies(struct sp_observe *observe, struct sp_engine *engine,
			   int count, struct sp_held held[BATCH])
{
	const struct nlmsghdr *message;
	struct sp_queued packet;
	size_t taken = 0, left;
	int i;

	for (i = 0; i < count; i++) {
		message = sp_batch_first(&observe->answered, (unsigned int)i, &left);
		if (!message || !sp_queued_read(message, &packet))
			continue;
		sp_learn_reply(engine, &packet);
		held[taken++] = packet.held;
	}
	return taken;
}

/*
 * The queries of these replies were told before the replies were queued; so was said what
 * was missed before them.
 */
void sp_observe_replies(struct sp_observe *observe, struct sp_engine *engine)
{
	struct sp_held held[BATCH];
	uint64_t missed;
	size_t taken, i;
	int count, error;

	count = sp_batch_receive(&observe->answered, &observe->replies, NULL);
	sp_observe_queries(observe, engine);
	/* Where the kernel can't say, something may have been. */
	error = engine->calls->observed(engine->kernel, &missed);
	if (error || count == -ENOBUFS)
		sp_learn_missed_now(engine);
	if (!error)
		sp_learn_missed(engine, missed);
	taken = take_replies(observe, engine, count, held);
	sp_learn_settle(engine);
	for (i = 0; i < taken; i++)
		sp_release_observed(&engine->release, held[i]);
}

void sp_observe_send(void *arg, const void *data, size_t size)
{
	const struct sp_observe *observe = arg;

	sp_netlink_send(&observe->replies, data, size);
}
