/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tries to get something out by a socket of an odd kind, or used in an odd way.
 *
 *	sockets KIND ADDRESS PORT
 *
 * ADDRESS: IPv4. Exit status: 0 sent or connected, as far as can be told; 7 refused;
 * 77 there is no such socket here, and why is printed.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/rxrpc.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define IPPROTO_OTHER	253	/* for experiments */
#ifndef IPPROTO_DCCP
#define IPPROTO_DCCP	33
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

static struct sockaddr_in to;

static int new_socket(int family, int type, int protocol)
{
	struct timeval patience = { .tv_sec = 15 };
	int fd = socket(family, type, protocol);

	if (fd < 0) {
		printf("no socket: %s\n", strerrorname_np(errno));
		exit(77);
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return fd;
}

static int ended(bool ok)
{
	printf("%s\n", ok ? "sent" : strerrorname_np(errno));
	return ok ? 0 : 7;
}

static int connects(int fd)
{
	return ended(!connect(fd, (struct sockaddr *)&to, sizeof(to)));
}

static int sends(int fd, const void *data, size_t length)
{
	return ended(sendto(fd, data, length, 0, (struct sockaddr *)&to, sizeof(to)) >= 0);
}

/* --- kernel sockets that are made for a program ------------------------------------ */

static int smc(void)
{
	return connects(new_socket(AF_SMC, SOCK_STREAM, 0));
}

static int rxrpc(void)
{
	struct sockaddr_rxrpc address = {
		.srx_family = AF_RXRPC, .srx_service = 1, .transport_type = SOCK_DGRAM,
		.transport_len = sizeof(to), .transport.sin = to,
	};
	char control[CMSG_SPACE(sizeof(unsigned long))] = { 0 };
	struct iovec iov = { .iov_base = "hello", .iov_len = 5 };
	struct msghdr message = {
		.msg_name = &address, .msg_namelen = sizeof(address), .msg_iov = &iov,
		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fd = new_socket(AF_RXRPC, SOCK_DGRAM, PF_INET);
	bool sent;

	header->cmsg_level = SOL_RXRPC;
	header->cmsg_type = RXRPC_USER_CALL_ID;
	header->cmsg_len = CMSG_LEN(sizeof(unsigned long));
	sent = sendmsg(fd, &message, 0) >= 0;
	sleep(1);	/* a thread of the kernel sends */
	return ended(sent);
}

/* --- other protocols ------------------------------------------------------------------ */

static int sctp(void)
{
	return connects(new_socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP));
}

static int dccp(void)
{
	return connects(new_socket(AF_INET, SOCK_DCCP, IPPROTO_DCCP));
}

static int udplite(void)
{
	return sends(new_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE), "hello", 5);
}

static int mptcp(void)
{
	return connects(new_socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP));
}

static int echo(void)
{
	static const uint8_t request[12] = { 8 };

	return sends(new_socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP), request, sizeof(request));
}

static int raw(void)
{
	return sends(new_socket(AF_INET, SOCK_RAW, IPPROTO_OTHER), "hello", 5);
}

static int packet(void)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_halen = 6,
		.sll_ifindex = if_nametoindex("eth0"), .sll_addr = { 255, 255, 255, 255, 255, 255 },
	};
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_OTHER,
			    .tot_len = htons(sizeof(ip)), .daddr = to.sin_addr.s_addr };
	int fd = new_socket(AF_PACKET, SOCK_DGRAM, 0);

	return ended(sendto(fd, &ip, sizeof(ip), 0, (struct sockaddr *)&address,
			    sizeof(address)) >= 0);
}

/* --- TCP and UDP, used in other ways ------------------------------------------------------ */

static int fast_open(void)
{
	int fd = new_socket(AF_INET, SOCK_STREAM, 0);

	return ended(sendto(fd, "hello", 5, MSG_FASTOPEN, (struct sockaddr *)&to,
			    sizeof(to)) >= 0);
}

/* Refused, then once more with the same socket. */
static int again(void)
{
	int fd = new_socket(AF_INET, SOCK_STREAM, 0);

	connect(fd, (struct sockaddr *)&to, sizeof(to));
	return connects(fd);
}

/* First where nobody objects, then elsewhere with the same socket. */
static int from_loopback(int type)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(9),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fd = new_socket(AF_INET, type, 0);

	connect(fd, (struct sockaddr *)&here, sizeof(here));
	if (type == SOCK_DGRAM && send(fd, "hello", 5, 0) < 0)
		err(2, "loopback");
	if (connect(fd, &none, sizeof(none)))
		err(2, "disconnect");
	if (type == SOCK_DGRAM) {
		connect(fd, (struct sockaddr *)&to, sizeof(to));
		send(fd, "hello", 5, 0);	/* tells that nobody was at loopback */
		return ended(send(fd, "hello", 5, 0) >= 0);
	}
	return connects(fd);
}

static int tcp_from_loopback(void)
{
	return from_loopback(SOCK_STREAM);
}

static int udp_from_loopback(void)
{
	return from_loopback(SOCK_DGRAM);
}

static int connected(void)
{
	int fd = new_socket(AF_INET, SOCK_DGRAM, 0);

	connect(fd, (struct sockaddr *)&to, sizeof(to));
	return ended(send(fd, "hello", 5, 0) >= 0);
}

/* Larger than the device takes: fragments. */
static int large(void)
{
	static char bytes[20000];

	return sends(new_socket(AF_INET, SOCK_DGRAM, 0), bytes, sizeof(bytes));
}

static int corked(void)
{
	int fd = new_socket(AF_INET, SOCK_DGRAM, 0);

	for (int i = 0; i < 3; i++)
		sendto(fd, "hello", 5, MSG_MORE, (struct sockaddr *)&to, sizeof(to));
	return sends(fd, "hello", 5);
}

static int mapped(void)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = to.sin_port };
	int fd = new_socket(AF_INET6, SOCK_STREAM, 0);

	six.sin6_addr.s6_addr[10] = six.sin6_addr.s6_addr[11] = 0xff;
	memcpy(six.sin6_addr.s6_addr + 12, &to.sin_addr, 4);
	return ended(!connect(fd, (struct sockaddr *)&six, sizeof(six)));
}

static int bound_to_device(void)
{
	int fd = new_socket(AF_INET, SOCK_STREAM, 0);

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "eth0", 5)) {
		printf("no device: %s\n", strerrorname_np(errno));
		return 77;
	}
	return connects(fd);
}

/* Loose source route by way of the address: it is what the header says then. */
static int source_route(void)
{
	uint8_t options[8] = { IPOPT_NOP, IPOPT_LSRR, 7, 4 };
	struct sockaddr_in last = to;
	int fd = new_socket(AF_INET, SOCK_DGRAM, 0);

	memcpy(options + 4, &to.sin_addr, 4);
	last.sin_addr.s_addr = htonl(0xc6336409);	/* 198.51.100.9 */
	if (setsockopt(fd, IPPROTO_IP, IP_OPTIONS, options, sizeof(options))) {
		printf("no options: %s\n", strerrorname_np(errno));
		return 77;
	}
	return ended(sendto(fd, "hello", 5, 0, (struct sockaddr *)&last, sizeof(last)) >= 0);
}

static int broadcast(void)
{
	int fd = new_socket(AF_INET, SOCK_DGRAM, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
	to.sin_addr.s_addr = htonl(0xc00002ff);		/* 192.0.2.255 */
	return sends(fd, "hello", 5);
}

static int multicast(void)
{
	to.sin_addr.s_addr = htonl(0xe0000167);		/* 224.0.1.103 */
	return sends(new_socket(AF_INET, SOCK_DGRAM, 0), "hello", 5);
}

static const struct {
	const char *name;
	int (*attack)(void);
} kinds[] = {
	{ "smc", smc }, { "rxrpc", rxrpc }, { "sctp", sctp }, { "dccp", dccp },
	{ "udplite", udplite }, { "mptcp", mptcp }, { "echo", echo }, { "raw", raw },
	{ "packet", packet }, { "fast-open", fast_open }, { "again", again },
	{ "tcp-from-loopback", tcp_from_loopback }, { "udp-from-loopback", udp_from_loopback },
	{ "connected", connected }, { "large", large }, { "corked", corked },
	{ "mapped", mapped }, { "bound-to-device", bound_to_device },
	{ "source-route", source_route }, { "broadcast", broadcast }, { "multicast", multicast },
};

int main(int argc, char **argv)
{
	if (argc != 4)
		errx(2, "usage: sockets KIND ADDRESS PORT");
	to.sin_family = AF_INET;
	to.sin_port = htons(atoi(argv[3]));
	if (inet_pton(AF_INET, argv[2], &to.sin_addr) != 1)
		errx(2, "no address: %s", argv[2]);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].name, argv[1]))
			return kinds[i].attack();
	errx(2, "no such kind: %s", argv[1]);
}
