// SPDX-License-Identifier: GPL-2.0
/*
 * What is sent: messages to the daemon, from any context and never waiting, and
 * replies to its commands.
 */
#include <linux/file.h>
#include <net/genetlink.h>

#include "daemon.h"
#include "flow_desc.h"
#include "image.h"
#include "netlink.h"
#include "netlink_commands.h"

int sp_put_image(struct sk_buff *skb, const struct sp_image *image)
{
	if (nla_put(skb, SALLYPORT_A_IMAGE, sizeof(image->info), &image->info))
		return -EMSGSIZE;
	if (!image->path_length)
		return 0;
	return nla_put(skb, SALLYPORT_A_PATH, image->path_length, image->path);
}

size_t sp_image_size(const struct sp_image *image)
{
	return nla_total_size(sizeof(image->info)) +
	       nla_total_size(image->path_length);
}

int sp_put_tag(struct sk_buff *skb, const struct sp_image *image,
	       const struct sallyport_pending *tag)
{
	if (nla_put(skb, SALLYPORT_A_PENDING, sizeof(*tag), tag))
		return -EMSGSIZE;
	return sp_put_image(skb, image);
}

static int send_to_daemon(struct sk_buff *skb, void *header)
{
	genlmsg_end(skb, header);
	return genlmsg_unicast(&init_net, skb, READ_ONCE(sp_daemon.event_port));
}

int sp_netlink_rouse(void)
{
	struct sk_buff *skb = genlmsg_new(0, GFP_ATOMIC);
	void *header;

	if (!skb)
		return -ENOMEM;
	header = genlmsg_put(skb, 0, 0, &sp_netlink_family, 0, SALLYPORT_CMD_PENDING);
	if (!header) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return send_to_daemon(skb, header);
}

int sp_netlink_query(const struct sp_flow_desc *desc, const void *question,
		     size_t length, const struct sallyport_stream *stream)
{
	struct sallyport_flow flow;
	struct sk_buff *skb;
	void *header;

	skb = genlmsg_new(nla_total_size(sizeof(flow)) + nla_total_size(length) +
			  nla_total_size(sizeof(*stream)), GFP_ATOMIC);
	if (!skb)
		return -ENOMEM;
	sp_flow_desc_export(desc, &flow);
	header = genlmsg_put(skb, 0, 0, &sp_netlink_family, 0, SALLYPORT_CMD_QUERY);
	if (!header ||
	    nla_put(skb, SALLYPORT_A_FLOW, sizeof(flow), &flow) ||
	    nla_put(skb, SALLYPORT_A_QUESTION, length, question) ||
	    (stream && nla_put(skb, SALLYPORT_A_STREAM, sizeof(*stream), stream))) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return genlmsg_unicast(&init_net, skb, READ_ONCE(sp_daemon.observe_port));
}

int sp_netlink_namespace(u64 netns, u8 state)
{
	struct sk_buff *skb;
	void *header;

	skb = genlmsg_new(nla_total_size_64bit(sizeof(netns)) +
			  nla_total_size(sizeof(state)), GFP_ATOMIC);
	if (!skb)
		return -ENOMEM;
	header = genlmsg_put(skb, 0, 0, &sp_netlink_family, 0, SALLYPORT_CMD_NETNS);
	if (!header ||
	    nla_put_u64_64bit(skb, SALLYPORT_A_NETNS, netns, SALLYPORT_A_PAD) ||
	    nla_put_u8(skb, SALLYPORT_A_NETNS_STATE, state)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return send_to_daemon(skb, header);
}

int sp_netlink_events(const struct sallyport_event *events, u32 count, u32 lost)
{
	struct sk_buff *skb;
	void *header;

	if (!sp_daemon_present())
		return -ENOTCONN;
	skb = genlmsg_new(nla_total_size(count * sizeof(*events)) +
			  nla_total_size(sizeof(lost)), GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	header = genlmsg_put(skb, 0, 0, &sp_netlink_family, 0, SALLYPORT_CMD_EVENTS);
	if (!header ||
	    nla_put(skb, SALLYPORT_A_EVENTS, count * sizeof(*events), events) ||
	    nla_put_u32(skb, SALLYPORT_A_EVENTS_LOST, lost)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return send_to_daemon(skb, header);
}

struct sk_buff *sp_reply_new(struct genl_info *info, size_t payload, void **header)
{
	struct sk_buff *skb = genlmsg_new(payload, GFP_KERNEL);

	if (!skb)
		return NULL;
	*header = genlmsg_put_reply(skb, info, &sp_netlink_family, 0, info->genlhdr->cmd);
	if (*header)
		return skb;
	nlmsg_free(skb);
	return NULL;
}

int sp_reply_send(struct genl_info *info, struct sk_buff *skb, void *header, int error)
{
	if (error) {
		nlmsg_free(skb);
		return error;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

/* The caller sees the descriptor only if he gets the reply that tells of it. */
int sp_reply_file(struct genl_info *info, struct file *file)
{
	int fd = get_unused_fd_flags(O_CLOEXEC), error = -ENOMEM;
	struct sk_buff *skb;
	void *header;

	if (fd < 0)
		return fd;
	skb = sp_reply_new(info, nla_total_size(sizeof(u32)), &header);
	if (skb)
		error = sp_reply_send(info, skb, header,
				      nla_put_u32(skb, SALLYPORT_A_FD, fd));
	if (error)
		put_unused_fd(fd);
	else
		fd_install(fd, file);
	return error;
}
