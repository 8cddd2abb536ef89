/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keep_locked ADDRESS PORT: connects, says a word, then sends from a page that
 * never comes, so that the kernel has the socket locked for as long as we live.
 * Says "open", then "locked". A file of one's own FUSE does the same without
 * privileges; userfaultfd, as root, is easier to have.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096u

static int connection;
static char *absent;	/* a page that whoever touches it waits for */

static void must(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(2);
}

static int make_absent(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	must(faults >= 0 && !ioctl(faults, UFFDIO_API, &api), "userfaultfd");
	absent = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(absent != MAP_FAILED, "mmap");
	area.range.start = (unsigned long)absent;
	area.range.len = PAGE;
	must(!ioctl(faults, UFFDIO_REGISTER, &area), "UFFDIO_REGISTER");
	return faults;
}

static void open_connection(const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };

	must(inet_pton(AF_INET, address, &to.sin_addr) == 1, address);
	connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(connection >= 0 && !connect(connection, (struct sockaddr *)&to, sizeof(to)), "connect");
	must(write(connection, "tick\n", 5) == 5, "write");
	puts("open");
	fflush(stdout);
}

static void *send_absent(void *arg)
{
	must(write(connection, absent, PAGE) == PAGE, "write");
	return NULL;
}

int main(int argc, char **argv)
{
	struct pollfd fault = { .events = POLLIN };
	pthread_t thread;

	must(argc == 3, "usage: keep_locked ADDRESS PORT");
	fault.fd = make_absent();
	open_connection(argv[1], argv[2]);
	must(!pthread_create(&thread, NULL, send_absent, NULL), "pthread_create");
	must(poll(&fault, 1, -1) == 1, "poll");
	puts("locked");
	fflush(stdout);
	pthread_join(thread, NULL);
	return 0;
}
