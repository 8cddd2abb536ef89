/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends frames by a packet socket.
 *
 *	frames [OPTION...] DEVICE MAC FROM TO PORT	a UDP datagram, IPv4 or IPv6
 *	frames [OPTION...] DEVICE MAC TYPE		60 bytes of that EtherType (hex)
 *
 *	-b  past the queueing discipline	-r  from a ring that is shared memory
 *	-d  the kernel makes the link header	-n N  so many
 *	-t N  with N VLAN tags			-s PORT  from this port
 *	-l BYTES  of UDP payload		-w MS  between two
 *	-x PROGRAM  opens the socket, hands it on as standard input and executes PROGRAM
 *	    with all arguments but this one
 *	-u  with -x: in a user namespace of its own
 *	-i  by the socket that is its standard input
 *
 * Exit status 0: all were sent; 1: some were not, and the last error is printed.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_MAX	2048
#define BLOCK		4096

struct wish {
	bool bypass, ring, datagram, inherited, own_namespace;
	int count, tags, payload, wait_ms, ifindex;
	uint16_t from_port, to_port, type;
	const char *program, *from, *to;
	unsigned char mac[ETH_ALEN];
};

struct frame {
	unsigned char bytes[FRAME_MAX];
	size_t length;
};

static void put(struct frame *frame, const void *bytes, size_t length)
{
	if (length > sizeof(frame->bytes) - frame->length)
		errx(2, "too long");
	memcpy(frame->bytes + frame->length, bytes, length);
	frame->length += length;
}

static void put16(struct frame *frame, uint16_t value)
{
	value = htons(value);
	put(frame, &value, sizeof(value));
}

static uint16_t checksum(const void *header, size_t length)
{
	const uint16_t *word = header;
	uint32_t sum = 0;

	for (; length > 1; length -= 2)
		sum += *word++;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put_ip4(struct frame *frame, const struct wish *wish, uint16_t length)
{
	struct iphdr ip = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.tot_len = htons(sizeof(ip) + length),
	};

	inet_pton(AF_INET, wish->from, &ip.saddr);
	inet_pton(AF_INET, wish->to, &ip.daddr);
	ip.check = checksum(&ip, sizeof(ip));
	put(frame, &ip, sizeof(ip));
}

static void put_ip6(struct frame *frame, const struct wish *wish, uint16_t length)
{
	struct ip6_hdr ip = {
		.ip6_flow = htonl(6 << 28), .ip6_plen = htons(length),
		.ip6_nxt = IPPROTO_UDP, .ip6_hlim = 64,
	};

	inet_pton(AF_INET6, wish->from, &ip.ip6_src);
	inet_pton(AF_INET6, wish->to, &ip.ip6_dst);
	put(frame, &ip, sizeof(ip));
}

static void put_udp(struct frame *frame, const struct wish *wish)
{
	static const unsigned char payload[FRAME_MAX];
	uint16_t length = sizeof(struct udphdr) + wish->payload;

	if (strchr(wish->to, ':'))
		put_ip6(frame, wish, length);
	else
		put_ip4(frame, wish, length);
	put16(frame, wish->from_port);
	put16(frame, wish->to_port);
	put16(frame, length);
	put16(frame, 0);
	put(frame, payload, wish->payload);
}

static void put_link(struct frame *frame, const struct wish *wish)
{
	static const unsigned char own[ETH_ALEN] = { 2, 0, 0, 0, 0, 9 };
	int i;

	put(frame, wish->mac, ETH_ALEN);
	put(frame, own, ETH_ALEN);
	for (i = 0; i < wish->tags; i++) {
		put16(frame, ETH_P_8021Q);
		put16(frame, 5);
	}
	put16(frame, wish->type);
}

static void build(struct frame *frame, const struct wish *wish)
{
	static const unsigned char padding[46];

	frame->length = 0;
	if (!wish->datagram)
		put_link(frame, wish);
	if (wish->to)
		put_udp(frame, wish);
	else
		put(frame, padding, sizeof(padding));
}

static int send_plain(int sock, const struct wish *wish, const struct frame *frame)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_ifindex = wish->ifindex,
		.sll_protocol = htons(wish->type), .sll_halen = ETH_ALEN,
	};

	memcpy(to.sll_addr, wish->mac, ETH_ALEN);
	return sendto(sock, frame->bytes, frame->length, 0,
		      (struct sockaddr *)&to, sizeof(to)) < 0 ? -1 : 0;
}

/* One block with one frame. */
static unsigned char *map_ring(int sock, const struct wish *wish)
{
	struct tpacket_req request = { BLOCK, 1, BLOCK, 1 };
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_ifindex = wish->ifindex,
		.sll_protocol = htons(wish->type),
	};
	void *ring;

	if (setsockopt(sock, SOL_PACKET, PACKET_TX_RING, &request, sizeof(request)))
		err(2, "ring");
	if (bind(sock, (struct sockaddr *)&to, sizeof(to)))
		err(2, "bind");
	ring = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_SHARED, sock, 0);
	if (ring == MAP_FAILED)
		err(2, "mmap");
	return ring;
}

static int send_ring(int sock, unsigned char *ring, const struct frame *frame)
{
	volatile struct tpacket_hdr *header = (void *)ring;

	memcpy(ring + TPACKET_HDRLEN - sizeof(struct sockaddr_ll), frame->bytes,
	       frame->length);
	header->tp_len = frame->length;
	header->tp_status = TP_STATUS_SEND_REQUEST;
	return send(sock, NULL, 0, 0) < 0 ? -1 : 0;
}

static int send_all(int sock, const struct wish *wish)
{
	unsigned char *ring = wish->ring ? map_ring(sock, wish) : NULL;
	int i, one = 1, status = 0;
	struct frame frame;

	build(&frame, wish);
	if (wish->bypass && setsockopt(sock, SOL_PACKET, PACKET_QDISC_BYPASS, &one,
				       sizeof(one)))
		err(2, "bypass");
	for (i = 0; i < wish->count; i++) {
		if (i)
			usleep(wish->wait_ms * 1000);
		if (ring ? send_ring(sock, ring, &frame) : send_plain(sock, wish, &frame))
			status = errno;
	}
	if (status)
		warnx("%s", strerrorname_np(status));
	return status != 0;
}

static void hand_on(int sock, const struct wish *wish, char **arguments)
{
	if (wish->own_namespace && unshare(CLONE_NEWUSER))
		err(2, "unshare");
	if (dup2(sock, STDIN_FILENO) < 0)
		err(2, "dup2");
	execv(wish->program, arguments);
	err(2, "%s", wish->program);
}

static void parse_place(struct wish *wish, int count, char **words)
{
	if (count != 3 && count != 5)
		errx(2, "usage: see the source");
	wish->ifindex = if_nametoindex(words[0]);
	if (!wish->ifindex)
		err(2, "%s", words[0]);
	if (sscanf(words[1], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &wish->mac[0],
		   &wish->mac[1], &wish->mac[2], &wish->mac[3], &wish->mac[4],
		   &wish->mac[5]) != ETH_ALEN)
		errx(2, "no address: %s", words[1]);
	if (count == 3) {
		wish->type = strtoul(words[2], NULL, 16);
		return;
	}
	wish->from = words[2];
	wish->to = words[3];
	wish->to_port = atoi(words[4]);
	wish->type = strchr(wish->to, ':') ? ETH_P_IPV6 : ETH_P_IP;
}

static void parse(struct wish *wish, int count, char **arguments)
{
	int option;

	while ((option = getopt(count, arguments, "+brdiun:t:s:l:w:x:")) >= 0) {
		switch (option) {
		case 'b': wish->bypass = true; break;
		case 'r': wish->ring = true; break;
		case 'd': wish->datagram = true; break;
		case 'i': wish->inherited = true; break;
		case 'u': wish->own_namespace = true; break;
		case 'n': wish->count = atoi(optarg); break;
		case 't': wish->tags = atoi(optarg); break;
		case 's': wish->from_port = atoi(optarg); break;
		case 'l': wish->payload = atoi(optarg); break;
		case 'w': wish->wait_ms = atoi(optarg); break;
		case 'x': wish->program = optarg; break;
		default: exit(2);
		}
	}
	parse_place(wish, count - optind, arguments + optind);
}

/* Without "-x PROGRAM" and "-u", with "-i"; those come first. */
static char **arguments_of_next(const struct wish *wish, char **arguments)
{
	char **next = arguments + (wish->own_namespace ? 3 : 2);

	next[0] = "-i";
	*--next = (char *)wish->program;
	return next;
}

int main(int count, char **arguments)
{
	struct wish wish = { .count = 1, .from_port = 40000, .payload = 100,
			     .wait_ms = 100 };
	int sock = STDIN_FILENO;

	parse(&wish, count, arguments);
	if (!wish.inherited)
		sock = socket(AF_PACKET, wish.datagram ? SOCK_DGRAM : SOCK_RAW, 0);
	if (sock < 0)
		err(2, "socket");
	if (wish.program)
		hand_on(sock, &wish, arguments_of_next(&wish, arguments));
	return send_all(sock, &wish);
}
