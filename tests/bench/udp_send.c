/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one UDP send costs, by the clock. Under QEMU's -icount shift=0 a
 * nanosecond is an instruction.
 *
 *	udp_send ADDRESS same|new|seen ROUNDS PACKETS
 *
 * "same": one connected socket, one flow. "new": every packet goes to another
 * port of the address, so it is a new flow each. "seen": likewise, and the next
 * is sent when a packet socket has seen the last one leave. Prints the median
 * over the rounds of the nanoseconds a packet, and the lowest and highest round.
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

#define FIRST_PORT	1024
#define PORTS		60000

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

static void send_one(int fd, struct sockaddr_in *to, bool new_flow)
{
	static unsigned next;
	char byte = 0;
	ssize_t sent;

	if (new_flow) {
		to->sin_port = htons(FIRST_PORT + next++ % PORTS);
		sent = sendto(fd, &byte, 1, 0, (struct sockaddr *)to, sizeof(*to));
	} else {
		sent = send(fd, &byte, 1, 0);
	}
	if (sent != 1)
		err(1, "send");
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int rounds, packets, fd, watcher = -1, round, i;
	bool new_flow;
	double *cost;

	if (argc != 5 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		errx(2, "usage: udp_send ADDRESS same|new|seen ROUNDS PACKETS");
	new_flow = strcmp(argv[2], "same");
	if (!strcmp(argv[2], "seen"))
		watcher = open_watcher();
	rounds = atoi(argv[3]);
	packets = atoi(argv[4]);
	if (rounds < 1 || packets < 1)
		errx(2, "ROUNDS and PACKETS count from 1");
	cost = calloc(rounds, sizeof(*cost));
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (!cost || fd < 0)
		err(1, "socket");
	if (!new_flow && connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "connect");
	for (round = -1; round < rounds; round++) {	/* -1 warms up */
		long long start = now();

		for (i = 0; i < packets; i++) {
			send_one(fd, &to, new_flow);
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
