/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A library that connects when it is loaded: to 192.0.2.2 port 80. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void __attribute__((constructor)) connect_first(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(80) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "192.0.2.2", &to.sin_addr);
	_exit(fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) ? 7 : 0);
}
