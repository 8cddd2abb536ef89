/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The least that anything with an NFQUEUE can do: accepts each packet of a queue. What a
 * daemon costs is measured beside it.
 *
 *	listener QUEUE
 *
 * Prints "ready" when the queue is bound.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>

#define ROOM	65536

static char buffer[ROOM];

static struct nlmsghdr *header(char *room, uint8_t type, uint16_t queue)
{
	return nfq_nlmsg_put(room, type, queue);
}

static void send_message(struct mnl_socket *socket, const struct nlmsghdr *message)
{
	if (mnl_socket_sendto(socket, message, message->nlmsg_len) < 0)
		err(1, "send");
}

static void bind_queue(struct mnl_socket *socket, uint16_t queue)
{
	char room[1024];
	struct nlmsghdr *message = header(room, NFQNL_MSG_CONFIG, queue);

	nfq_nlmsg_cfg_put_cmd(message, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	send_message(socket, message);
	message = header(room, NFQNL_MSG_CONFIG, queue);
	nfq_nlmsg_cfg_put_params(message, NFQNL_COPY_PACKET, 128);
	send_message(socket, message);
}

static int accept_packet(const struct nlmsghdr *message, void *socket)
{
	struct nlattr *attrs[NFQA_MAX + 1] = { 0 };
	const struct nfqnl_msg_packet_hdr *packet;
	const struct nfgenmsg *group;
	char room[256];
	struct nlmsghdr *answer;

	if (nfq_nlmsg_parse(message, attrs) < 0 || !attrs[NFQA_PACKET_HDR])
		return MNL_CB_OK;
	group = mnl_nlmsg_get_payload(message);
	packet = mnl_attr_get_payload(attrs[NFQA_PACKET_HDR]);
	answer = header(room, NFQNL_MSG_VERDICT, ntohs(group->res_id));
	nfq_nlmsg_verdict_put(answer, ntohl(packet->packet_id), NF_ACCEPT);
	send_message(socket, answer);
	return MNL_CB_OK;
}

int main(int argc, char **argv)
{
	struct mnl_socket *socket = mnl_socket_open(NETLINK_NETFILTER);
	ssize_t got;

	if (argc != 2)
		errx(2, "usage: listener QUEUE");
	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		err(1, "netlink");
	bind_queue(socket, atoi(argv[1]));
	puts("ready");
	fflush(stdout);
	/* ENOBUFS: some were lost, as they are to whom they were sent too fast. */
	while ((got = mnl_socket_recvfrom(socket, buffer, sizeof(buffer))) > 0 || errno == ENOBUFS)
		if (got > 0)
			mnl_cb_run(buffer, got, 0, mnl_socket_get_portid(socket), accept_packet,
				   socket);
	err(1, "receive");
}
