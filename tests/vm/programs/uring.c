/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connects and sends by io_uring.
 *
 *	uring inline|worker|sqpoll ADDRESS PORT BYTES
 *
 * Sends so many bytes over TCP and reads as many back; each operation is submitted
 * by this program and carried out at once, or by a worker of the kernel, or both by
 * the kernel's polling thread. Exit status 0: all came back; 1 with the error's name;
 * 77: there is no io_uring here.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CHUNK 4096

struct ring {
	int fd;
	bool polled, worker;
	struct io_uring_params params;
	unsigned char *rings;
	struct io_uring_sqe *entries;
};

static void *map(int fd, size_t size, off_t what)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_POPULATE, fd, what);

	if (memory == MAP_FAILED)
		err(2, "mmap");
	return memory;
}

static void ring_open(struct ring *ring, const char *how)
{
	struct io_uring_params *params = &ring->params;
	size_t size;

	ring->polled = !strcmp(how, "sqpoll");
	ring->worker = !strcmp(how, "worker");
	params->flags = ring->polled ? IORING_SETUP_SQPOLL : 0;
	params->sq_thread_idle = 1000;
	ring->fd = syscall(__NR_io_uring_setup, 4, params);
	if (ring->fd < 0)
		err(77, "io_uring");
	if (!(params->features & IORING_FEAT_SINGLE_MMAP))
		errx(77, "an old io_uring");
	size = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
	if (size < params->sq_off.array + params->sq_entries * sizeof(__u32))
		size = params->sq_off.array + params->sq_entries * sizeof(__u32);
	ring->rings = map(ring->fd, size, IORING_OFF_SQ_RING);
	ring->entries = map(ring->fd, params->sq_entries * sizeof(*ring->entries),
			    IORING_OFF_SQES);
}

static _Atomic unsigned int *word(const struct ring *ring, __u32 offset)
{
	return (_Atomic unsigned int *)(ring->rings + offset);
}

static void submit(struct ring *ring, const struct io_uring_sqe *entry)
{
	const struct io_sqring_offsets *at = &ring->params.sq_off;
	unsigned int tail = *word(ring, at->tail);
	unsigned int index = tail & *word(ring, at->ring_mask);
	unsigned int flags = IORING_ENTER_GETEVENTS;

	ring->entries[index] = *entry;
	if (ring->worker)
		ring->entries[index].flags = IOSQE_ASYNC;
	*word(ring, at->array + index * sizeof(__u32)) = index;
	atomic_store(word(ring, at->tail), tail + 1);
	if (ring->polled && atomic_load(word(ring, at->flags)) & IORING_SQ_NEED_WAKEUP)
		flags |= IORING_ENTER_SQ_WAKEUP;
	if (syscall(__NR_io_uring_enter, ring->fd, !ring->polled, 1, flags, NULL, 0) < 0)
		err(2, "io_uring_enter");
}

/* Its result, when it is done. */
static int carry_out(struct ring *ring, const struct io_uring_sqe *entry)
{
	const struct io_cqring_offsets *at = &ring->params.cq_off;
	const struct io_uring_cqe *done;
	unsigned int head = *word(ring, at->head);
	int result;

	submit(ring, entry);
	while (atomic_load(word(ring, at->tail)) == head)
		if (syscall(__NR_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS,
			    NULL, 0) < 0)
			err(2, "io_uring_enter");
	done = (struct io_uring_cqe *)(ring->rings + at->cqes) +
	       (head & *word(ring, at->ring_mask));
	result = done->res;
	atomic_store(word(ring, at->head), head + 1);
	if (result < 0)
		errx(1, "%s", strerrorname_np(-result));
	return result;
}

static void do_connect(struct ring *ring, int sock, const struct sockaddr_in *to)
{
	struct io_uring_sqe entry = {
		.opcode = IORING_OP_CONNECT, .fd = sock, .addr = (uintptr_t)to,
		.off = sizeof(*to),
	};

	carry_out(ring, &entry);
}

static int do_some(struct ring *ring, int sock, int operation, unsigned char *bytes)
{
	struct io_uring_sqe entry = {
		.opcode = operation, .fd = sock, .addr = (uintptr_t)bytes, .len = CHUNK,
	};

	return carry_out(ring, &entry);
}

static void exchange(struct ring *ring, int sock, long left)
{
	static unsigned char bytes[CHUNK];
	int sent, got;

	for (; left > 0; left -= CHUNK) {
		for (sent = 0; sent < CHUNK; )
			sent += do_some(ring, sock, IORING_OP_SEND, bytes);
		for (got = 0; got < sent; )
			got += do_some(ring, sock, IORING_OP_RECV, bytes);
	}
}

int main(int count, char **arguments)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct ring ring = { 0 };
	int sock;

	if (count != 5 || inet_pton(AF_INET, arguments[2], &to.sin_addr) != 1)
		errx(2, "usage: uring inline|worker|sqpoll ADDRESS PORT BYTES");
	to.sin_port = htons(atoi(arguments[3]));
	ring_open(&ring, arguments[1]);
	sock = socket(AF_INET, SOCK_STREAM, 0);
	if (sock < 0)
		err(2, "socket");
	do_connect(&ring, sock, &to);
	exchange(&ring, sock, atol(arguments[4]));
	return 0;
}
