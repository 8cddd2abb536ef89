/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Short flows, many of them, each told apart by its source port.
 *
 *	load serve ADDRESS...              echoes on the ports; until it is killed
 *	load drive PROGRAM FROM4 FROM6 TO4 TO6 FIRST LAST BURST LOG
 *	load burst FROM4 FROM6 TO4 TO6 FIRST COUNT LOG
 *
 * "drive" runs PROGRAM, which is a copy of this one, again and again as "burst",
 * with source ports from FIRST, BURST of them each, until it is told to end
 * (SIGTERM) or the ports are used up. "burst" makes one flow a source port, one
 * after the other: TCP and UDP, IPv4 and IPv6, to each of the ports in turn, and
 * writes a line for each:
 *
 *	tcp|udp 4|6 SOURCE-PORT PORT BEGIN END ok|refused|silence|ERRNO
 *
 * BEGIN is before the first system call of the flow, END after its last, in ns
 * of CLOCK_MONOTONIC. There is no second try of anything.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIRST_PORT	7001
#define PORTS		4
/* seconds; VM_PACE times as many where the kernel is slow */
#define PATIENCE	20	/* for an answer that must come */
#define SILENCE		2	/* for one of UDP that may not */
#define CLIENTS		256

static void set_port(struct sockaddr_storage *address, uint16_t port)
{
	if (address->ss_family == AF_INET)
		((struct sockaddr_in *)address)->sin_port = htons(port);
	else
		((struct sockaddr_in6 *)address)->sin6_port = htons(port);
}

static struct sockaddr_storage parse(const char *text, uint16_t port)
{
	struct sockaddr_storage address = { 0 };
	void *to = &((struct sockaddr_in *)&address)->sin_addr;

	address.ss_family = AF_INET;
	if (strchr(text, ':')) {
		address.ss_family = AF_INET6;
		to = &((struct sockaddr_in6 *)&address)->sin6_addr;
	}
	if (inet_pton(address.ss_family, text, to) != 1)
		errx(2, "%s is no address", text);
	set_port(&address, port);
	return address;
}

/* --- the other side ----------------------------------------------------------- */

static int open_server(const char *address, int type, uint16_t port)
{
	struct sockaddr_storage at = parse(address, port);
	int fd = socket(at.ss_family, type | SOCK_NONBLOCK, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    (type == SOCK_STREAM && listen(fd, CLIENTS)))
		err(1, "%s port %u", address, port);
	return fd;
}

static void echo_datagrams(int fd)
{
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	char byte;

	while (recvfrom(fd, &byte, 1, 0, (struct sockaddr *)&from, &size) == 1)
		sendto(fd, &byte, 1, 0, (struct sockaddr *)&from, size);
}

/* Ends as soon as the client has what it wanted or is gone. */
static bool echo_client(int fd)
{
	char byte;
	ssize_t size = read(fd, &byte, 1);

	if (size < 0 && errno == EAGAIN)
		return true;
	if (size == 1 && write(fd, &byte, 1) == 1)
		return true;
	close(fd);
	return false;
}

static void take_clients(int listener, struct pollfd *fds, nfds_t *count, nfds_t most)
{
	int fd;

	while (*count < most &&
	       (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
		fds[(*count)++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

static void serve(int addresses, char **address)
{
	nfds_t listeners = addresses * PORTS, servers = 2 * listeners;
	nfds_t most = servers + CLIENTS, count = servers, i;
	struct pollfd *fds = calloc(most, sizeof(*fds));
	int type;

	for (i = 0; i < servers; i++) {
		type = i < listeners ? SOCK_STREAM : SOCK_DGRAM;
		fds[i].fd = open_server(address[i / PORTS % addresses], type,
					FIRST_PORT + i % PORTS);
		fds[i].events = POLLIN;
	}
	for (;;) {
		poll(fds, count, -1);
		for (i = count; i-- > servers;)
			if (fds[i].revents && !echo_client(fds[i].fd))
				fds[i] = fds[--count];
		for (i = 0; i < servers; i++)
			if (fds[i].revents && i < listeners)
				take_clients(fds[i].fd, fds, &count, most);
			else if (fds[i].revents)
				echo_datagrams(fds[i].fd);
	}
}

/* --- one flow ------------------------------------------------------------------- */

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

struct flow {
	struct sockaddr_storage from, to;
	bool tcp;
};

static long at_pace(long seconds)
{
	const char *pace = getenv("VM_PACE");

	return pace ? seconds * atol(pace) : seconds;
}

/* 0 or an errno; EAGAIN: silence. */
static int exchange(const struct flow *flow, int fd)
{
	struct timeval patience = { .tv_sec = at_pace(flow->tcp ? PATIENCE : SILENCE) };
	char byte = 'x';

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (bind(fd, (const struct sockaddr *)&flow->from, sizeof(flow->from)) ||
	    connect(fd, (const struct sockaddr *)&flow->to, sizeof(flow->to)))
		return errno == EINPROGRESS ? EAGAIN : errno;
	if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
		return errno;
	switch (recv(fd, &byte, 1, 0)) {
	case 1:
		return 0;
	case 0:
		return ECONNRESET;
	}
	return errno;
}

static const char *outcome(int error, char *number, size_t size)
{
	if (!error)
		return "ok";
	if (error == ECONNREFUSED)
		return "refused";
	if (error == EAGAIN)
		return "silence";
	snprintf(number, size, "%d", error);
	return number;
}

static void make_flow(const struct flow *flow, uint16_t source, uint16_t port, int log)
{
	int64_t begin = now();
	int fd = socket(flow->to.ss_family, flow->tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
	int error = fd < 0 ? errno : exchange(flow, fd);
	char line[128], number[16];
	int length;

	if (fd >= 0)
		close(fd);
	length = snprintf(line, sizeof(line), "%s %d %u %u %lld %lld %s\n",
			  flow->tcp ? "tcp" : "udp",
			  flow->to.ss_family == AF_INET ? 4 : 6, source, port,
			  (long long)begin, (long long)now(),
			  outcome(error, number, sizeof(number)));
	if (write(log, line, length) != length)
		err(1, "log");
}

static int open_log(const char *path)
{
	int log = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);

	if (log < 0)
		err(1, "%s", path);
	return log;
}

/* FROM4 FROM6 TO4 TO6 FIRST COUNT LOG */
static void burst(char **argument)
{
	unsigned int source = atoi(argument[4]), end = source + atoi(argument[5]);
	int log = open_log(argument[6]);
	struct flow flow;
	uint16_t port;

	for (; source < end; source++) {
		flow.tcp = source % 2;
		port = FIRST_PORT + source / 4 % PORTS;
		flow.from = parse(argument[source / 2 % 2], source);
		flow.to = parse(argument[2 + source / 2 % 2], port);
		make_flow(&flow, source, port, log);
	}
}

/* --- again and again -------------------------------------------------------------- */

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	stopped = signal;
}

/* PROGRAM FROM4 FROM6 TO4 TO6 FIRST LAST BURST LOG */
static void drive(char **argument)
{
	unsigned int source = atoi(argument[5]), last = atoi(argument[6]);
	unsigned int count = atoi(argument[7]);
	char first[16];
	pid_t child;

	signal(SIGTERM, stop);
	for (; !stopped && source + count <= last; source += count) {
		snprintf(first, sizeof(first), "%u", source);
		child = fork();
		if (child < 0)
			err(1, "fork");
		if (!child) {
			execl(argument[0], argument[0], "burst", argument[1], argument[2],
			      argument[3], argument[4], first, argument[7], argument[8],
			      NULL);
			_exit(127);
		}
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	}
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "serve"))
		serve(argc - 2, argv + 2);
	else if (argc == 9 && !strcmp(argv[1], "burst"))
		burst(argv + 2);
	else if (argc == 11 && !strcmp(argv[1], "drive"))
		drive(argv + 2);
	else
		errx(2, "usage: load serve|drive|burst ...");
	return 0;
}
