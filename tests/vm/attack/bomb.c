/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes as much as it can get of one thing, COUNT at most, and keeps it until its
 * standard input ends. Prints "holds N" when it has it.
 *
 *	bomb sockets COUNT        datagram sockets
 *	bomb images COUNT FOLDER  files that were executed, each kept by a socket
 *	bomb flows COUNT ADDRESS  connections that nobody has decided about
 *	bomb forks COUNT          processes, each executed anew, as many at once as go
 *	bomb processes COUNT      processes that stay
 *	bomb namespaces COUNT     user and network namespaces
 *	bomb socket               (for "images") gives a socket to descriptor 3
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *self;

static void raise_limits(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int hold(unsigned count)
{
	char byte;

	printf("holds %u\n", count);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}

static int sockets(unsigned count)
{
	unsigned have = 0;

	while (have < count && socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0)
		have++;
	return hold(have);
}

/* --- images ------------------------------------------------------------------------- */

static int give_socket(void)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return fd < 0 || sendmsg(3, &message, 0) != 1;
}

static bool take_socket(int channel)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };

	return recvmsg(channel, &message, MSG_CMSG_CLOEXEC) == 1;
}

/* A link is another path, and changes the file: each execution is another image. */
static bool one_image(const char *folder, unsigned number, const int pair[2])
{
	char path[4096];
	int status;
	pid_t child;

	snprintf(path, sizeof(path), "%s/%u", folder, number);
	if (link(self, path))
		return false;
	child = vfork();
	if (!child) {
		if (dup2(pair[1], 3) == 3)
			execl(path, path, "socket", NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		return false;
	unlink(path);
	return take_socket(pair[0]);
}

static int images(unsigned count, const char *folder)
{
	unsigned have = 0;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		err(2, "socketpair");
	while (have < count && one_image(folder, have, pair))
		have++;
	return hold(have);
}

/* --- flows, processes, namespaces ------------------------------------------------------ */

static int flows(unsigned count, const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	unsigned have = 0;

	inet_pton(AF_INET, address, &to.sin_addr);
	for (; have < count; have++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		to.sin_port = htons(1024 + have % 60000);
		if (fd < 0)
			break;
		connect(fd, (struct sockaddr *)&to, sizeof(to));
	}
	return hold(have);
}

static int forks(unsigned count)
{
	unsigned started = 0, running = 0;

	while (started < count) {
		pid_t child = fork();

		if (!child) {
			execl("/bin/true", "true", NULL);
			_exit(127);
		}
		if (child > 0) {
			started++;
			running++;
		}
		if ((child < 0 || running >= 64) && running && wait(NULL) > 0)
			running--;
	}
	while (wait(NULL) > 0)
		;
	return hold(started);
}

static int processes(unsigned count)
{
	unsigned have = 0;
	pid_t child = 1;

	while (have < count && (child = fork()) > 0)
		have++;
	if (child)
		return hold(have);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pause();
	_exit(0);
}

static bool one_namespace(void)
{
	int ready[2];
	char byte;
	pid_t child;

	if (pipe2(ready, O_CLOEXEC) || (child = fork()) < 0)
		return false;
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
			_exit(1);
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	return read(ready[0], &byte, 1) == 1;
}

static int namespaces(unsigned count)
{
	unsigned have = 0;

	while (have < count && one_namespace())
		have++;
	return hold(have);
}

int main(int argc, char **argv)
{
	unsigned count = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
	const char *what = argc > 1 ? argv[1] : "";

	self = argv[0];
	raise_limits();
	if (argc == 2 && !strcmp(what, "socket"))
		return give_socket();
	if (argc == 3 && !strcmp(what, "sockets"))
		return sockets(count);
	if (argc == 4 && !strcmp(what, "images"))
		return images(count, argv[3]);
	if (argc == 4 && !strcmp(what, "flows"))
		return flows(count, argv[3]);
	if (argc == 3 && !strcmp(what, "forks"))
		return forks(count);
	if (argc == 3 && !strcmp(what, "processes"))
		return processes(count);
	if (argc == 3 && !strcmp(what, "namespaces"))
		return namespaces(count);
	errx(2, "usage: see bomb.c");
}
