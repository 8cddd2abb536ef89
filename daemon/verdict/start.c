/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting and stopping. Everything is opened before the thread exists, in an
 * order that leaves no gap: the queues are bound when the kernel hears of us,
 * and what it knew from an earlier daemon is judged before the first packet.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "room.h"
#include "thread.h"

#define WAITING_SLACK	64	/* flows that went in the kernel and not yet here */

struct complaint {
	char *message;
	size_t size;
};

__attribute__((format(printf, 2, 3)))
static bool complain(const struct complaint *complaint, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(complaint->message, complaint->size, format, arguments);
	va_end(arguments);
	return false;
}

static bool open_kernel(struct sp_verdict_thread *thread,
			const struct sp_verdict_config *config,
			const struct complaint *complaint)
{
	const struct sp_kernel_listener listener = {
		.tag = sp_news_tag,
		.event = sp_news_event,
		.events_lost = sp_news_events_lost,
		.netns = sp_news_netns,
		.overrun = sp_news_overrun,
		.unloaded = sp_news_unloaded,
		.arg = &thread->engine,
	};
	int error = sp_kernel_open(&thread->kernel, &listener, config->receive_buffer);

	if (error == ENOENT)
		return complain(complaint, "the kernel module \"sallyport\" is not loaded");
	if (error)
		return complain(complaint, "cannot reach the kernel module: %s",
				strerror(error));
	return true;
}

static bool open_queues(struct sp_verdict_thread *thread,
			const struct sp_verdict_config *config,
			const struct complaint *complaint)
{
	uint16_t number;
	int error = sp_namespaces_init(thread);

	if (error)
		return complain(complaint, "no memory");
	error = sp_queues_open(&thread->queues[0], config, &number);
	if (error == EPERM)
		return complain(complaint, "cannot have packet queue %u: another program "
				"has it (a second daemon?), or we are not root", number);
	if (error)
		return complain(complaint, "cannot open packet queue %u: %s", number,
				strerror(error));
	return true;
}

static bool open_observers(struct sp_verdict_thread *thread,
			   const struct sp_verdict_config *config,
			   const struct complaint *complaint)
{
	int error;

	if (!config->queue_observe)
		return true;
	error = sp_observe_open(&thread->observe, config->queue_observe,
				config->receive_buffer);
	if (error)
		return complain(complaint, "cannot open packet queue %u, of DNS replies: %s",
				config->queue_observe, strerror(error));
	return true;
}

static const char *hello_words(int error)
{
	switch (error) {
	case EBUSY:
		return "another daemon is running";
	case EPROTONOSUPPORT:
		return "kernel module and daemon are of different versions; "
		       "load the module that belongs to this daemon";
	case EPERM:
		return "only root of the machine can be the daemon";
	}
	return strerror(error);
}

static bool say_hello(struct sp_verdict_thread *thread,
		      const struct sp_verdict_config *config,
		      const struct complaint *complaint)
{
	uint32_t observer = config->queue_observe ? thread->observe.queries.port : 0;
	int error = sp_kernel_hello(&thread->kernel, config, observer, &thread->hello);

	if (error)
		return complain(complaint, "the kernel module refuses us: %s",
				hello_words(error));
	thread->engine.epoch = thread->hello.epoch;
	error = sp_kernel_configure(&thread->kernel, config);
	if (error)
		return complain(complaint, "the kernel module refuses its configuration: %s",
				strerror(error));
	return true;
}

static int prepare_engine(struct sp_verdict_thread *thread,
			  const struct sp_verdict_config *config,
			  struct sp_snapshot *snapshot)
{
	struct sp_engine *engine = &thread->engine;
	struct sp_engine_sizes sizes;
	struct sp_status status;
	int error = sp_kernel_calls.status(&thread->kernel, &status);

	if (error)
		return error;
	sizes.waiting = sp_room_in_flight(&config->limits).total + WAITING_SLACK;
	sizes.verdicts = status.tables.verdicts_max;
	engine->limits = config->limits;
	engine->calls = &sp_kernel_calls;
	engine->kernel = &thread->kernel;
	engine->release.queue_wait = config->queue_wait;
	engine->release.send = sp_queues_send;
	engine->release.sockets = thread->queues;
	engine->release.queue_observe = config->queue_observe;
	engine->release.send_observed = sp_observe_send;
	engine->release.observer = &thread->observe;
	engine->learned.observes = config->queue_observe != 0;
	engine->needs.source = config->facts;
	if (config->facts)
		config->facts->begin(config->facts->data);
	error = sp_engine_init(engine, snapshot, &sizes);
	if (error)
		return error;
	engine->stops = config->stops;
	sp_rule_names_begin(&engine->rule_names, config->renumbered);
	sp_names_set_own_only(engine->learned.observer.names, config->own_names);
	sp_observer_set_resolvers(&engine->learned.observer, config->resolvers.addresses,
				  config->resolvers.count);
	sp_places_set_resolvers(&engine->places, &config->resolvers);
	sp_places_set_networks(&engine->places, &config->networks);
	return 0;
}

/* Names and networks of devices come first: rules may look at them. */
static int judge_first(struct sp_verdict_thread *thread)
{
	int error = sp_links_open(&thread->links);

	if (!error)
		error = sp_places_open(&thread->engine.places);
	if (error)
		return error;
	sp_links_read(&thread->links, &thread->engine.interfaces);
	sp_places_read(&thread->engine.places);
	return sp_sweep_first(&thread->engine);
}

/*
 * What was asked for under an earlier daemon. What it knew and we don't, and what passed
 * while there was none, could be any address's name.
 */
static void recall_names(struct sp_verdict_thread *thread,
			 const struct sp_verdict_config *config,
			 const struct complaint *complaint)
{
	struct sp_engine *engine = &thread->engine;
	struct sp_now now;
	bool all = false;
	int error = 0;

	if (!config->queue_observe)
		return;
	engine->read_clocks(&now);
	sp_observer_begin(&engine->learned.observer, now.boot);
	if (config->names)
		error = sp_names_keep(engine->learned.observer.names, config->names,
				      thread->hello.instance, &all);
	sp_learn_missed(engine, thread->hello.missed);
	if (thread->hello.epoch && !all)
		sp_learn_missed(engine, now.boot);
	if (error)
		complain(complaint, "names of hosts will be forgotten with this daemon: %s: %s",
			 config->names, strerror(error));
}

static bool prepare(struct sp_verdict_thread *thread,
		    const struct sp_verdict_config *config,
		    struct sp_snapshot *snapshot, const struct complaint *complaint)
{
	int error = prepare_engine(thread, config, snapshot);

	if (!error)
		recall_names(thread, config, complaint);
	if (!error)
		error = sp_commands_init(thread);
	if (!error)
		error = judge_first(thread);
	if (!error)
		error = sp_thread_prepare(thread);
	if (!error)
		error = sp_thread_run(thread);
	if (error)
		return complain(complaint, "cannot start judging: %s", strerror(error));
	return true;
}

/* What is 0 is the default; the kernel would keep what it was told last. */
static struct sp_verdict_config complete(const struct sp_verdict_config *config)
{
	struct sp_verdict_config full = *config;
	struct sallyport_pending_limits *limits = &full.limits;

	limits->image = limits->image ? limits->image : 8;
	limits->user = limits->user ? limits->user : 64;
	limits->total = limits->total ? limits->total : 256;
	limits->total = limits->total < 4096 ? limits->total : 4096;
	limits->seconds = limits->seconds ? limits->seconds : 60;
	return full;
}

static struct sp_verdict_thread *create(void)
{
	struct sp_verdict_thread *thread;

	thread = aligned_alloc(64, (sizeof(*thread) + 63) / 64 * 64);
	if (!thread)
		return NULL;
	memset(thread, 0, sizeof(*thread));
	thread->epoll = thread->timer = thread->patience = thread->lull = -1;
	thread->kernel.request.fd = thread->kernel.listing.fd = -1;
	thread->kernel.news.fd = -1;
	thread->links.netlink.fd = thread->engine.places.netlink.fd = -1;
	thread->observe.queries.fd = thread->observe.replies.fd = -1;
	return thread;
}

static void destroy(struct sp_verdict_thread *thread)
{
	sp_thread_clear(thread);
	free(thread);
}

struct sp_verdict_thread *sp_verdict_start(const struct sp_verdict_config *config,
					   struct sp_snapshot *snapshot,
					   char *message, size_t size)
{
	const struct sp_verdict_config full = complete(config);
	const struct complaint complaint = { message, size };
	struct sp_verdict_thread *thread = create();

	if (!thread) {
		complain(&complaint, "no memory");
		return NULL;
	}
	thread->config = full;
	complain(&complaint, "%s", "");
	if (open_kernel(thread, &full, &complaint) &&
	    open_queues(thread, &full, &complaint) &&
	    open_observers(thread, &full, &complaint) &&
	    say_hello(thread, &full, &complaint) &&
	    prepare(thread, &full, snapshot, &complaint))
		return thread;
	destroy(thread);
	return NULL;
}

void sp_verdict_stop(struct sp_verdict_thread *thread)
{
	if (!thread)
		return;
	atomic_store(&thread->stop, true);
	sp_mailbox_poke(&thread->commands);
	pthread_join(thread->pthread, NULL);
	destroy(thread);
}
