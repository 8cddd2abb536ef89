/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A daemon that fills the kernel's verdict table: what a look-up costs there.
 *
 *	fill_verdicts SUBJECTS MASKS
 *
 * When it is told of the first flow, that one's subject gets MASKS masks, of which the
 * last one tried allows everything and the others fit nothing, and there will be
 * SUBJECTS subjects. Prints "ready" when it is the kernel's daemon, "filled" then, and
 * ends at the end of standard input.
 */
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernel.h"
#include "queue.h"
#include "release.h"

#define UIDS	2000	/* of each image and direction: a user has a record of his own */

static struct sp_kernel kernel;
static uint64_t epoch, last_id;
static unsigned int subjects, masks;

static void push(const struct sallyport_verdict *verdict, const uint64_t *pending)
{
	struct sallyport_verdict numbered = *verdict;
	int error;

	numbered.id = ++last_id;
	error = sp_kernel_calls.push(&kernel, &numbered, epoch, pending, pending ? 1 : 0);
	if (error)
		errx(1, "push: %s", strerror(error));
}

/* Addresses of a network that nobody goes to, each by a longer prefix. */
static void push_masks(const struct sallyport_verdict *all)
{
	struct sallyport_verdict verdict = *all;
	unsigned int i;

	verdict.remote[10] = verdict.remote[11] = 0xff;
	verdict.remote[12] = 10;
	for (i = 1; i < masks; i++) {
		verdict.remote_length = 104 + i;
		push(&verdict, NULL);
	}
}

static void push_subjects(const struct sallyport_verdict *all)
{
	const uint64_t images[] = {
		all->image, SALLYPORT_IMAGE_UNKNOWN, SALLYPORT_IMAGE_KERNEL,
	};
	struct sallyport_verdict verdict = *all;
	unsigned int i, kind;

	for (i = 0; i + 1 < subjects; i++) {
		kind = i / UIDS;
		verdict.image = images[kind / 2 % 3];
		verdict.direction = kind % 2;
		verdict.uid = 20000 + i % UIDS;
		push(&verdict, NULL);
	}
}

static void on_tag(void *arg, const struct sp_tag *tag)
{
	const struct sallyport_verdict all = {
		.image = tag->pending.flow.image,
		.uid = tag->pending.flow.uid,
		.direction = tag->pending.flow.direction,
		.action = SALLYPORT_ALLOW,
	};
	const uint64_t pending = tag->pending.id;
	bool first = !last_id;

	if (first) {
		push_masks(&all);
		push_subjects(&all);
	}
	push(&all, &pending);
	if (first)
		puts("filled");
}

static void on_event(void *arg, const struct sallyport_event *event)
{
}

static void on_number(void *arg, uint32_t count)
{
}

static void on_nothing(void *arg)
{
}

static void become_daemon(struct sp_queues *queues)
{
	const struct sp_kernel_listener listener = {
		.tag = on_tag, .event = on_event, .events_lost = on_number,
		.overrun = on_nothing, .unloaded = on_nothing,
	};
	const struct sp_verdict_config config = {
		.queue_first = 47000, .queue_count = 1, .queue_wait = 47100,
		.queue_length = 4096,
		.absent_out = SALLYPORT_DENY, .absent_in = SALLYPORT_DENY,
		.limits = { 8, 64, 256, 60 },
	};
	struct sp_hello hello;
	uint16_t number;
	int error = sp_kernel_open(&kernel, &listener, 8 << 20);

	error = error ? error : sp_queues_open(queues, &config, &number);
	error = error ? error : sp_kernel_hello(&kernel, &config, 0, &hello);
	error = error ? error : sp_kernel_configure(&kernel, &config);
	if (error)
		errx(1, "%s", strerror(error));
	epoch = hello.epoch;
}

static void give_back(void *release, const struct sp_queued *packet)
{
	sp_release_repeat(release, packet->held);
}

int main(int argc, char **argv)
{
	struct sp_queues queues;
	struct sp_batch batch;
	struct sp_release release = {
		.queue_wait = 47100, .send = sp_queues_send, .sockets = &queues,
	};
	struct pollfd fds[3];

	if (argc != 3)
		errx(2, "usage: fill_verdicts SUBJECTS MASKS");
	subjects = strtoul(argv[1], NULL, 10);
	masks = strtoul(argv[2], NULL, 10);
	setvbuf(stdout, NULL, _IOLBF, 0);
	become_daemon(&queues);
	if (!sp_batch_init(&batch, SP_QUEUES_BATCH, SP_QUEUES_MESSAGE))
		errx(1, "no memory");
	puts("ready");
	fds[0] = (struct pollfd){ .fd = 0, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = kernel.news.fd, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = queues.fast.fd, .events = POLLIN };
	while (poll(fds, 3, -1) > 0 && !fds[0].revents) {
		if (fds[1].revents)
			sp_kernel_calls.read_news(&kernel);
		if (fds[2].revents)
			sp_kernel_calls.read_tags(&kernel);
		if (fds[2].revents)
			sp_queues_receive(&queues, 0, false, &batch, give_back, &release);
		sp_release_flush(&release);
	}
	return 0;
}
