/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs that open flows. Copied under several names it is several programs.
 *
 *	open_flows flood ADDRESS
 *		datagrams to ever other ports, as fast as it can, until it is killed
 *	open_flows busy ADDRESS
 *		likewise, to one port
 *	open_flows timed ADDRESS PORT COUNT FIRST
 *		connections one after the other, from local ports FIRST and following;
 *		prints how many were made, and how long one took
 *	open_flows burst ADDRESS PORT COUNT
 *		one flow of so many datagrams; prints "refused N", and keeps it open
 *		until there is a line on standard input
 *	open_flows listen ADDRESS PORT
 *		connections are made with it by the kernel, until it is killed
 *	open_flows wait ADDRESS PORT COUNT
 *		connections all at once; prints "waiting N refused N" when each was
 *		begun, and after a line on standard input "connected N"
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FLOWS_MAX	4096

static struct sockaddr_in peer = { .sin_family = AF_INET };

static int open_socket(int type)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

static int start(int fd)
{
	return connect(fd, (const struct sockaddr *)&peer, sizeof(peer)) ? errno : 0;
}

static void flood(unsigned int last)
{
	int fd = open_socket(SOCK_DGRAM);
	unsigned int port;

	for (port = 1024;; port = port == last ? 1024 : port + 1) {
		peer.sin_port = htons((uint16_t)port);
		sendto(fd, "x", 1, 0, (const struct sockaddr *)&peer, sizeof(peer));
	}
}

static void burst(unsigned int count)
{
	int fd = open_socket(SOCK_DGRAM);
	unsigned int refused = 0;

	while (count--)
		refused += sendto(fd, "x", 1, 0, (const struct sockaddr *)&peer,
				  sizeof(peer)) != 1;
	printf("refused %u\n", refused);
	fflush(stdout);
	getchar();
}

static void listen_only(void)
{
	int fd = open_socket(SOCK_STREAM), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&peer, sizeof(peer)) || listen(fd, 4096))
		err(1, "listen");
	pause();
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void timed(unsigned int count, unsigned int first)
{
	struct sockaddr_in local = { .sin_family = AF_INET };
	static double took[FLOWS_MAX];
	unsigned int i, made = 0;
	double begun;
	int fd;

	for (i = 0; i < count; i++) {
		fd = open_socket(SOCK_STREAM);
		local.sin_port = htons((uint16_t)(first + i));
		if (bind(fd, (const struct sockaddr *)&local, sizeof(local)))
			err(1, "port %u", first + i);
		begun = now();
		if (!start(fd))
			took[made++] = now() - begun;
		close(fd);
	}
	qsort(took, made, sizeof(*took), by_value);
	printf("made %u\n", made);
	if (made)
		printf("median %.2f ms, p99 %.2f ms\n", took[made / 2], took[made * 99 / 100]);
}

static unsigned int count_connected(const int *fds, unsigned int count)
{
	unsigned int i, connected = 0;
	struct pollfd fd;
	socklen_t size;
	int error;

	for (i = 0; i < count; i++) {
		fd = (struct pollfd){ .fd = fds[i], .events = POLLOUT };
		size = sizeof(error);
		if (poll(&fd, 1, 60000) == 1 &&
		    !getsockopt(fds[i], SOL_SOCKET, SO_ERROR, &error, &size) && !error)
			connected++;
	}
	return connected;
}

static void wait_for_answers(unsigned int count)
{
	unsigned int i, waiting = 0, refused = 0;
	static int fds[FLOWS_MAX];
	int fd, error;

	for (i = 0; i < count; i++) {
		fd = open_socket(SOCK_STREAM | SOCK_NONBLOCK);
		error = start(fd);
		if (error == EINPROGRESS)
			fds[waiting++] = fd;
		else if (error == ECONNREFUSED)
			refused++;
	}
	printf("waiting %u refused %u\n", waiting, refused);
	fflush(stdout);
	if (getchar() != EOF)
		printf("connected %u\n", count_connected(fds, waiting));
}

static unsigned int number(const char *text)
{
	unsigned long value = strtoul(text, NULL, 10);

	if (!value || value > 65535)
		errx(2, "%s: not a number that makes sense", text);
	return (unsigned int)value;
}

int main(int argc, char **argv)
{
	if (argc < 3 || inet_pton(AF_INET, argv[2], &peer.sin_addr) != 1)
		errx(2, "which address?");
	if (argc > 3)
		peer.sin_port = htons((uint16_t)number(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "flood"))
		flood(65535);
	else if (argc == 3 && !strcmp(argv[1], "busy"))
		flood(1024);
	else if (argc == 4 && !strcmp(argv[1], "listen"))
		listen_only();
	else if (argc == 5 && !strcmp(argv[1], "burst"))
		burst(number(argv[4]));
	else if (argc == 6 && !strcmp(argv[1], "timed") && number(argv[4]) <= FLOWS_MAX)
		timed(number(argv[4]), number(argv[5]));
	else if (argc == 5 && !strcmp(argv[1], "wait") && number(argv[4]) <= FLOWS_MAX)
		wait_for_answers(number(argv[4]));
	else
		errx(2, "flood, busy, listen, burst, timed or wait?");
	return 0;
}
