/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Binds packet queues and accepts whatever comes.
 *
 *	queue FIRST LAST PROGRAM ARG...   while PROGRAM runs
 *
 * Prints how many of the queues could be bound and how many packets came.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct mnl_socket *nl;
static unsigned packets;

static struct nlmsghdr *begin(char *buffer, uint16_t number, uint8_t type, uint16_t flags)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));

	message->nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | type;
	message->nlmsg_flags = NLM_F_REQUEST | flags;
	header->version = NFNETLINK_V0;
	header->res_id = htons(number);
	return message;
}

/* 0 or an error number. */
static int ask(struct nlmsghdr *message)
{
	char buffer[8192];
	ssize_t length;

	if (mnl_socket_sendto(nl, message, message->nlmsg_len) < 0)
		return errno;
	length = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));
	if (length < 0)
		return errno;
	return mnl_cb_run(buffer, length, 0, 0, NULL, NULL) < 0 ? errno : 0;
}

static int bind_queue(uint16_t number)
{
	struct nfqnl_msg_config_cmd bind = { .command = NFQNL_CFG_CMD_BIND };
	struct nfqnl_msg_config_params params = { .copy_mode = NFQNL_COPY_META };
	char buffer[8192];
	struct nlmsghdr *message = begin(buffer, number, NFQNL_MSG_CONFIG, NLM_F_ACK);
	int error;

	mnl_attr_put(message, NFQA_CFG_CMD, sizeof(bind), &bind);
	error = ask(message);
	if (error)
		return error;
	message = begin(buffer, number, NFQNL_MSG_CONFIG, NLM_F_ACK);
	mnl_attr_put(message, NFQA_CFG_PARAMS, sizeof(params), &params);
	return ask(message);
}

static void accept_packet(uint16_t number, __be32 id)
{
	struct nfqnl_msg_verdict_hdr verdict = { .verdict = htonl(NF_ACCEPT), .id = id };
	char buffer[8192];
	struct nlmsghdr *message = begin(buffer, number, NFQNL_MSG_VERDICT, 0);

	mnl_attr_put(message, NFQA_VERDICT_HDR, sizeof(verdict), &verdict);
	mnl_socket_sendto(nl, message, message->nlmsg_len);
}

static int on_attribute(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == NFQA_PACKET_HDR)
		*(const struct nfqnl_msg_packet_hdr **)data = mnl_attr_get_payload(attr);
	return MNL_CB_OK;
}

static int on_packet(const struct nlmsghdr *message, void *data)
{
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);
	const struct nfqnl_msg_packet_hdr *packet = NULL;

	mnl_attr_parse(message, sizeof(*header), on_attribute, &packet);
	if (!packet)
		return MNL_CB_OK;
	packets++;
	accept_packet(ntohs(header->res_id), packet->packet_id);
	return MNL_CB_OK;
}

static int accept_while(pid_t child)
{
	struct pollfd poller = { .fd = mnl_socket_get_fd(nl), .events = POLLIN };
	char buffer[65536];
	int status;

	while (waitpid(child, &status, WNOHANG) == 0) {
		ssize_t length;

		if (poll(&poller, 1, 50) <= 0)
			continue;
		length = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));
		if (length > 0)
			mnl_cb_run(buffer, length, 0, 0, on_packet, NULL);
	}
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	unsigned bound = 0;
	int last_error = 0, status;
	pid_t child;

	if (argc < 4)
		errx(2, "usage: queue FIRST LAST PROGRAM ARG...");
	nl = mnl_socket_open(NETLINK_NETFILTER);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID))
		err(2, "netlink");
	for (int number = atoi(argv[1]); number <= atoi(argv[2]); number++) {
		int error = bind_queue(number);

		bound += !error;
		last_error = error ? error : last_error;
	}
	child = fork();
	if (!child) {
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	status = accept_while(child);
	printf("bound %u (%s), %u packets\n", bound,
	       last_error ? strerrorname_np(last_error) : "no error", packets);
	return status;
}
