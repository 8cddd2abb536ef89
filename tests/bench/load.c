/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What programs do to a network, measured from the program's side.
 *
 *	load serve PORT                          swallows TCP, sends datagrams back
 *	load connect ADDRESS PORT COUNT CLIENTS  so many connections, one after the other
 *	                                         by each client
 *	load datagram ADDRESS PORT COUNT CLIENTS a socket each: sends, waits for the answer
 *	load execute ADDRESS PORT COUNT CLIENTS  a process each: executes, connects, exits
 *	load bulk ADDRESS PORT COUNT CLIENTS     so many blocks of 64 KiB on a connection each
 *	load leave ADDRESS PORT COUNT CLIENTS    a datagram each from a socket that is closed
 *	                                         at once; not answered, so that nothing is lost
 *	                                         as far as the program knows
 *	load keep ADDRESS PORT COUNT CLIENTS     datagrams, answered, of 1000 sockets in turn
 *	load query ADDRESS PORT COUNT CLIENTS    a socket each: asks a name server for a name
 *	load one ADDRESS PORT                    a connection; its exit status tells
 *
 * Prints "RATE P50 P99 WORST LOST CPU": a second; microseconds each takes; how many
 * failed; microseconds of this machine's processors, all of them, each.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE	5	/* s; what takes longer is lost */
#define BLOCK		65536
#define CLIENTS_MAX	64
#define COUNT_MAX	1000000
#define KEPT		1000
#define LOST		UINT64_MAX

struct load {
	struct sockaddr_in to;
	char **argv;
	bool (*once)(const struct load *load);
};

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

static struct sockaddr_in address_of(const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };

	if (address && inet_pton(AF_INET, address, &to.sin_addr) != 1)
		errx(2, "no address: %s", address);
	return to;
}

/* --- the server ------------------------------------------------------------- */

static char block[BLOCK];

static int bound(int type, const struct sockaddr_in *at)
{
	int fd = socket(AF_INET, type, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (const struct sockaddr *)at, sizeof(*at)))
		err(1, "server");
	return fd;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll");
}

static void echo(int fd)
{
	struct sockaddr_in from;
	socklen_t length = sizeof(from);
	ssize_t got = recvfrom(fd, block, sizeof(block), 0, (struct sockaddr *)&from, &length);

	if (got >= 0)
		sendto(fd, block, got, 0, (struct sockaddr *)&from, length);
}

static void serve(const char *port)
{
	struct sockaddr_in at = address_of(NULL, port);
	int stream = bound(SOCK_STREAM | SOCK_NONBLOCK, &at), datagram = bound(SOCK_DGRAM, &at);
	int epoll = epoll_create1(0), fd;
	struct epoll_event event;

	if (epoll < 0 || listen(stream, 4096))
		err(1, "server");
	watch(epoll, stream);
	watch(epoll, datagram);
	while (epoll_wait(epoll, &event, 1, -1) >= 0 || errno == EINTR) {
		fd = event.data.fd;
		if (fd == datagram)
			echo(fd);
		else if (fd != stream) {
			if (recv(fd, block, sizeof(block), 0) <= 0)
				close(fd);
		} else {
			fd = accept(stream, NULL, NULL);
			if (fd >= 0)
				watch(epoll, fd);
		}
	}
	err(1, "server");
}

/* --- the loads ----------------------------------------------------------------- */

static int open_socket(int type)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	/* Its end is a reset, so that no port stays used. */
	const struct linger hard = { .l_onoff = 1 };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	return fd;
}

static int connected(const struct load *load, int type)
{
	int fd = open_socket(type);

	if (!connect(fd, (const struct sockaddr *)&load->to, sizeof(load->to)))
		return fd;
	close(fd);
	return -1;
}

static bool connect_once(const struct load *load)
{
	int fd = connected(load, SOCK_STREAM);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool is_answered(int fd)
{
	char byte = 'x';

	return send(fd, &byte, 1, 0) == 1 && recv(fd, &byte, 1, 0) == 1;
}

static bool datagram_once(const struct load *load)
{
	int fd = connected(load, SOCK_DGRAM);
	bool answered = fd >= 0 && is_answered(fd);

	if (fd >= 0)
		close(fd);
	return answered;
}

static bool execute_once(const struct load *load)
{
	pid_t child = fork();
	int status;

	if (!child) {
		execl(load->argv[0], load->argv[0], "one", load->argv[2], load->argv[3], NULL);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && !status;
}

static bool bulk_once(const struct load *load)
{
	static int fd = -1;	/* a client's own */
	size_t sent = 0;
	ssize_t part;

	if (fd < 0)
		fd = connected(load, SOCK_STREAM);
	while (fd >= 0 && sent < sizeof(block)) {
		part = send(fd, block, sizeof(block) - sent, MSG_NOSIGNAL);
		if (part <= 0)
			return false;
		sent += part;
	}
	return fd >= 0;
}

static bool leave_once(const struct load *load)
{
	char byte = 'x';
	int fd = open_socket(SOCK_DGRAM);
	bool sent = sendto(fd, &byte, 1, 0, (const struct sockaddr *)&load->to,
			   sizeof(load->to)) == 1;

	close(fd);
	return sent;
}

/* A client's own sockets; each is made, and its flow begins, when it is first its turn. */
static bool keep_once(const struct load *load)
{
	static int fd[KEPT];
	static unsigned turn;
	unsigned now = turn++ % KEPT;

	if (turn <= KEPT)
		fd[now] = connected(load, SOCK_DGRAM);
	return fd[now] >= 0 && is_answered(fd[now]);
}

/* shop.test, an address of it (RFC 1035, 4.1); the number is the answer's as well. */
static bool query_once(const struct load *load)
{
	static unsigned char query[] = "\0\0\1\0\0\1\0\0\0\0\0\0\4shop\4test\0\0\1\0\1";
	unsigned char answer[512];
	int fd = connected(load, SOCK_DGRAM);
	bool named;

	query[1]++;
	named = fd >= 0 && send(fd, query, sizeof(query) - 1, 0) == sizeof(query) - 1 &&
		recv(fd, answer, sizeof(answer), 0) > (ssize_t)sizeof(query) &&
		answer[1] == query[1] && answer[7] > 0;
	if (fd >= 0)
		close(fd);
	return named;
}

static void client(const struct load *load, uint64_t *took, unsigned count)
{
	uint64_t begin;

	while (count--) {
		begin = now();
		*took++ = load->once(load) ? now() - begin : LOST;
	}
}

/* --- figures --------------------------------------------------------------------- */

/* Processor time of the whole machine that was not idle, in microseconds. */
static uint64_t busy(void)
{
	unsigned long long user, nice, system, idle, iowait, irq, softirq;
	FILE *file = fopen("/proc/stat", "r");

	if (!file || fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice,
			    &system, &idle, &iowait, &irq, &softirq) != 7)
		err(1, "/proc/stat");
	fclose(file);
	return (user + nice + system + irq + softirq) * (1000000 / sysconf(_SC_CLK_TCK));
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print(uint64_t *took, unsigned count, uint64_t elapsed, uint64_t used)
{
	unsigned lost = 0;

	qsort(took, count, sizeof(*took), compare);
	while (lost < count && took[count - 1 - lost] == LOST)
		lost++;
	if (lost == count) {
		printf("0 0 0 0 %u %ju\n", lost, (uintmax_t)(used / count));
		return;
	}
	printf("%.1f %.1f %.1f %.1f %u %ju\n", (count - lost) * 1e9 / elapsed,
	       took[(count - lost) / 2] / 1e3, took[(count - lost) * 99ull / 100] / 1e3,
	       took[count - lost - 1] / 1e3, lost, (uintmax_t)(used / count));
}

static void run(const struct load *load, unsigned count, unsigned clients)
{
	unsigned each = count / clients, i;
	uint64_t *took = mmap(NULL, count * sizeof(*took), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t begin, used;

	if (took == MAP_FAILED)
		err(1, "mmap");
	used = busy();
	begin = now();
	for (i = 0; i < clients; i++) {
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			client(load, took + i * each, each);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	print(took, each * clients, now() - begin, busy() - used);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		bool (*once)(const struct load *load);
	} kinds[] = {
		{ "connect", connect_once }, { "datagram", datagram_once },
		{ "execute", execute_once }, { "bulk", bulk_once },
		{ "leave", leave_once }, { "keep", keep_once }, { "query", query_once },
	};
	const struct rlimit files = { KEPT + 100, KEPT + 100 };
	struct load load = { .argv = argv };
	unsigned count, clients, i;

	if (argc == 3 && !strcmp(argv[1], "serve"))
		serve(argv[2]);
	if (argc < 4)
		errx(2, "usage: see load.c");
	load.to = address_of(argv[2], argv[3]);
	if (argc == 4 && !strcmp(argv[1], "one"))
		return !connect_once(&load);
	count = argc == 6 ? strtoul(argv[4], NULL, 10) : 0;
	clients = argc == 6 ? strtoul(argv[5], NULL, 10) : 0;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(argv[1], kinds[i].name))
			load.once = kinds[i].once;
	if (!load.once || !clients || clients > CLIENTS_MAX || count < clients ||
	    count > COUNT_MAX)
		errx(2, "usage: see load.c");
	if (load.once == keep_once && setrlimit(RLIMIT_NOFILE, &files))
		err(1, "files");
	run(&load, count, clients);
	return 0;
}
