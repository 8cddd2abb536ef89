/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program that may not go out. Linked statically, so that it runs from
 * wherever an attack puts it.
 *
 *	reach [-u] [-n NAME] [-i] [-w FILE] [-p SECONDS] ADDRESS PORT
 *
 * Connects (-u: sends a datagram). -n: calls itself NAME; -i: through the socket
 * that it has as its standard input; -w: when FILE has gone; -p: waits so long for an
 * answer (20). Prints what /proc/self/exe says. Exit status as curl's: 0 it got out, as far as it can tell,
 * 7 refused, 28 nothing came back.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE	20	/* s */

struct wish {
	bool datagram, inherited;
	int patience;	/* s */
	struct sockaddr_storage to;
	socklen_t length;
};

static void parse_address(struct wish *wish, const char *address, const char *port)
{
	struct sockaddr_in *four = (struct sockaddr_in *)&wish->to;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&wish->to;

	if (inet_pton(AF_INET, address, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(atoi(port));
		wish->length = sizeof(*four);
	} else if (inet_pton(AF_INET6, address, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(atoi(port));
		wish->length = sizeof(*six);
	} else {
		errx(2, "no address: %s", address);
	}
}

static int open_socket(const struct wish *wish)
{
	struct timeval patience = { .tv_sec = wish->patience };
	int fd = wish->inherited ? STDIN_FILENO :
		socket(wish->to.ss_family, wish->datagram ? SOCK_DGRAM : SOCK_STREAM, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)))
		err(2, "socket");
	return fd;
}

static int status_of(int error)
{
	return error == EINPROGRESS || error == ETIMEDOUT || error == EAGAIN ? 28 : 7;
}

static int reach(const struct wish *wish)
{
	const struct sockaddr *to = (const struct sockaddr *)&wish->to;
	int fd = open_socket(wish);

	if (wish->datagram ? sendto(fd, "reach", 5, 0, to, wish->length) == 5 :
			     !connect(fd, to, wish->length))
		return 0;
	warn("out");
	return status_of(errno);
}

static void say_who(void)
{
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (length < 0)
		return;
	path[length] = 0;
	printf("exe %s\n", path);
	fflush(stdout);
}

static void wait_for_end_of(const char *file)
{
	for (int tries = 0; !access(file, F_OK); tries++) {
		if (tries == PATIENCE * 20)
			errx(2, "%s does not go", file);
		usleep(50000);
	}
}

int main(int argc, char **argv)
{
	struct wish wish = { .patience = PATIENCE };
	int option;

	while ((option = getopt(argc, argv, "un:iw:p:")) != -1) {
		switch (option) {
		case 'u':
			wish.datagram = true;
			break;
		case 'i':
			wish.inherited = true;
			break;
		case 'n':
			prctl(PR_SET_NAME, optarg);
			break;
		case 'w':
			wait_for_end_of(optarg);
			break;
		case 'p':
			wish.patience = atoi(optarg);
			break;
		default:
			return 2;
		}
	}
	if (argc - optind != 2)
		errx(2, "usage: reach [-u] [-n NAME] [-i] [-w FILE] [-p SECONDS] ADDRESS PORT");
	parse_address(&wish, argv[optind], argv[optind + 1]);
	say_who();
	return reach(&wish);
}
