/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a message of the kernel: what the module tells, and packets that
 * nfnetlink_queue hands over. Read within its bounds, or refused; what is read is
 * within the message.
 */
#include <linux/netlink.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "message.h"
#include "queued.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

static bool lies_within(const struct nlmsghdr *message, const void *data, size_t length)
{
	const uint8_t *first = (const uint8_t *)message, *from = data;

	return from >= first && length <= message->nlmsg_len &&
	       from <= first + message->nlmsg_len - length;
}

static void check_attributes(const struct nlmsghdr *message)
{
	struct sp_attributes attributes;

	if (!sp_message_attributes(message, &attributes))
		return;
	for (size_t i = 0; i <= SALLYPORT_A_MAX; i++)
		must(!attributes.of[i].data ||
		     lies_within(message, attributes.of[i].data, attributes.of[i].length));
}

static void check_events(const struct nlmsghdr *message)
{
	struct sallyport_event event;
	struct sp_events events;

	if (!sp_message_events(message, &events))
		return;
	must(!events.count ||
	     lies_within(message, events.data, events.count * sizeof(event)));
	for (size_t i = 0; i < events.count; i++)
		sp_message_event(&events, i, &event);
}

static void check_image(const struct nlmsghdr *message)
{
	static struct sp_image_record image;
	static struct sp_chain chain;

	if (sp_message_chain(message, &chain))
		must(chain.count && chain.count <= SALLYPORT_CHAIN_MAX);
	if (sp_message_path(message, image.path))
		must(image.path[0]);
	if (sp_message_image(message, &image))
		must(image.path_length <= SALLYPORT_PATH_MAX && !image.path[image.path_length]);
}

static void check_others(const struct nlmsghdr *message)
{
	static struct sp_status status;
	static struct sp_tag tag;
	struct sallyport_verdict verdict;
	struct sallyport_counts counts;
	struct sallyport_flow flow;
	struct sp_hello hello;
	uint64_t netns;
	uint8_t state;

	sp_message_command(message);
	if (sp_message_hello(message, &hello))
		must(memchr(hello.version, 0, sizeof(hello.version)));
	sp_message_status(message, &status);
	sp_message_pending(message, &tag);
	sp_message_netns(message, &netns, &state);
	sp_message_verdict(message, &verdict);
	sp_message_flow(message, &flow, &counts);
}

/* No message: what the file gives. */
static void check_tags(const uint8_t *data, size_t size)
{
	struct sp_tag tag;
	size_t taken;

	while ((taken = sp_message_tag(data, size, &tag))) {
		must(taken <= size);
		must(!tag.path_length || ((const uint8_t *)tag.path >= data &&
		     (const uint8_t *)tag.path + tag.path_length <= data + taken));
		must(tag.comm_length <= 16);
		data += taken;
		size -= taken;
	}
}

static void check_queued(const struct nlmsghdr *message)
{
	struct sp_queued packet;
	struct sp_tuple tuple;

	if (!sp_queued_read(message, &packet))
		return;
	must(!packet.length || lies_within(message, packet.data, packet.length));
	sp_queued_tuple(&packet, &tuple);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nlmsghdr *message;

	size &= ~(size_t)3;	/* netlink pads what it sends */
	if (size < sizeof(*message))
		return 0;
	/* A copy without a byte behind it; its length is what the socket said. */
	message = malloc(size);
	must(message);
	memcpy(message, data, size);
	message->nlmsg_len = (uint32_t)size;
	check_attributes(message);
	check_events(message);
	check_image(message);
	check_others(message);
	check_queued(message);
	check_tags(data, size);
	free(message);
	return 0;
}
