/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnetlink: a listing at the start and after losses, then notifications. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include "links.h"

#define BATCH		4
#define MESSAGE_SIZE	(32 * 1024)

static int ask_for_all(const struct sp_links *links)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} request = {
		.header.nlmsg_len = sizeof(request),
		.header.nlmsg_type = RTM_GETLINK,
		.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.header.nlmsg_seq = 1,
		.link.ifi_family = AF_UNSPEC,
	};

	return sp_netlink_send(&links->netlink, &request, sizeof(request));
}

int sp_links_open(struct sp_links *links)
{
	int error = ENOMEM;

	memset(links, 0, sizeof(*links));
	links->netlink.fd = -1;
	if (sp_batch_init(&links->batch, BATCH, MESSAGE_SIZE))
		error = sp_netlink_open(&links->netlink, NETLINK_ROUTE, RTMGRP_LINK);
	if (!error)
		error = ask_for_all(links);
	if (error)
		sp_links_close(links);
	return error;
}

void sp_links_close(struct sp_links *links)
{
	sp_netlink_close(&links->netlink);
	sp_batch_clear(&links->batch);
}

static void read_batch(struct sp_links *links, struct sp_interfaces *interfaces,
		       unsigned int count)
{
	const struct nlmsghdr *message;
	unsigned int i;
	size_t left;

	for (i = 0; i < count; i++) {
		message = sp_batch_first(&links->batch, i, &left);
		for (; message; message = sp_message_next(message, &left))
			sp_interfaces_message(interfaces, message);
	}
}

/* Until nothing is there. False: something was lost. */
static bool read_all(struct sp_links *links, struct sp_interfaces *interfaces)
{
	bool whole = true;
	int count;

	while ((count = sp_batch_receive(&links->batch, &links->netlink, NULL))) {
		if (count > 0)
			read_batch(links, interfaces, (unsigned int)count);
		else if (count == -ENOBUFS)
			whole = false;
		else
			break;
	}
	return whole;
}

/* A listing under way is at its end by then: each part is made as one is read. */
void sp_links_read(struct sp_links *links, struct sp_interfaces *interfaces)
{
	while (!read_all(links, interfaces)) {
		sp_interfaces_reset(interfaces);
		if (ask_for_all(links))
			break;
	}
}
