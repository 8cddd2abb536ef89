/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A daemon that answers too late. Tells the kernel of a new policy, waits for a
 * flow, and answers it with what was decided under the old one; then, after a
 * line on standard input, under the new one. Prints what the kernel says to each.
 */
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "kernel.h"
#include "queue.h"
#include "release.h"

static struct sp_kernel kernel;
static struct sp_waiting asked;		/* pending 0: none yet */
static unsigned int listed;

static void on_tag(void *arg, const struct sp_tag *tag)
{
	if (asked.pending)
		return;
	asked.pending = tag->pending.id;
	asked.flow = tag->pending.flow;
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

static void count_verdict(const struct sallyport_verdict *verdict, void *arg)
{
	listed++;
}

static void count_waiting(const struct sp_tag *tag, void *arg)
{
	listed++;
}

static void check(int error, const char *what)
{
	if (error)
		errx(1, "%s: %s", what, strerror(error));
}

static uint64_t become_daemon(struct sp_queues *queues)
{
	const struct sp_kernel_listener listener = {
		.tag = on_tag, .event = on_event, .events_lost = on_number,
		.overrun = on_nothing, .unloaded = on_nothing,
	};
	const struct sp_verdict_config config = {
		.queue_first = 5200, .queue_count = 1, .queue_wait = 5201,
		.queue_length = 64,
		.absent_out = SALLYPORT_DENY, .absent_in = SALLYPORT_DENY,
		.limits = { 8, 64, 256, 60 },
	};
	struct sp_hello hello;
	uint16_t number;

	check(sp_kernel_open(&kernel, &listener, 0), "kernel");
	check(sp_queues_open(queues, &config, &number), "queues");
	check(sp_kernel_hello(&kernel, &config, 0, &hello), "hello");
	check(sp_kernel_configure(&kernel, &config), "configuration");
	return hello.epoch;
}

static void wait_for_flow(const struct sp_queues *queues)
{
	struct pollfd fd = { .fd = queues->fast.fd, .events = POLLIN };

	while (!asked.pending && poll(&fd, 1, -1) > 0)
		sp_kernel_calls.read_tags(&kernel);
}

static void say(const char *what, int error)
{
	printf("%s: %s\n", what, error ? strerrorname_np(error) : "done");
}

/* All flows of the program: it would be a wide hole. */
static int push_allow(uint64_t epoch)
{
	const struct sallyport_verdict verdict = {
		.id = 1,
		.image = asked.flow.image,
		.uid = asked.flow.uid,
		.direction = asked.flow.direction,
		.action = SALLYPORT_ALLOW,
	};

	return sp_kernel_calls.push(&kernel, &verdict, epoch, &asked.pending, 1);
}

static void say_listed(void)
{
	check(sp_kernel_calls.verdicts(&kernel, count_verdict, NULL), "verdicts");
	printf("verdicts: %u\n", listed);
	listed = 0;
	check(sp_kernel_calls.waiting(&kernel, count_waiting, NULL), "waiting");
	printf("waiting: %u\n", listed);
	listed = 0;
}

/* TCP sends nothing again as long as what it sent lies in a queue here. */
static void give_back(void *release, const struct sp_queued *packet)
{
	sp_release_repeat(release, packet->held);
}

int main(void)
{
	struct sp_queues queues;
	struct sp_batch batch;
	struct sp_release release = {
		.queue_wait = 5201, .send = sp_queues_send, .sockets = &queues,
	};
	uint64_t epoch = become_daemon(&queues) + 2;

	if (!sp_batch_init(&batch, SP_QUEUES_BATCH, SP_QUEUES_MESSAGE))
		errx(1, "no memory");

	setvbuf(stdout, NULL, _IOLBF, 0);
	check(sp_kernel_calls.set_epoch(&kernel, epoch), "epoch");
	puts("ready");
	wait_for_flow(&queues);
	say("old push", push_allow(epoch - 1));
	say("old resolve", sp_kernel_calls.resolve(&kernel, SALLYPORT_ALLOW, 0, epoch - 1,
						   &asked.pending, 1));
	say("old epoch", sp_kernel_calls.set_epoch(&kernel, epoch));
	say_listed();
	puts("asked");
	getchar();
	say("new push", push_allow(epoch));
	sp_queues_receive(&queues, 0, false, &batch, give_back, &release);
	sp_release_flush(&release);
	getchar();
	return 0;
}
