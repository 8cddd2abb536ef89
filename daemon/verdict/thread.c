/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop: sleeps until something is there, then goes once round in a fixed
 * order. What changes the policy comes before packets, and a round ends with
 * every flow judged and every verdict on its way. An idle thread does not wake: of its
 * timers the one that runs often is armed by the first record that the main loop has
 * not been told of, once for all that follow. (A time-out of each wait would be set and
 * taken back for each flow.)
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "thread.h"

#define RETRY_AFTER	1000000000	/* ns */
#define NEVER		(1ll << 40)	/* s of CLOCK_REALTIME */
#define EVENTS		32		/* of one round */
#define LULL		20000000	/* ns */
#define PRECEDENCE	(-10)		/* nice */

/* From QUEUES on two for each place: its fast queues, its waiting queue. */
enum source {
	COMMANDS, LINKS, PLACES, TIMER, PATIENCE, LULLED, NEWS, FACTS, QUERIES, REPLIES,
	QUEUES,
};

/* What is there in this round: the sources before QUEUES, and queues. */
struct ready {
	bool source[QUEUES];
	unsigned int count;
	uint32_t queues[EVENTS];
};

static int watch(const struct sp_verdict_thread *thread, int fd, uint32_t source)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = source };

	return epoll_ctl(thread->epoll, EPOLL_CTL_ADD, fd, &event) ? errno : 0;
}

static int watch_all(struct sp_verdict_thread *thread)
{
	const int fds[QUEUES] = {
		[COMMANDS] = thread->commands.fd,
		[LINKS] = thread->links.netlink.fd,
		[PLACES] = thread->engine.places.netlink.fd,
		[TIMER] = thread->timer,
		[PATIENCE] = thread->patience,
		[LULLED] = thread->lull,
		[NEWS] = thread->kernel.news.fd,
		[FACTS] = thread->config.facts ? thread->config.facts->fd : -1,
		[QUERIES] = thread->observe.queries.fd,
		[REPLIES] = thread->observe.replies.fd,
	};
	int error = 0;
	enum source source;

	for (source = 0; source < QUEUES && !error; source++)
		if (fds[source] >= 0)
			error = watch(thread, fds[source], source);
	return error ? error : sp_thread_watch_queues(thread, 0);
}

int sp_thread_watch_queues(struct sp_verdict_thread *thread, uint16_t place)
{
	const struct sp_queues *queues = &thread->queues[place];
	uint32_t source = QUEUES + 2u * place;
	int error = watch(thread, queues->fast.fd, source);

	return error ? error : watch(thread, queues->waiting.fd, source + 1);
}

/* When decisions may change, or when a failed sweep is tried again. */
static int64_t next_moment(const struct sp_verdict_thread *thread)
{
	int64_t change = thread->engine.next_change;

	if (thread->retry && (!change || thread->retry < change))
		return thread->retry;
	return change;
}

/* It is always armed, if far away: a clock that is set cancels it. */
static void arm(struct sp_verdict_thread *thread)
{
	int64_t when = next_moment(thread);
	struct itimerspec spec = {
		.it_value.tv_sec = when ? when / 1000000000 : NEVER,
		.it_value.tv_nsec = when % 1000000000,
	};

	if (when == thread->armed)
		return;
	thread->armed = when;
	timerfd_settime(thread->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
			&spec, NULL);
}

/* The clock was set, or a moment came. Then a retry is due, too: it was by that clock. */
static void take_timer(struct sp_verdict_thread *thread)
{
	struct sp_engine *engine = &thread->engine;
	uint64_t count;
	ssize_t size = read(thread->timer, &count, sizeof(count));

	if (size < 0 && errno != ECANCELED)
		return;
	thread->armed = -1;
	if (size > 0 || thread->retry || engine->next_change || sp_snapshot_expires(engine->snapshot))
		engine->sweep_wanted = true;
}

/* When patience with facts ends, or open flows are to be judged by new names. */
static uint64_t next_patience(const struct sp_engine *engine)
{
	uint64_t deadline = engine->needs.deadline, lists = sp_learn_lists_at(&engine->learned);

	return !deadline || (lists && lists < deadline) ? lists : deadline;
}

/* On a clock that nobody sets. */
static void arm_patience(struct sp_verdict_thread *thread)
{
	uint64_t when = next_patience(&thread->engine);
	struct itimerspec spec = {
		.it_value.tv_sec = (time_t)(when / 1000000000u),
		.it_value.tv_nsec = (long)(when % 1000000000u),
	};

	if (when == thread->patience_armed)
		return;
	thread->patience_armed = when;
	timerfd_settime(thread->patience, TFD_TIMER_ABSTIME, &spec, NULL);
}

static void take_patience(struct sp_verdict_thread *thread)
{
	uint64_t count;

	if (read(thread->patience, &count, sizeof(count)) < 0)
		return;
	thread->patience_armed = 0;
	sp_need_expire(&thread->engine);
	sp_learn_list(&thread->engine);
}

static void arm_lull(struct sp_verdict_thread *thread)
{
	const struct itimerspec spec = { .it_value.tv_nsec = LULL };

	if (thread->lull_armed || !sp_reports_are_quiet(&thread->engine.reports))
		return;
	thread->lull_armed = !timerfd_settime(thread->lull, 0, &spec, NULL);
}

static void take_lull(struct sp_verdict_thread *thread)
{
	uint64_t count;

	if (read(thread->lull, &count, sizeof(count)) < 0)
		return;
	thread->lull_armed = false;
	sp_reports_rouse(&thread->engine.reports);
}

static void sweep(struct sp_verdict_thread *thread)
{
	int error = sp_sweep(&thread->engine);
	struct sp_now now;

	thread->retry = 0;
	sp_commands_settle(thread, error);
	if (!error)
		return;
	sp_now_read(&now);
	thread->retry = now.real + RETRY_AFTER;
}

static void take_packet(void *arg, const struct sp_queued *packet)
{
	struct sp_verdict_thread *thread = arg;

	sp_answer_packet(&thread->engine, packet);
}

static void take_packets(struct sp_verdict_thread *thread, uint32_t queue)
{
	uint16_t place = (uint16_t)(queue / 2);

	if (sp_queues_receive(&thread->queues[place], place, queue % 2, &thread->batch,
			      take_packet, thread))
		return;
	if (place)
		sp_namespaces_leave(thread, place);
	else
		thread->engine.fatal = EIO;
}

static void take_policy(struct sp_verdict_thread *thread, const struct ready *ready)
{
	struct sp_engine *engine = &thread->engine;

	if (ready->source[LINKS])
		sp_links_read(&thread->links, &engine->interfaces);
	if (ready->source[PLACES])
		sp_places_read(&engine->places);
	if (ready->source[TIMER])
		take_timer(thread);
	if (ready->source[PATIENCE])
		take_patience(thread);
	if (ready->source[FACTS])
		sp_need_take(engine);
	if (ready->source[COMMANDS])
		sp_commands_carry_out(thread);
	if (engine->sweep_wanted || engine->interfaces.changed || engine->places.changed)
		sweep(thread);
}

/*
 * Names first: who connects has had his answer before. What was told by a command is in
 * the table by now, and is settled with them.
 */
static void take_names(struct sp_verdict_thread *thread, const struct ready *ready)
{
	if (ready->source[REPLIES])
		sp_observe_replies(&thread->observe, &thread->engine);
	else if (ready->source[QUERIES])
		sp_observe_queries(&thread->observe, &thread->engine);
	sp_learn_settle(&thread->engine);
}

static void go_round(struct sp_verdict_thread *thread, const struct ready *ready)
{
	struct sp_engine *engine = &thread->engine;
	unsigned int i;

	if (ready->source[LULLED])
		take_lull(thread);
	take_policy(thread, ready);
	take_names(thread, ready);
	if (ready->source[NEWS])
		engine->calls->read_news(engine->kernel);
	for (i = 0; i < ready->count; i++)
		take_packets(thread, ready->queues[i]);
	if (engine->resync_wanted)
		sp_news_resync(engine);
	sp_answer_all(engine);
	sp_namespaces_serve(thread);
	sp_release_flush(&engine->release);
	sp_installed_prepare(&engine->installed);
	arm(thread);
	arm_patience(thread);
	arm_lull(thread);
}

static int wait_and_go(struct sp_verdict_thread *thread)
{
	struct epoll_event events[EVENTS];
	struct ready ready = { .count = 0 };
	uint32_t source;
	int count, i;

	/* What this round found out too late to be swept in it is not left for the next event. */
	count = epoll_wait(thread->epoll, events, EVENTS, thread->engine.sweep_wanted ? 0 : -1);
	if (count < 0)
		return errno == EINTR ? 0 : errno;
	for (i = 0; i < count; i++) {
		source = events[i].data.u32;
		if (source < QUEUES)
			ready.source[source] = true;
		else
			ready.queues[ready.count++] = source - QUEUES;
	}
	atomic_fetch_add(&thread->rounds, 1);
	go_round(thread, &ready);
	return thread->engine.fatal;
}

static void say_stopped(struct sp_verdict_thread *thread, int error)
{
	struct sp_report report = { .kind = SP_REPORT_STOPPED };
	const char *words = error ? strerror(error) : "";

	if (error == ENODEV)
		words = "the kernel module was unloaded";
	else if (error == EPERM)
		words = "the kernel module does not obey us any more";
	report.stopped.error = error;
	strncpy(report.stopped.message, words, sizeof(report.stopped.message) - 1);
	sp_reports_reply(&thread->engine.reports, &report);
}

/* With the sockets gone the kernel knows that there is no daemon. */
static void close_sockets(struct sp_verdict_thread *thread)
{
	sp_kernel_close(&thread->kernel);
	sp_namespaces_close(thread);
	sp_observe_close(&thread->observe);
	sp_links_close(&thread->links);
	sp_places_close(&thread->engine.places);
}

/*
 * Programs wait for us, so we come before them: one that opens flows as fast as it can
 * would otherwise use our share of the processor up, and the others' flows wait with it. Its
 * own pace is what it costs. Of this thread alone; may be refused, and is then slower.
 */
static void take_precedence(void)
{
	setpriority(PRIO_PROCESS, 0, PRECEDENCE);
}

static void *run(void *arg)
{
	struct sp_verdict_thread *thread = arg;
	int error = 0;

	pthread_setname_np(pthread_self(), "verdict");
	take_precedence();
	arm(thread);
	arm_patience(thread);
	while (!error && !atomic_load(&thread->stop))
		error = wait_and_go(thread);
	close_sockets(thread);
	say_stopped(thread, error);
	return NULL;
}

int sp_thread_prepare(struct sp_verdict_thread *thread)
{
	thread->armed = -1;
	thread->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (thread->epoll < 0)
		return errno;
	thread->timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (thread->timer < 0)
		return errno;
	thread->patience = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (thread->patience < 0)
		return errno;
	thread->lull = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (thread->lull < 0)
		return errno;
	return watch_all(thread);
}

/* Signals are the main loop's. */
int sp_thread_run(struct sp_verdict_thread *thread)
{
	sigset_t all, old;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&thread->pthread, NULL, run, thread);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error;
}

void sp_thread_clear(struct sp_verdict_thread *thread)
{
	close_sockets(thread);
	if (thread->timer >= 0)
		close(thread->timer);
	if (thread->patience >= 0)
		close(thread->patience);
	if (thread->lull >= 0)
		close(thread->lull);
	if (thread->epoll >= 0)
		close(thread->epoll);
	sp_commands_clear(thread);
	sp_namespaces_clear(thread);
	sp_engine_clear(&thread->engine);
}
