/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every request of a daemon. One that fails changes nothing, and none is said to
 * have worked that did not, whatever else there was no memory for.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "failing.h"
#include "kernel.h"
#include "walk.h"

#define FIRST_PORT	20000

static const struct sp_kernel_calls *const calls = &sp_kernel_calls;
static const struct sp_kernel_listener deaf;
/* Nobody binds these queues: what goes there is lost, and its flow waits. */
static const struct sp_verdict_config config = {
	.queue_first = 47000, .queue_count = 1, .queue_wait = 47100,
	.absent_out = SALLYPORT_DENY, .absent_in = SALLYPORT_DENY,
	.limits = { .image = 256, .user = 256, .total = 256, .seconds = 600 },
};

/* What is there while we speak to the module. */
struct talk {
	struct sp_kernel kernel;
	uint64_t epoch, last_verdict;
	struct sallyport_tables tables;		/* after the last check */
	struct sallyport_pending waiting;	/* a flow that waits */
	uint16_t port;				/* its remote port */
	int sender;		/* a word there makes another program send a packet */
	pid_t sender_pid;
	uint32_t listed;
};

/* --- a program whose flows wait ------------------------------------------------ */

static void send_first(uint16_t port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(0xc0000202),	/* 192.0.2.2 */
	};
	static int fd = -1;

	if (fd >= 0)
		close(fd);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || (sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) < 0 &&
		       errno != EPERM && errno != ECONNREFUSED))
		err(1, "a packet that is to wait");
}

static void serve_packets(int fd)
{
	uint16_t port;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(fd, &port, sizeof(port)) == sizeof(port)) {
		send_first(port);
		if (write(fd, "", 1) != 1)
			break;
	}
	_exit(0);
}

static void start_sender(struct talk *talk)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		err(1, "socketpair");
	talk->sender_pid = fork();
	if (talk->sender_pid < 0)
		err(1, "fork");
	if (talk->sender_pid == 0) {
		close(pair[0]);
		serve_packets(pair[1]);
	}
	close(pair[1]);
	talk->sender = pair[0];
}

static void stop_sender(struct talk *talk)
{
	close(talk->sender);
	waitpid(talk->sender_pid, NULL, 0);
}

static void take_waiting(const struct sp_tag *tag, void *arg)
{
	struct talk *talk = arg;

	if (tag->pending.flow.remote_port == htons(talk->port))
		talk->waiting = tag->pending;
}

static bool make_waiting(struct talk *talk)
{
	char done;

	talk->port++;
	talk->waiting.id = 0;
	if (write(talk->sender, &talk->port, sizeof(talk->port)) < 0 ||
	    read(talk->sender, &done, 1) != 1)
		err(1, "the sender is gone");
	if (!calls->waiting(&talk->kernel, take_waiting, talk) && talk->waiting.id)
		return true;
	puts("a packet was sent, and no flow waits for an answer");
	return false;
}

/* --- checks -------------------------------------------------------------------- */

/* The tables now; talk->tables is as it was before. */
static bool look(struct talk *talk, struct sallyport_tables *now)
{
	struct sp_status status;
	int error = calls->status(&talk->kernel, &status);

	if (error)
		printf("no figures: %s\n", strerror(error));
	*now = status.tables;
	return !error;
}

/* Grew @what, of which there were @before, by one exactly if there was no error? */
static bool grew(const char *what, uint32_t before, uint32_t after, int error)
{
	if (after - before == (error ? 0u : 1u))
		return true;
	printf("%s: %u before and %u after %s\n", what, before, after,
	       error ? "an error" : "success");
	return false;
}

static void find_waiting(const struct sp_tag *tag, void *arg)
{
	struct talk *talk = arg;

	talk->listed += tag->pending.id == talk->waiting.id;
}

/* One that was answered keeps its place until what it held is back, which nobody gives. */
static bool waits_unless_answered(struct talk *talk, int error)
{
	talk->listed = 0;
	if (calls->waiting(&talk->kernel, find_waiting, talk))
		return false;
	if (talk->listed == (error ? 1u : 0u))
		return true;
	printf("the flow %s after %s\n", talk->listed ? "waits" : "does not wait",
	       error ? "an error" : "success");
	return false;
}

static bool nothing_to_check(int error, void *arg) { return true; }

/* --- arriving ------------------------------------------------------------------ */

static int hello(void *arg)
{
	struct talk *talk = arg;
	struct sp_hello answer;
	int error = sp_kernel_open(&talk->kernel, &deaf, 0);

	if (error)
		return error;
	error = sp_kernel_hello(&talk->kernel, &config, 0, &answer);
	talk->epoch = answer.epoch;
	return error;
}

/* The sockets were closed, so that nobody is the daemon. */
static bool is_gone(int error, void *arg)
{
	struct talk *talk = arg;

	if (talk->kernel.out)
		sp_kernel_close(&talk->kernel);
	if (error != EBUSY)
		return true;
	puts("a daemon that failed to become one is taken for one");
	return false;
}

static int configure(void *arg)
{
	return sp_kernel_configure(&((struct talk *)arg)->kernel, &config);
}

/* --- verdicts ------------------------------------------------------------------ */

/* For the waiting flow's port alone: each is another verdict. */
static struct sallyport_verdict verdict_of(const struct talk *talk)
{
	const struct sallyport_flow *flow = &talk->waiting.flow;

	return (struct sallyport_verdict){
		.id = talk->last_verdict, .image = flow->image, .uid = flow->uid,
		.direction = flow->direction, .action = SALLYPORT_DENY,
		.match = SALLYPORT_MATCH_PROTOCOL | SALLYPORT_MATCH_REMOTE_PORT,
		.protocol = flow->protocol, .remote_port = flow->remote_port,
	};
}

static int push(void *arg)
{
	struct talk *talk = arg;
	struct sallyport_verdict verdict = verdict_of(talk);
	uint64_t id = talk->waiting.id;

	return calls->push(&talk->kernel, &verdict, talk->epoch, &id, 1);
}

static bool check_push(int error, void *arg)
{
	struct talk *talk = arg;
	struct sallyport_tables was = talk->tables, *now = &talk->tables;

	talk->last_verdict++;
	return look(talk, now) &&
	       grew("verdicts", was.verdicts, now->verdicts, error) &&
	       waits_unless_answered(talk, error) &&
	       (error || (make_waiting(talk) && look(talk, now)));
}

static int forget(void *arg)
{
	struct talk *talk = arg;
	const struct sallyport_verdict verdict = verdict_of(talk);
	const struct sallyport_verdict_ref ref = {
		.id = verdict.id - 1, .image = verdict.image, .uid = verdict.uid,
		.direction = verdict.direction,
	};

	return calls->forget(&talk->kernel, &ref, 1);
}

static int set_epoch(void *arg)
{
	struct talk *talk = arg;

	return calls->set_epoch(&talk->kernel, talk->epoch + 1);
}

static bool check_epoch(int error, void *arg)
{
	struct talk *talk = arg;
	struct sp_status status;

	if (calls->status(&talk->kernel, &status) ||
	    status.epoch != talk->epoch + !error) {
		puts("the epoch is not what it was said to be");
		return false;
	}
	talk->epoch = status.epoch;
	return true;
}

/* --- flows --------------------------------------------------------------------- */

static int resolve(void *arg)
{
	struct talk *talk = arg;
	uint64_t id = talk->waiting.id;

	return calls->resolve(&talk->kernel, SALLYPORT_ALLOW, 0, talk->epoch, &id, 1);
}

static bool check_resolve(int error, void *arg)
{
	struct talk *talk = arg;

	return waits_unless_answered(talk, error) && (error || make_waiting(talk));
}

static int end_flows(void *arg)
{
	struct talk *talk = arg;
	const struct sallyport_flow *flow = &talk->waiting.flow;
	struct sallyport_flow_ref ref = {
		.cookie = flow->cookie, .remote_port = flow->remote_port,
		.local_port = flow->local_port, .ifindex = flow->ifindex,
		.protocol = flow->protocol, .family = flow->family,
	};

	memcpy(ref.remote, flow->remote, sizeof(ref.remote));
	return calls->end_flows(&talk->kernel, &ref, 1, false);
}

/* --- questions ----------------------------------------------------------------- */

static int ask_status(void *arg)
{
	struct sp_status status;

	return calls->status(&((struct talk *)arg)->kernel, &status);
}

static int ask_image(void *arg)
{
	static struct sp_image_record record;
	struct talk *talk = arg;

	return calls->image(&talk->kernel, talk->waiting.flow.image, &record);
}

static void count_verdict(const struct sallyport_verdict *verdict, void *arg)
{
	((struct talk *)arg)->listed++;
}

static void count_flow(const struct sallyport_flow *flow,
		       const struct sallyport_counts *counts, void *arg)
{
	((struct talk *)arg)->listed++;
}

static void count_waiting(const struct sp_tag *tag, void *arg)
{
	((struct talk *)arg)->listed++;
}

static int list_verdicts(void *arg)
{
	struct talk *talk = arg;

	talk->listed = 0;
	return calls->verdicts(&talk->kernel, count_verdict, talk);
}

static int list_flows(void *arg)
{
	return calls->flows(&((struct talk *)arg)->kernel, count_flow, arg);
}

static int list_waiting(void *arg)
{
	struct talk *talk = arg;

	talk->listed = 0;
	return calls->waiting(&talk->kernel, count_waiting, talk);
}

/* A list that is said to be whole has all; of flows that wait there is always one. */
static bool is_whole(uint32_t listed, uint32_t there, int error)
{
	if (error || listed == there)
		return true;
	printf("%u of %u are in the list\n", listed, there);
	return false;
}

static bool check_verdicts(int error, void *arg)
{
	struct talk *talk = arg;

	return look(talk, &talk->tables) &&
	       is_whole(talk->listed, talk->tables.verdicts, error);
}

static bool check_waiting(int error, void *arg)
{
	struct talk *talk = arg;

	return is_whole(talk->listed, 1, error);
}

static const struct {
	const char *name;
	int (*run)(void *arg);
	bool (*check)(int error, void *arg);
} requests[] = {
	{ "configuration", configure, nothing_to_check },
	{ "verdict for a flow that waits", push, check_push },
	{ "answer to a flow that waits", resolve, check_resolve },
	{ "new policy", set_epoch, check_epoch },
	{ "figures", ask_status, nothing_to_check },
	{ "image", ask_image, nothing_to_check },
	{ "list of verdicts", list_verdicts, check_verdicts },
	{ "list of flows", list_flows, nothing_to_check },
	{ "list of what waits", list_waiting, check_waiting },
	{ "flow to end", end_flows, nothing_to_check },
	{ "verdict to delete", forget, nothing_to_check },
};

static bool walk_requests(struct talk *talk)
{
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		const struct walk steps = {
			.what = requests[i].name, .run = requests[i].run,
			.check = requests[i].check, .arg = talk,
		};

		if (!walk(&steps))
			return false;
	}
	return true;
}

bool failing_requests(void)
{
	struct talk talk = { .last_verdict = 1, .port = FIRST_PORT };
	const struct walk arrival = {
		.what = "arrival", .run = hello, .check = is_gone, .arg = &talk,
	};
	bool done;

	if (!walk(&arrival))
		return false;
	start_sender(&talk);
	done = !hello(&talk) && !calls->set_epoch(&talk.kernel, ++talk.epoch) &&
	       !configure(&talk) && make_waiting(&talk) &&
	       look(&talk, &talk.tables) && walk_requests(&talk);
	stop_sender(&talk);
	sp_kernel_close(&talk.kernel);
	return done;
}
