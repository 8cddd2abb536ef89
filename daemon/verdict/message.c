/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading of what the module sends. */
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include "message.h"

#define HEADER	(NLMSG_HDRLEN + GENL_HDRLEN)

int sp_message_command(const struct nlmsghdr *message)
{
	const struct genlmsghdr *header;

	if (message->nlmsg_len < HEADER)
		return -1;
	header = (const void *)((const uint8_t *)message + NLMSG_HDRLEN);
	return header->cmd;
}

/* Takes one attribute at @at; 0 where it does not fit. */
static size_t take_attribute(const uint8_t *at, size_t left,
			     struct sp_attributes *attributes)
{
	struct nlattr attribute;
	size_t length, type;

	if (left < NLA_HDRLEN)
		return 0;
	memcpy(&attribute, at, sizeof(attribute));
	length = attribute.nla_len;
	type = attribute.nla_type & NLA_TYPE_MASK;
	if (length < NLA_HDRLEN || length > left)
		return 0;
	if (type && type <= SALLYPORT_A_MAX) {
		attributes->of[type].data = at + NLA_HDRLEN;
		attributes->of[type].length = (uint16_t)(length - NLA_HDRLEN);
	}
	length = NLA_ALIGN(length);
	return length < left ? length : left;
}

bool sp_message_attributes_behind(const struct nlmsghdr *message, size_t header,
				  struct sp_attributes *attributes)
{
	const uint8_t *at = (const uint8_t *)message + NLMSG_HDRLEN + header;
	size_t left, taken;

	memset(attributes, 0, sizeof(*attributes));
	if (message->nlmsg_len < NLMSG_HDRLEN + header)
		return false;
	left = message->nlmsg_len - NLMSG_HDRLEN - header;
	for (; left; at += taken, left -= taken) {
		taken = take_attribute(at, left, attributes);
		if (!taken)
			return false;
	}
	return true;
}

bool sp_message_attributes(const struct nlmsghdr *message,
			   struct sp_attributes *attributes)
{
	return sp_message_attributes_behind(message, GENL_HDRLEN, attributes);
}

/* A structure may have grown: longer is fine. */
static bool get(const struct sp_attributes *attributes, int type,
		void *to, size_t size)
{
	const struct sp_attribute *attribute = &attributes->of[type];

	if (!attribute->data || attribute->length < size)
		return false;
	memcpy(to, attribute->data, size);
	return true;
}

static bool flow_makes_sense(const struct sallyport_flow *flow)
{
	return (flow->family == AF_INET || flow->family == AF_INET6) &&
	       flow->direction <= SALLYPORT_IN && flow->image;
}

/* The path may be missing; one that is too long or has a NUL is no path. */
static bool get_path(const struct sp_attributes *attributes,
		     const char **path, uint16_t *length)
{
	const struct sp_attribute *attribute = &attributes->of[SALLYPORT_A_PATH];

	*path = attribute->data;
	*length = attribute->data ? attribute->length : 0;
	return *length <= SALLYPORT_PATH_MAX &&
	       (!*length || !memchr(*path, 0, *length));
}

static void get_string(const struct sp_attributes *attributes, int type,
		       char *to, size_t size)
{
	const struct sp_attribute *attribute = &attributes->of[type];
	size_t length = attribute->data ? attribute->length : 0;

	memset(to, 0, size);
	if (length >= size)
		length = size - 1;
	if (length)
		memcpy(to, attribute->data, length);
}

bool sp_message_hello(const struct nlmsghdr *message, struct sp_hello *hello)
{
	struct sp_attributes attributes;

	if (!sp_message_attributes(message, &attributes))
		return false;
	get_string(&attributes, SALLYPORT_A_VERSION, hello->version,
		   sizeof(hello->version));
	hello->instance = 0;
	get(&attributes, SALLYPORT_A_INSTANCE, &hello->instance, sizeof(hello->instance));
	return get(&attributes, SALLYPORT_A_MISSED, &hello->missed, sizeof(hello->missed)) &&
	       get(&attributes, SALLYPORT_A_EPOCH, &hello->epoch,
		   sizeof(hello->epoch)) &&
	       get(&attributes, SALLYPORT_A_DEGRADED, &hello->degraded,
		   sizeof(hello->degraded));
}

bool sp_message_observed(const struct nlmsghdr *message, uint64_t *missed)
{
	struct sp_attributes attributes;

	return sp_message_attributes(message, &attributes) &&
	       get(&attributes, SALLYPORT_A_MISSED, missed, sizeof(*missed));
}

/* Counters that we know and it does not are 0, and the other way round. */
bool sp_message_status(const struct nlmsghdr *message, struct sp_status *status)
{
	const struct sp_attribute *stats;
	struct sp_attributes attributes;
	size_t length;

	if (!sp_message_attributes(message, &attributes))
		return false;
	stats = &attributes.of[SALLYPORT_A_STATS];
	length = stats->data ? stats->length : 0;
	if (length > sizeof(status->stats))
		length = sizeof(status->stats);
	memset(status->stats, 0, sizeof(status->stats));
	if (length)
		memcpy(status->stats, stats->data, length);
	return get(&attributes, SALLYPORT_A_TABLES, &status->tables,
		   sizeof(status->tables)) &&
	       get(&attributes, SALLYPORT_A_EPOCH, &status->epoch,
		   sizeof(status->epoch)) &&
	       get(&attributes, SALLYPORT_A_DEGRADED, &status->degraded,
		   sizeof(status->degraded)) &&
	       get(&attributes, SALLYPORT_A_MODE, &status->mode, sizeof(status->mode));
}

bool sp_message_image(const struct nlmsghdr *message, struct sp_image_record *image)
{
	struct sp_attributes attributes;
	const char *path;

	if (!sp_message_attributes(message, &attributes) ||
	    !get(&attributes, SALLYPORT_A_IMAGE, &image->info, sizeof(image->info)) ||
	    !get_path(&attributes, &path, &image->path_length))
		return false;
	if (image->path_length)
		memcpy(image->path, path, image->path_length);
	image->path[image->path_length] = 0;
	return true;
}

/* A newer module might tell of more than there is room for. */
bool sp_message_chain(const struct nlmsghdr *message, struct sp_chain *chain)
{
	const struct sp_attribute *attribute;
	struct sp_attributes attributes;

	if (!sp_message_attributes(message, &attributes))
		return false;
	attribute = &attributes.of[SALLYPORT_A_PROCESSES];
	if (!attribute->data || attribute->length % sizeof(chain->links[0]) ||
	    !attribute->length || attribute->length > sizeof(chain->links))
		return false;
	chain->count = attribute->length / sizeof(chain->links[0]);
	memcpy(chain->links, attribute->data, attribute->length);
	return true;
}

bool sp_message_path(const struct nlmsghdr *message, char *path)
{
	struct sp_attributes attributes;
	const char *text;
	uint16_t length;

	if (!sp_message_attributes(message, &attributes) ||
	    !get_path(&attributes, &text, &length) || !length)
		return false;
	memcpy(path, text, length);
	path[length] = 0;
	return true;
}

static bool tag_makes_sense(const struct sp_tag *tag)
{
	return flow_makes_sense(&tag->pending.flow) &&
	       tag->image.id == tag->pending.flow.image;
}

bool sp_message_pending(const struct nlmsghdr *message, struct sp_tag *tag)
{
	struct sp_attributes attributes;

	if (!sp_message_attributes(message, &attributes) ||
	    !get(&attributes, SALLYPORT_A_PENDING, &tag->pending, sizeof(tag->pending)) ||
	    !get(&attributes, SALLYPORT_A_IMAGE, &tag->image, sizeof(tag->image)) ||
	    !get_path(&attributes, &tag->path, &tag->path_length))
		return false;
	tag->comm = NULL;
	tag->comm_length = 0;
	return tag_makes_sense(tag);
}

size_t sp_message_tag(const void *data, size_t left, struct sp_tag *tag)
{
	const uint8_t *bytes = data;
	struct sallyport_tag head;

	if (left < sizeof(head))
		return 0;
	memcpy(&head, bytes, sizeof(head));
	if (head.size < sizeof(head) || head.size > left || head.size % SALLYPORT_TAG_ALIGN ||
	    head.path_length > SALLYPORT_PATH_MAX || head.path_length > head.size - sizeof(head))
		return 0;
	tag->pending = head.pending;
	tag->image = head.image;
	tag->path = head.path_length ? (const char *)bytes + sizeof(head) : NULL;
	tag->path_length = (uint16_t)head.path_length;
	tag->comm = (const char *)bytes + offsetof(struct sallyport_tag, comm);
	tag->comm_length = (uint16_t)strnlen(tag->comm, sizeof(head.comm));
	if (tag->path_length && memchr(tag->path, 0, tag->path_length))
		return 0;
	return tag_makes_sense(tag) ? head.size : 0;
}

bool sp_message_query(const struct nlmsghdr *message, struct sp_query *query)
{
	const struct sp_attribute *question;
	struct sp_attributes attributes;

	if (!sp_message_attributes(message, &attributes) ||
	    !get(&attributes, SALLYPORT_A_FLOW, &query->flow, sizeof(query->flow)))
		return false;
	question = &attributes.of[SALLYPORT_A_QUESTION];
	query->payload = question->data;
	query->length = question->data ? question->length : 0;
	query->by_stream = attributes.of[SALLYPORT_A_STREAM].data;
	if (query->by_stream &&
	    (!get(&attributes, SALLYPORT_A_STREAM, &query->stream, sizeof(query->stream)) ||
	     query->length > query->stream.length))
		return false;
	return question->data && flow_makes_sense(&query->flow);
}

bool sp_message_netns(const struct nlmsghdr *message, uint64_t *netns, uint8_t *state)
{
	struct sp_attributes attributes;

	return sp_message_attributes(message, &attributes) &&
	       get(&attributes, SALLYPORT_A_NETNS, netns, sizeof(*netns)) &&
	       get(&attributes, SALLYPORT_A_NETNS_STATE, state, sizeof(*state));
}

bool sp_message_verdict(const struct nlmsghdr *message,
			struct sallyport_verdict *verdict)
{
	struct sp_attributes attributes;

	return sp_message_attributes(message, &attributes) &&
	       get(&attributes, SALLYPORT_A_VERDICT, verdict, sizeof(*verdict)) &&
	       verdict->direction <= SALLYPORT_IN && verdict->remote_length <= 128;
}

bool sp_message_flow(const struct nlmsghdr *message, struct sallyport_flow *flow,
		     struct sallyport_counts *counts)
{
	struct sp_attributes attributes;

	return sp_message_attributes(message, &attributes) &&
	       get(&attributes, SALLYPORT_A_FLOW, flow, sizeof(*flow)) &&
	       get(&attributes, SALLYPORT_A_COUNTS, counts, sizeof(*counts)) &&
	       flow_makes_sense(flow);
}

/* The array's items are of our size: the protocol's number says so. */
bool sp_message_events(const struct nlmsghdr *message, struct sp_events *events)
{
	const struct sp_attribute *attribute;
	struct sp_attributes attributes;

	memset(events, 0, sizeof(*events));
	if (!sp_message_attributes(message, &attributes))
		return false;
	get(&attributes, SALLYPORT_A_EVENTS_LOST, &events->lost, sizeof(events->lost));
	attribute = &attributes.of[SALLYPORT_A_EVENTS];
	if (!attribute->data)
		return true;
	events->data = attribute->data;
	events->count = attribute->length / sizeof(struct sallyport_event);
	return attribute->length % sizeof(struct sallyport_event) == 0;
}

void sp_message_event(const struct sp_events *events, size_t index,
		      struct sallyport_event *event)
{
	memcpy(event, events->data + index * sizeof(*event), sizeof(*event));
}
