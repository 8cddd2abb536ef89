/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Netlink sockets: opening, sending, and receiving many messages at once. They
 * are connected to the kernel, so that nobody else's messages get in.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/types.h>

struct sp_netlink {
	int fd;			/* -1: closed */
	uint32_t port;
};

/* An errno. @groups: of old, as a mask. */
int sp_netlink_open(struct sp_netlink *netlink, int protocol, uint32_t groups);
/* Takes over a socket that is open, not bound; closes it if there is an error. */
int sp_netlink_adopt(struct sp_netlink *netlink, int fd);
void sp_netlink_close(struct sp_netlink *netlink);
/* Beyond the system's limit where we may. */
void sp_netlink_set_buffer(const struct sp_netlink *netlink, uint32_t bytes);
int sp_netlink_send(const struct sp_netlink *netlink, const void *data, size_t size);
/* The size, 0: nothing there, or a negative errno. */
ssize_t sp_netlink_receive(const struct sp_netlink *netlink, void *data, size_t size);

struct sp_batch {
	unsigned int count;
	unsigned int want;		/* grows with what comes: trying costs */
	unsigned int alone;		/* messages that are received alone before more are tried */
	size_t size;			/* of each buffer */
	uint8_t *buffers;
	struct mmsghdr *headers;
	struct iovec *vectors;
};

bool sp_batch_init(struct sp_batch *batch, unsigned int count, size_t size);
void sp_batch_clear(struct sp_batch *batch);
/*
 * How many, 0: nothing there, or a negative errno. Never blocks. *@more, which
 * may be NULL: there may be more.
 */
int sp_batch_receive(struct sp_batch *batch, const struct sp_netlink *netlink,
		     bool *more);

/*
 * The datagram's first message, whole and within it; NULL: none, or cut off.
 * Then sp_message_next() until NULL.
 */
const struct nlmsghdr *sp_batch_first(const struct sp_batch *batch,
				      unsigned int index, size_t *left);
const struct nlmsghdr *sp_message_first(const void *data, size_t *left);
const struct nlmsghdr *sp_message_next(const struct nlmsghdr *message, size_t *left);
bool sp_batch_is_cut(const struct sp_batch *batch, unsigned int index);
/* A positive errno, or 0: NLMSG_ERROR's content. */
int sp_message_error(const struct nlmsghdr *message);
