/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nfnetlink_queue. A queue that is full, or whose listener is gone, drops: no
 * flag of ours says otherwise, but for the queue of what the hook has allowed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <stdio.h>
#include <string.h>
#include "queue.h"

#define COPY_RANGE	128	/* headers up to the ports */
#define WAITING_LENGTH	8	/* packets of each waiting flow */
#define CONFIG_SIZE	256

/* Sends one configuration message and reads its acknowledgement. */
static int configure(const struct sp_netlink *netlink, struct nlmsghdr *message)
{
	uint8_t reply[CONFIG_SIZE * 4];
	const struct nlmsghdr *answer;
	size_t left;
	ssize_t size;
	int error;

	error = sp_netlink_send(netlink, message, message->nlmsg_len);
	if (error)
		return error;
	while ((size = sp_netlink_receive(netlink, reply, sizeof(reply))) > 0) {
		left = (size_t)size;
		answer = sp_message_first(reply, &left);
		if (answer && answer->nlmsg_type == NLMSG_ERROR)
			return sp_message_error(answer);
	}
	return size ? (int)-size : EBADMSG;
}

static int bind_number(const struct sp_netlink *netlink, uint16_t number)
{
	_Alignas(8) char buffer[CONFIG_SIZE];
	struct nlmsghdr *message = nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, number);

	message->nlmsg_flags |= NLM_F_ACK;
	nfq_nlmsg_cfg_put_cmd(message, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	return configure(netlink, message);
}

static int set_parameters(const struct sp_netlink *netlink, uint16_t number,
			  const struct sp_queue_setting *setting)
{
	uint32_t open = setting->fail_open ? NFQA_CFG_F_FAIL_OPEN : 0;
	_Alignas(8) char buffer[CONFIG_SIZE];
	struct nlmsghdr *message = nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, number);

	message->nlmsg_flags |= NLM_F_ACK;
	nfq_nlmsg_cfg_put_params(message, NFQNL_COPY_PACKET, (int)setting->copy);
	nfq_nlmsg_cfg_put_qmaxlen(message, setting->length);
	mnl_attr_put_u32(message, NFQA_CFG_MASK,
			 htonl(NFQA_CFG_F_GSO | NFQA_CFG_F_FAIL_OPEN));
	mnl_attr_put_u32(message, NFQA_CFG_FLAGS, htonl(NFQA_CFG_F_GSO | open));
	return configure(netlink, message);
}

static int open_number(const struct sp_netlink *netlink, uint16_t number,
		       uint32_t length)
{
	const struct sp_queue_setting setting = { .length = length, .copy = COPY_RANGE };
	int error = bind_number(netlink, number);

	return error ? error : set_parameters(netlink, number, &setting);
}

/*
 * A full buffer drops the packet in the kernel; an error would tell nothing more. Where it
 * passes then (@passes), the error tells that it did.
 */
static void set_up(const struct sp_netlink *netlink, uint32_t receive_buffer, bool passes)
{
	int on = !passes;

	setsockopt(netlink->fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof(on));
	if (receive_buffer)
		sp_netlink_set_buffer(netlink, receive_buffer);
}

int sp_queue_bind(const struct sp_netlink *netlink, uint16_t number,
		  const struct sp_queue_setting *setting, uint32_t receive_buffer)
{
	int error;

	set_up(netlink, receive_buffer, setting->fail_open);
	error = bind_number(netlink, number);
	return error ? error : set_parameters(netlink, number, setting);
}

static int read_netns(struct sp_queues *queues)
{
	socklen_t size = sizeof(queues->netns);

	return getsockopt(queues->fast.fd, SOL_SOCKET, SO_NETNS_COOKIE,
			  &queues->netns, &size) ? errno : 0;
}

static int bind_all(struct sp_queues *queues, const struct sp_verdict_config *config,
		    uint16_t *number)
{
	uint32_t wait = (config->limits.total ? config->limits.total : 256) *
			WAITING_LENGTH;
	int error = read_netns(queues), i;

	set_up(&queues->fast, config->receive_buffer, false);
	set_up(&queues->waiting, config->receive_buffer, false);
	for (i = 0; i < config->queue_count && !error; i++) {
		*number = (uint16_t)(config->queue_first + i);
		error = open_number(&queues->fast, *number, config->queue_length);
	}
	if (error)
		return error;
	*number = config->queue_wait;
	return open_number(&queues->waiting, *number, wait);
}

int sp_queues_open(struct sp_queues *queues, const struct sp_verdict_config *config,
		   uint16_t *number)
{
	int error;

	sp_queues_reset(queues);
	*number = config->queue_first;
	error = sp_netlink_open(&queues->fast, NETLINK_NETFILTER, 0);
	if (!error)
		error = sp_netlink_open(&queues->waiting, NETLINK_NETFILTER, 0);
	if (!error)
		error = bind_all(queues, config, number);
	if (error)
		sp_queues_close(queues);
	return error;
}

int sp_queues_adopt(struct sp_queues *queues, const int fds[SP_QUEUES_SOCKETS],
		    const struct sp_verdict_config *config)
{
	uint16_t number;
	int error, other;

	sp_queues_reset(queues);
	error = sp_netlink_adopt(&queues->fast, fds[0]);
	other = sp_netlink_adopt(&queues->waiting, fds[1]);
	error = error ? error : other;
	if (!error)
		error = bind_all(queues, config, &number);
	if (error)
		sp_queues_close(queues);
	return error;
}

void sp_queues_reset(struct sp_queues *queues)
{
	queues->netns = 0;
	queues->fast.fd = queues->waiting.fd = -1;
}

void sp_queues_close(struct sp_queues *queues)
{
	sp_netlink_close(&queues->fast);
	sp_netlink_close(&queues->waiting);
	sp_queues_reset(queues);
}

bool sp_queues_are_open(const struct sp_queues *queues)
{
	return queues->fast.fd >= 0;
}

/* Errors are for verdicts on packets that the kernel has dropped meanwhile. */
bool sp_queues_receive(const struct sp_queues *queues, uint16_t place, bool waiting,
		       struct sp_batch *batch, sp_queue_fn fn, void *arg)
{
	const struct sp_netlink *netlink = waiting ? &queues->waiting : &queues->fast;
	int count = sp_batch_receive(batch, netlink, NULL), i;
	const struct nlmsghdr *message;
	struct sp_queued packet;
	size_t left;

	for (i = 0; i < count; i++) {
		message = sp_batch_first(batch, (unsigned int)i, &left);
		for (; message; message = sp_message_next(message, &left)) {
			if (!sp_queued_read(message, &packet))
				continue;
			packet.held.place = place;
			packet.netns = queues->netns;
			fn(arg, &packet);
		}
	}
	return count >= 0 || count == -ENOBUFS;
}

void sp_queues_send(void *arg, uint16_t place, bool waiting, const void *data,
		    size_t size)
{
	const struct sp_queues *queues = (const struct sp_queues *)arg + place;

	sp_netlink_send(waiting ? &queues->waiting : &queues->fast, data, size);
}

static bool is_ours(const struct sp_queues *queues, uint32_t port)
{
	return port == queues->fast.port || port == queues->waiting.port;
}

/* Only /proc tells what a queue dropped. */
void sp_queues_losses(const struct sp_queues *queues, struct sp_queue_losses *losses)
{
	FILE *file = fopen("/proc/net/netfilter/nfnetlink_queue", "re");
	uint32_t port, full, overrun;

	memset(losses, 0, sizeof(*losses));
	if (!file)
		return;
	while (fscanf(file, "%*u %u %*u %*u %*u %u %u %*u %*u", &port, &full, &overrun) == 3)
		if (is_ours(queues, port)) {
			losses->full += full;
			losses->overrun += overrun;
		}
	fclose(file);
}
