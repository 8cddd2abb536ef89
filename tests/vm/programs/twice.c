/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opens TCP connections whose handshake ends on two processors at once: the last
 * acknowledgement and the first data behind it are sent in the same moment by two
 * threads, each on a processor of its own, as frames of a packet socket. So both find
 * the request, and each makes a socket of it, of which one is too many.
 *
 *	twice DEVICE OWN-ADDRESS ADDRESS MAC PORT COUNT
 *
 * OWN-ADDRESS is nobody's on this machine, or its kernel would answer. To each
 * connection a byte is sent twice, and the other side should send each back. Prints
 * how many of them did.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PORT_FIRST	20000
#define SEQUENCE	1000u	/* of a SYN */
#define PATIENCE_MS	20000	/* nothing is judged by it */
#define TRIES		3	/* of a SYN: it may be lost while it waits for a decision */

struct __attribute__((packed)) packet {
	struct iphdr ip;
	struct tcphdr tcp;
	uint8_t data[1];
};

static int sock;
static struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_halen = 6 };
static struct in_addr own, other;
static uint16_t own_port, other_port;

/* What the two threads send, each his own, when both are awake. */
static struct packet both[2];
static size_t length[2];
static sem_t turn[2], sent;
static atomic_int awake;

static uint32_t sum(const void *bytes, size_t size, uint32_t so_far)
{
	const uint8_t *byte = bytes;
	size_t i;

	for (i = 0; i < size; i++)
		so_far += i & 1 ? byte[i] : byte[i] << 8;
	return so_far;
}

static uint16_t folded(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return htons(~total & 0xffff);
}

/* The length of the packet. */
static size_t build(struct packet *packet, uint8_t flags, uint32_t seq, uint32_t ack, bool data)
{
	uint16_t size = sizeof(packet->tcp) + data;

	*packet = (struct packet) {
		.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP,
			.tot_len = htons(sizeof(packet->ip) + size),
			.saddr = own.s_addr, .daddr = other.s_addr },
		.tcp = { .source = htons(own_port), .dest = htons(other_port),
			 .seq = htonl(seq), .ack_seq = htonl(ack), .doff = 5,
			 .window = htons(65000) },
		.data = { 'x' },
	};
	packet->tcp.th_flags = flags;
	packet->ip.check = folded(sum(&packet->ip, sizeof(packet->ip), 0));
	packet->tcp.check = folded(sum(&packet->tcp, size,
				   sum(&packet->ip.saddr, 8, IPPROTO_TCP + size)));
	return sizeof(packet->ip) + size;
}

static void send_packet(const struct packet *packet, size_t size)
{
	if (sendto(sock, packet, size, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		err(2, "send");
}

static void say(uint8_t flags, uint32_t seq, uint32_t ack, bool data)
{
	struct packet packet;
	size_t size = build(&packet, flags, seq, ack, data);

	send_packet(&packet, size);
}

/*
 * What the other side says on this connection, with these flags or data; false: it ends
 * it, or says nothing.
 */
static bool hear(struct packet *packet, uint8_t flags, bool data)
{
	struct pollfd ready = { .fd = sock, .events = POLLIN };

	while (poll(&ready, 1, PATIENCE_MS) > 0) {
		ssize_t got = recv(sock, packet, sizeof(*packet), MSG_TRUNC);

		if (got < (ssize_t)(sizeof(packet->ip) + sizeof(packet->tcp)) ||
		    packet->ip.ihl != 5 || packet->ip.protocol != IPPROTO_TCP ||
		    packet->ip.daddr != own.s_addr ||
		    packet->tcp.dest != htons(own_port))
			continue;
		if (packet->tcp.th_flags & TH_RST)
			return false;
		if (data ? ntohs(packet->ip.tot_len) > sizeof(packet->ip) + packet->tcp.doff * 4 :
			   (packet->tcp.th_flags & flags) == flags)
			return true;
	}
	return false;
}

/* The other side's first sequence number; 0: it does not answer. */
static uint32_t ask(void)
{
	struct packet answer;
	int tries;

	for (tries = 0; tries < TRIES; tries++) {
		say(TH_SYN, SEQUENCE, 0, false);
		if (hear(&answer, TH_SYN | TH_ACK, false))
			return ntohl(answer.tcp.seq);
	}
	return 0;
}

static void *send_in_turn(void *number)
{
	int i = (int)(intptr_t)number;
	cpu_set_t processor;

	CPU_ZERO(&processor);
	CPU_SET(i, &processor);
	if (sched_setaffinity(0, sizeof(processor), &processor))
		err(2, "processor %d", i);
	for (;;) {
		sem_wait(&turn[i]);
		atomic_fetch_add(&awake, 1);
		while (atomic_load(&awake) != 2)
			;
		send_packet(&both[i], length[i]);
		sem_post(&sent);
	}
	return NULL;
}

static void end_on_both(uint32_t theirs)
{
	length[0] = build(&both[0], TH_ACK, SEQUENCE + 1, theirs + 1, false);
	length[1] = build(&both[1], TH_ACK | TH_PUSH, SEQUENCE + 1, theirs + 1, true);
	atomic_store(&awake, 0);
	sem_post(&turn[0]);
	sem_post(&turn[1]);
	sem_wait(&sent);
	sem_wait(&sent);
}

/* The other side closes it too. @at: its next sequence number. */
static void end(uint32_t at)
{
	struct packet last;

	say(TH_FIN | TH_ACK, SEQUENCE + 3, at, false);
	if (hear(&last, TH_FIN, false))
		say(TH_ACK, SEQUENCE + 4, ntohl(last.tcp.seq) + 1, false);
}

/* Did both bytes come back? */
static bool connect_once(void)
{
	uint32_t theirs = ask(), at;
	struct packet echo;

	if (!theirs)
		return false;
	end_on_both(theirs);
	at = theirs + 1;
	if (hear(&echo, 0, true)) {
		say(TH_ACK | TH_PUSH, SEQUENCE + 2, ++at, true);
		if (hear(&echo, 0, true)) {
			end(at + 1);
			return true;
		}
	}
	say(TH_RST | TH_ACK, SEQUENCE + 2, at, false);
	return false;
}

static void read_mac(const char *text)
{
	uint8_t *mac = to.sll_addr;

	if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3,
		   mac + 4, mac + 5) != 6)
		errx(2, "expected a MAC, not %s", text);
}

static void open_socket(const char *device)
{
	to.sll_protocol = htons(ETH_P_IP);
	to.sll_ifindex = if_nametoindex(device);
	sock = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));
	if (sock < 0 || bind(sock, (struct sockaddr *)&to, sizeof(to)))
		err(2, "packet socket on %s", device);
}

int main(int argc, char **argv)
{
	pthread_t threads[2];
	int i, count, good = 0;

	if (argc != 7 || inet_pton(AF_INET, argv[2], &own) != 1 ||
	    inet_pton(AF_INET, argv[3], &other) != 1)
		errx(2, "expected DEVICE OWN-ADDRESS ADDRESS MAC PORT COUNT");
	read_mac(argv[4]);
	other_port = strtoul(argv[5], NULL, 10);
	count = strtoul(argv[6], NULL, 10);
	open_socket(argv[1]);
	sem_init(&sent, 0, 0);
	for (i = 0; i < 2; i++)
		if (sem_init(&turn[i], 0, 0) ||
		    pthread_create(&threads[i], NULL, send_in_turn, (void *)(intptr_t)i))
			errx(2, "no thread");
	for (i = 0; i < count; i++) {
		own_port = PORT_FIRST + i;
		good += connect_once();
	}
	printf("%d\n", good);
	return 0;
}
