/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queues in other network namespaces. The kernel hands out the sockets, so that
 * the thread need not go there. What it tells lies in the engine until the end of
 * the round: nothing is opened or closed while packets are matched.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "thread.h"

int sp_namespaces_init(struct sp_verdict_thread *thread)
{
	uint32_t place;

	thread->places = 1 + thread->config.namespaces;
	thread->queues = calloc(thread->places, sizeof(*thread->queues));
	if (!thread->queues ||
	    !sp_batch_init(&thread->batch, SP_QUEUES_BATCH, SP_QUEUES_MESSAGE))
		return ENOMEM;
	for (place = 0; place < thread->places; place++)
		sp_queues_reset(&thread->queues[place]);
	return 0;
}

void sp_namespaces_close(struct sp_verdict_thread *thread)
{
	uint32_t place;

	for (place = 0; thread->queues && place < thread->places; place++)
		sp_queues_close(&thread->queues[place]);
}

void sp_namespaces_clear(struct sp_verdict_thread *thread)
{
	sp_namespaces_close(thread);
	free(thread->queues);
	thread->queues = NULL;
	sp_batch_clear(&thread->batch);
}

/* Not the initial one's; 0: there is none. */
static uint16_t find(const struct sp_verdict_thread *thread, uint64_t netns)
{
	uint16_t place;

	for (place = 1; place < thread->places; place++)
		if (thread->queues[place].netns == netns)
			return place;
	return 0;
}

/* Two sockets there, or none and an errno. */
static int get_sockets(struct sp_verdict_thread *thread, uint64_t netns,
		       int fds[SP_QUEUES_SOCKETS])
{
	int error = sp_kernel_netns_socket(&thread->kernel, netns, &fds[0]);

	if (error)
		return error;
	error = sp_kernel_netns_socket(&thread->kernel, netns, &fds[1]);
	if (error)
		close(fds[0]);
	return error;
}

static int open_at(struct sp_verdict_thread *thread, uint64_t netns, uint16_t place)
{
	struct sp_queues *queues = &thread->queues[place];
	int fds[SP_QUEUES_SOCKETS];
	int error = get_sockets(thread, netns, fds);

	if (!error)
		error = sp_queues_adopt(queues, fds, &thread->config);
	if (!error)
		error = sp_thread_watch_queues(thread, place);
	if (!error)
		error = sp_kernel_netns_set(&thread->kernel, netns,
					    SALLYPORT_NETNS_READY);
	if (error)
		sp_queues_close(queues);
	return error;
}

/*
 * No place left, or somebody there has bound our numbers: what is unknown is
 * refused there. The kernel asks again after a while.
 */
static void wanted(struct sp_verdict_thread *thread, uint64_t netns)
{
	uint16_t place;

	if (find(thread, netns))
		return;
	place = find(thread, 0);
	if (!place || open_at(thread, netns, place))
		sp_kernel_netns_set(&thread->kernel, netns, SALLYPORT_NETNS_REFUSED);
}

void sp_namespaces_leave(struct sp_verdict_thread *thread, uint16_t place)
{
	struct sp_queues *queues = &thread->queues[place];

	sp_kernel_netns_set(&thread->kernel, queues->netns, SALLYPORT_NETNS_REFUSED);
	sp_answer_give_up_netns(&thread->engine, queues->netns);
	sp_release_flush(&thread->engine.release);
	sp_queues_close(queues);
}

void sp_namespaces_serve(struct sp_verdict_thread *thread)
{
	struct sp_netns_news *news = &thread->engine.netns_news;
	uint16_t place;
	size_t i;

	for (i = 0; i < news->count; i++) {
		if (news->list[i].state == SALLYPORT_NETNS_WANTED) {
			wanted(thread, news->list[i].netns);
			continue;
		}
		place = find(thread, news->list[i].netns);
		if (place)
			sp_namespaces_leave(thread, place);
	}
	news->count = 0;
}
