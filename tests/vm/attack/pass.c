/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a socket and executes a program with it as standard input.
 *
 *	pass [-u] [-s ADDRESS PORT] PROGRAM ARG...
 *
 * -u: a datagram socket; -s: after one datagram was sent to there.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void send_first(int fd, const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    sendto(fd, "first", 5, 0, (struct sockaddr *)&to, sizeof(to)) != 5)
		err(2, "first datagram");
}

int main(int argc, char **argv)
{
	int type = SOCK_STREAM, fd;

	if (argc > 1 && !strcmp(argv[1], "-u")) {
		type = SOCK_DGRAM;
		argv++, argc--;
	}
	fd = socket(AF_INET, type, 0);
	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
		err(2, "socket");
	if (argc > 3 && !strcmp(argv[1], "-s")) {
		send_first(fd, argv[2], argv[3]);
		argv += 3, argc -= 3;
	}
	if (argc < 2)
		errx(2, "usage: pass [-u] [-s ADDRESS PORT] PROGRAM ARG...");
	execv(argv[1], argv + 1);
	err(2, "%s", argv[1]);
}
