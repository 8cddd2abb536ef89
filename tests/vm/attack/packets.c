/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets as nobody should make them: headers that lie about their lengths, options,
 * chains of extension headers, fragments that are tiny or overlap. Among them are
 * many that a host would take. To UDP and TCP port 9000.
 *
 *	packets link DEVICE MAC FROM4 TO4 FROM6 TO6 SEED COUNT   frames to MAC
 *	packets raw FROM4 TO4 FROM6 TO6 SEED COUNT               raw sockets
 *	packets tun FROM4 TO4 FROM6 TO6 SEED COUNT               written to a tun device,
 *	                                                         whose addresses are TO4, TO6
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT	9000
#define ROOM	2048

static struct in_addr from4, to4;
static struct in6_addr from6, to6;
static uint64_t state;

static uint32_t next(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return state >> 33;
}

static bool one_in(unsigned n)
{
	return !(next() % n);
}

static void put_random(uint8_t *to, size_t length)
{
	while (length--)
		*to++ = next();
}

/* --- checksums ----------------------------------------------------------------------- */

static uint32_t sum(uint32_t so_far, const void *data, size_t length)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < length; i++)
		so_far += i % 2 ? bytes[i] : bytes[i] << 8;
	return so_far;
}

static uint16_t folded(uint32_t value)
{
	while (value >> 16)
		value = (value & 0xffff) + (value >> 16);
	return htons(~value);
}

static void set_checksum(uint8_t *data, size_t length, uint8_t protocol, uint32_t addresses)
{
	size_t at = protocol == IPPROTO_UDP ? 6 : protocol == IPPROTO_TCP ? 16 : 2;
	uint16_t value;

	if (length < at + 2)
		return;
	memset(data + at, 0, 2);
	if (protocol == IPPROTO_ICMP)
		addresses = 0;
	else
		addresses += protocol + length;
	value = folded(sum(addresses, data, length));
	if (one_in(16))
		value = next();
	memcpy(data + at, &value, 2);
}

/* --- what is carried ------------------------------------------------------------------- */

static const uint8_t protocols[] = {
	IPPROTO_UDP, IPPROTO_UDP, IPPROTO_UDP, IPPROTO_TCP, IPPROTO_TCP, IPPROTO_ICMP,
	IPPROTO_ICMPV6, IPPROTO_IGMP, IPPROTO_SCTP, IPPROTO_UDPLITE, IPPROTO_GRE, IPPROTO_ESP,
	IPPROTO_NONE, 253,
};

static size_t put_transport(uint8_t *to, uint8_t protocol, uint32_t addresses)
{
	size_t length = 8 + next() % 64;
	uint16_t ports[2] = { htons(1024 + next() % 60000), htons(PORT) };
	uint16_t claimed;

	put_random(to, length);
	memcpy(to, ports, sizeof(ports));
	if (protocol == IPPROTO_UDP) {
		claimed = htons(one_in(8) ? next() : length);
		memcpy(to + 4, &claimed, 2);
	}
	if (protocol == IPPROTO_TCP) {
		length = length < 20 ? 20 : length;
		to[12] = one_in(4) ? next() : 5 << 4;
		to[13] = one_in(2) ? 2 : next();	/* SYN */
	}
	if (protocol == IPPROTO_ICMPV6 && one_in(2))
		to[0] = 130 + next() % 20;
	set_checksum(to, length, protocol, addresses);
	return one_in(12) ? next() % length : length;
}

static size_t make4(uint8_t *packet)
{
	struct ip *ip = (struct ip *)packet;
	size_t header = one_in(3) ? 20 + 4 * (next() % 11) : 20, length;
	uint32_t addresses = sum(sum(0, &from4, 4), &to4, 4);

	put_random(packet, header);
	*ip = (struct ip){ .ip_v = one_in(32) ? next() : 4, .ip_hl = header / 4, .ip_ttl = 64,
			   .ip_id = htons(next() % 4), .ip_src = from4, .ip_dst = to4,
			   .ip_p = protocols[next() % sizeof(protocols)] };
	length = header + put_transport(packet + header, ip->ip_p, addresses);
	if (one_in(3))
		ip->ip_off = htons((one_in(2) ? IP_MF : 0) | (one_in(2) ? next() % 8 : 0));
	if (one_in(16))
		ip->ip_hl = next();
	ip->ip_len = htons(one_in(16) ? next() : length);
	ip->ip_sum = folded(sum(0, packet, header));
	return length;
}

/* Extension headers, each 8 bytes or a few times that. */
static size_t put_chain(uint8_t *to, uint8_t *first)
{
	static const uint8_t kinds[] = { IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, IPPROTO_ROUTING,
					 IPPROTO_FRAGMENT, IPPROTO_AH, IPPROTO_MH };
	uint8_t *type = first, last = *first;
	size_t at = 0;

	for (unsigned count = next() % 6; count; count--) {
		size_t length = 8 * (1 + next() % 3);

		*type = one_in(8) ? next() : kinds[next() % sizeof(kinds)];
		memset(to + at, one_in(4) ? next() : 0, length);
		to[at + 1] = one_in(8) ? next() : length / 8 - 1;
		to[at + 2] = one_in(2) ? 1 : next();	/* PadN, type of routing, offset */
		to[at + 3] = one_in(2) ? length - 4 : next();
		if (*type == IPPROTO_FRAGMENT) {
			to[at + 2] = 0;
			to[at + 3] = one_in(2) ? 0 : next() % 32;
			length = 8;
		}
		type = to + at;
		at += length;
	}
	*type = last;
	return at;
}

static size_t make6(uint8_t *packet)
{
	struct ip6_hdr *ip = (struct ip6_hdr *)packet;
	uint32_t addresses = sum(sum(0, &from6, 16), &to6, 16);
	uint8_t protocol = protocols[next() % sizeof(protocols)];
	size_t length = sizeof(*ip);

	*ip = (struct ip6_hdr){ .ip6_flow = htonl(6u << 28), .ip6_hlim = one_in(2) ? 64 : 255,
				.ip6_src = from6, .ip6_dst = to6, .ip6_nxt = protocol };
	length += put_chain(packet + length, &ip->ip6_nxt);
	length += put_transport(packet + length, protocol, addresses);
	ip->ip6_plen = htons(one_in(16) ? next() : length - sizeof(*ip));
	if (one_in(16))
		length = 1 + next() % length;
	return length;
}

/* --- ways out --------------------------------------------------------------------------- */

static int fd4, fd6;
static struct sockaddr_ll link_address = { .sll_family = AF_PACKET, .sll_halen = ETH_ALEN };

static void open_link(const char *device, const char *mac)
{
	uint8_t *a = link_address.sll_addr;

	fd4 = socket(AF_PACKET, SOCK_DGRAM, 0);
	link_address.sll_ifindex = if_nametoindex(device);
	if (fd4 < 0 || !link_address.sll_ifindex ||
	    sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", a, a + 1, a + 2, a + 3, a + 4, a + 5) != 6)
		err(2, "%s %s", device, mac);
}

static ssize_t send_link(const uint8_t *packet, size_t length, bool six)
{
	link_address.sll_protocol = htons(six ? ETH_P_IPV6 : ETH_P_IP);
	return sendto(fd4, packet, length, 0, (struct sockaddr *)&link_address,
		      sizeof(link_address));
}

static void open_raw(void)
{
	fd4 = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	fd6 = socket(AF_INET6, SOCK_RAW, IPPROTO_RAW);
	if (fd4 < 0 || fd6 < 0)
		err(2, "raw socket");
}

static ssize_t send_raw(const uint8_t *packet, size_t length, bool six)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_addr = to4 };
	struct sockaddr_in6 address6 = { .sin6_family = AF_INET6, .sin6_addr = to6 };

	if (six)
		return sendto(fd6, packet, length, 0, (struct sockaddr *)&address6,
			      sizeof(address6));
	return sendto(fd4, packet, length, 0, (struct sockaddr *)&four, sizeof(four));
}

static void address_tun(const char *address4, const char *address6)
{
	char line[512];

	snprintf(line, sizeof(line), "ip address add %s/24 dev attack0 && "
		 "ip link set attack0 up && ip address add %s/64 dev attack0 nodad",
		 address4, address6);
	if (system(line))
		errx(2, "%s", line);
}

static void open_tun(const char *address4, const char *address6)
{
	struct ifreq request = { .ifr_name = "attack0", .ifr_flags = IFF_TUN | IFF_NO_PI };

	fd4 = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd4 < 0 || ioctl(fd4, TUNSETIFF, &request))
		err(2, "tun");
	address_tun(address4, address6);
}

static ssize_t send_tun(const uint8_t *packet, size_t length, bool six)
{
	return write(fd4, packet, length);
}

static void send_all(ssize_t (*send)(const uint8_t *, size_t, bool), unsigned count)
{
	static uint8_t packet[ROOM];
	unsigned sent = 0;

	for (unsigned i = 0; i < count; i++) {
		bool six = one_in(2);
		size_t length = six ? make6(packet) : make4(packet);

		sent += send(packet, length, six) >= 0;
	}
	printf("sent %u of %u\n", sent, count);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	char **rest = argv + argc - 6;

	if (argc < 8 || inet_pton(AF_INET, rest[0], &from4) != 1 ||
	    inet_pton(AF_INET, rest[1], &to4) != 1 || inet_pton(AF_INET6, rest[2], &from6) != 1 ||
	    inet_pton(AF_INET6, rest[3], &to6) != 1)
		errx(2, "usage: see packets.c");
	state = strtoull(rest[4], NULL, 0);
	if (argc == 10 && !strcmp(what, "link")) {
		open_link(argv[2], argv[3]);
		send_all(send_link, atoi(rest[5]));
	} else if (argc == 8 && !strcmp(what, "raw")) {
		open_raw();
		send_all(send_raw, atoi(rest[5]));
	} else if (argc == 8 && !strcmp(what, "tun")) {
		open_tun(rest[1], rest[3]);
		send_all(send_tun, atoi(rest[5]));
	} else {
		errx(2, "usage: see packets.c");
	}
	return 0;
}
