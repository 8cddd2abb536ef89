/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one UDP send costs, by the clock. Under QEMU's -icount shift=0 a
 * nanosecond is an instruction.
 *
 *	udp_send ADDRESS same|turns|new|seen ROUNDS PACKETS
 *	udp_send ADDRESS hold|hold-connected
 *
 * "same": one connected socket, from port 40009, one flow. "turns": 16 connected
 * sockets, one after the other. "new": every packet goes to another
 * port of the address, so it is a new flow each. "seen": likewise, and the next
 * is sent when a packet socket has seen the last one leave. Prints the median
 * over the rounds of the nanoseconds a packet, and the lowest and highest round.
 *
 * "hold": is there to be sent to, at port 9, and reads nothing; "hold-connected":
 * connected to the one that sends "same" from ADDRESS.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FIRST_PORT	1024
#define PORTS		60000
#define OWN_PORT	40009
#define TURNS		16

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* A socket that sees every IPv4 packet of this namespace, leaving ones too. */
static int open_watcher(void)
{
	struct timeval patience = { .tv_sec = 10 };
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		err(1, "packet socket");
	return fd;
}

static void wait_until_seen(int watcher)
{
	struct sockaddr_ll from;
	socklen_t length;
	char byte;

	do {
		length = sizeof(from);
		if (recvfrom(watcher, &byte, 1, 0, (struct sockaddr *)&from, &length) < 0)
			err(1, "the packet did not leave");
	} while (from.sll_pkttype != PACKET_OUTGOING || from.sll_protocol != htons(ETH_P_IP));
}

struct way {
	int fds[TURNS];
	unsigned int count;
	bool new_flow;
	struct sockaddr_in to;
};

static int new_socket(uint16_t port)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof(own)))
		err(1, "socket");
	return fd;
}

static void connect_to(int fd, const struct sockaddr_in *to)
{
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)))
		err(1, "connect");
}

static void open_way(struct way *way, const char *name)
{
	unsigned int i;

	way->new_flow = strcmp(name, "same") && strcmp(name, "turns");
	way->count = strcmp(name, "turns") ? 1 : TURNS;
	for (i = 0; i < way->count; i++) {
		way->fds[i] = new_socket(strcmp(name, "same") ? 0 : OWN_PORT);
		if (!way->new_flow)
			connect_to(way->fds[i], &way->to);
	}
}

static void send_one(struct way *way)
{
	static unsigned next;
	char byte = 0;
	ssize_t sent;

	if (way->new_flow) {
		way->to.sin_port = htons(FIRST_PORT + next++ % PORTS);
		sent = sendto(way->fds[0], &byte, 1, 0, (struct sockaddr *)&way->to,
			      sizeof(way->to));
	} else {
		sent = send(way->fds[next++ % way->count], &byte, 1, 0);
	}
	if (sent != 1)
		err(1, "send");
}

static void hold(struct sockaddr_in *from, bool connected)
{
	int fd = new_socket(9);

	from->sin_port = htons(OWN_PORT);
	if (connected)
		connect_to(fd, from);
	pause();
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
	struct way way = { .to = { .sin_family = AF_INET, .sin_port = htons(9) } };
	int rounds, packets, watcher = -1, round, i;
	double *cost;

	if (argc < 3 || inet_pton(AF_INET, argv[1], &way.to.sin_addr) != 1)
		errx(2, "usage: udp_send ADDRESS WAY [ROUNDS PACKETS]");
	if (!strncmp(argv[2], "hold", 4))
		hold(&way.to, strcmp(argv[2], "hold"));
	if (argc != 5)
		errx(2, "how many ROUNDS and PACKETS?");
	if (!strcmp(argv[2], "seen"))
		watcher = open_watcher();
	rounds = atoi(argv[3]);
	packets = atoi(argv[4]);
	if (rounds < 1 || packets < 1)
		errx(2, "ROUNDS and PACKETS count from 1");
	cost = calloc(rounds, sizeof(*cost));
	if (!cost)
		err(1, "memory");
	open_way(&way, argv[2]);
	for (round = -1; round < rounds; round++) {	/* -1 warms up */
		long long start = now();

		for (i = 0; i < packets; i++) {
			send_one(&way);
			if (watcher >= 0)
				wait_until_seen(watcher);
		}
		if (round >= 0)
			cost[round] = (double)(now() - start) / packets;
	}
	qsort(cost, rounds, sizeof(*cost), compare);
	printf("%.1f %.1f %.1f\n", cost[rounds / 2], cost[0], cost[rounds - 1]);
	return 0;
}
