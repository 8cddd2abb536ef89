/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink sockets. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "netlink.h"

#define ALONE 8	/* messages, after one that came alone */

static int bind_socket(struct sp_netlink *netlink, uint32_t groups)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = groups };
	socklen_t size = sizeof(address);

	if (bind(netlink->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    connect(netlink->fd, (const struct sockaddr *)&kernel, sizeof(kernel)) ||
	    getsockname(netlink->fd, (struct sockaddr *)&address, &size))
		return errno;
	netlink->port = address.nl_pid;
	return 0;
}

static int take_over(struct sp_netlink *netlink, int fd, uint32_t groups)
{
	int error;

	netlink->fd = fd;
	error = bind_socket(netlink, groups);
	if (error)
		sp_netlink_close(netlink);
	return error;
}

int sp_netlink_open(struct sp_netlink *netlink, int protocol, uint32_t groups)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);

	netlink->fd = -1;
	return fd < 0 ? errno : take_over(netlink, fd, groups);
}

int sp_netlink_adopt(struct sp_netlink *netlink, int fd)
{
	return take_over(netlink, fd, 0);
}

void sp_netlink_close(struct sp_netlink *netlink)
{
	if (netlink->fd >= 0)
		close(netlink->fd);
	netlink->fd = -1;
}

void sp_netlink_set_buffer(const struct sp_netlink *netlink, uint32_t bytes)
{
	int size = bytes > INT32_MAX / 2 ? INT32_MAX / 2 : (int)bytes;

	if (setsockopt(netlink->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(netlink->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

int sp_netlink_send(const struct sp_netlink *netlink, const void *data, size_t size)
{
	while (send(netlink->fd, data, size, 0) < 0)
		if (errno != EINTR)
			return errno;
	return 0;
}

ssize_t sp_netlink_receive(const struct sp_netlink *netlink, void *data, size_t size)
{
	ssize_t length;

	do
		length = recv(netlink->fd, data, size, MSG_DONTWAIT | MSG_TRUNC);
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return errno == EAGAIN ? 0 : -errno;
	return (size_t)length > size ? -EMSGSIZE : length;
}

bool sp_batch_init(struct sp_batch *batch, unsigned int count, size_t size)
{
	unsigned int i;

	batch->count = count;
	batch->want = 1;
	batch->alone = 0;
	batch->size = size;
	batch->buffers = calloc(count, size);
	batch->headers = calloc(count, sizeof(*batch->headers));
	batch->vectors = calloc(count, sizeof(*batch->vectors));
	if (!batch->buffers || !batch->headers || !batch->vectors) {
		sp_batch_clear(batch);
		return false;
	}
	for (i = 0; i < count; i++) {
		batch->vectors[i].iov_base = batch->buffers + i * size;
		batch->vectors[i].iov_len = size;
		batch->headers[i].msg_hdr.msg_iov = &batch->vectors[i];
		batch->headers[i].msg_hdr.msg_iovlen = 1;
	}
	return true;
}

void sp_batch_clear(struct sp_batch *batch)
{
	free(batch->buffers);
	free(batch->headers);
	free(batch->vectors);
	memset(batch, 0, sizeof(*batch));
}

/* As recvmmsg() does it, for less. */
static int receive_one(struct sp_batch *batch, int fd)
{
	struct mmsghdr *header = &batch->headers[0];
	ssize_t length = recv(fd, batch->buffers, batch->size, MSG_DONTWAIT | MSG_TRUNC);

	if (length < 0)
		return -1;
	header->msg_len = (unsigned int)length;
	header->msg_hdr.msg_flags = (size_t)length > batch->size ? MSG_TRUNC : 0;
	return 1;
}

static int receive(struct sp_batch *batch, int fd, unsigned int want)
{
	int count;

	do
		count = want == 1 ? receive_one(batch, fd) :
			recvmmsg(fd, batch->headers, want, MSG_DONTWAIT, NULL);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		return errno == EAGAIN ? 0 : -errno;
	return count;
}

/*
 * Twice as many are tried for as long as all come; one as soon as not. Where a message
 * came alone others will: to try for a second would cost each of them a third.
 */
static void learn(struct sp_batch *batch, unsigned int want, int count)
{
	if (want > 1 && count <= 1)
		batch->alone = ALONE;
	if (count < (int)want) {
		batch->want = 1;
	} else if (want == 1 && batch->alone) {
		batch->alone--;
	} else {
		batch->want = want * 2 < batch->count ? want * 2 : batch->count;
	}
}

int sp_batch_receive(struct sp_batch *batch, const struct sp_netlink *netlink,
		     bool *more)
{
	unsigned int want = batch->want;
	int count = receive(batch, netlink->fd, want);

	if (more)
		*more = count == (int)want || count < 0;
	learn(batch, want, count);
	return count;
}

bool sp_batch_is_cut(const struct sp_batch *batch, unsigned int index)
{
	return batch->headers[index].msg_hdr.msg_flags & MSG_TRUNC;
}

const struct nlmsghdr *sp_message_first(const void *data, size_t *left)
{
	const struct nlmsghdr *message = data;

	if (*left < sizeof(*message) || message->nlmsg_len < sizeof(*message) ||
	    message->nlmsg_len > *left)
		return NULL;
	return message;
}

const struct nlmsghdr *sp_message_next(const struct nlmsghdr *message, size_t *left)
{
	size_t length = NLMSG_ALIGN(message->nlmsg_len);

	if (length >= *left)
		return NULL;
	*left -= length;
	return sp_message_first((const uint8_t *)message + length, left);
}

const struct nlmsghdr *sp_batch_first(const struct sp_batch *batch,
				      unsigned int index, size_t *left)
{
	if (sp_batch_is_cut(batch, index))
		return NULL;
	*left = batch->headers[index].msg_len;
	return sp_message_first(batch->buffers + index * batch->size, left);
}

int sp_message_error(const struct nlmsghdr *message)
{
	struct nlmsgerr error;

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(error.error)))
		return EBADMSG;
	memcpy(&error.error, (const uint8_t *)message + NLMSG_HDRLEN,
	       sizeof(error.error));
	return error.error < 0 ? -error.error : error.error;
}
