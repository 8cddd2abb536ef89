/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First packets. The caller counts at the peer what arrives. */
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "failing.h"
#include "walk.h"

struct target {
	struct addrinfo *address;
	unsigned int sent;
};

static int first_packet(int fd, const struct addrinfo *to)
{
	if (to->ai_socktype == SOCK_STREAM)
		return connect(fd, to->ai_addr, to->ai_addrlen) ? errno : 0;
	return sendto(fd, "x", 1, 0, to->ai_addr, to->ai_addrlen) < 0 ? errno : 0;
}

static int send_one(void *arg)
{
	const struct addrinfo *to = ((struct target *)arg)->address;
	int fd = socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC, to->ai_protocol);
	int error;

	if (fd < 0)
		return errno;
	error = first_packet(fd, to);
	close(fd);
	return error;
}

static bool count(int error, void *arg)
{
	((struct target *)arg)->sent += !error;
	return true;
}

bool failing_packets(const char *protocol, const char *address, const char *port,
		     bool refused)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = strcmp(protocol, "tcp") ? SOCK_DGRAM : SOCK_STREAM,
	};
	struct target target = { .sent = 0 };
	const struct walk steps = {
		.what = protocol, .run = send_one, .check = count, .arg = &target,
		.wanted = refused ? ECONNREFUSED : 0,
	};
	bool done;

	if (getaddrinfo(address, port, &hints, &target.address))
		errx(2, "%s port %s: no address", address, port);
	done = walk(&steps);
	printf("sent %u\n", target.sent);
	freeaddrinfo(target.address);
	return done;
}
