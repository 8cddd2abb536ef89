/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A verdict thread without a kernel, for tests of the daemon on the bus. It
 * reads commands from standard input, a line each, and writes what the daemon
 * tells it, and what became of each flow, to standard output:
 *
 *	ask ID KEY=VALUE…	a flow waits; decided under the snapshot in force.
 *				Keys: uid image path flags traced pid remote port local
 *				protocol direction process interface own (the name
 *				that the program looked up)
 *	late ID KEY=VALUE…	more is known of it. Keys: own other doubtful (a
 *				name of its remote), hash
 *	gone ID ended|expired	it does not any more
 *	record uid=N …		for the history; keys as above, and count, rule, action,
 *				by: whose doing it was
 *	flow uid=N …		is open, since 10 s; keys as above, and out, in: bytes
 *	ended			none is open any more
 *	hold, release		DONE is kept back; is delivered
 *	refuse ERRNO		the next DONE of a snapshot, answer, mode or end has this error
 *	quit PROCESS		nothing of it runs any more
 *	stop ERRNO		the thread fails
 *	echo TEXT		says TEXT: everything before it was done
 *
 *	snapshot RULES [stops]	decided ID ACTION RULE	asked ID RULE
 *	answered ID ACTION BY ONCE
 *	mode normal|off
 *	networks settling|settled NUMBER=NAME…
 *	lives PROCESS CGROUP	somebody asked
 *	listed COUNT		end PORT: a flow to that port is to be ended
 *
 * Every process runs the program in the file named by SALLYPORT_FAKE_PROGRAM ("PATH
 * IMAGE-FLAGS PROCESS-FLAGS NUMBER"); "-", or without it: the packaged agent.
 * While the file named by SALLYPORT_FAKE_ABSENT is there, the module is not.
 * With SALLYPORT_FAKE_OFF it judges nothing, until it is told to.
 * The decisions are the policy library's own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "facts.h"
#include "fake_verdict.h"

static bool reading;

struct sp_verdict_thread *sp_verdict_start(const struct sp_verdict_config *config,
					   struct sp_snapshot *snapshot,
					   char *message, size_t size)
{
	const char *absent = getenv("SALLYPORT_FAKE_ABSENT");
	struct sp_verdict_thread *t;
	pthread_t reader;

	if (absent && !access(absent, F_OK)) {
		snprintf(message, size, "the kernel module is not there");
		return NULL;
	}
	t = calloc(1, sizeof(*t));
	t->snapshot = sp_snapshot_ref(snapshot);
	t->mode = config->set_mode ? config->mode : getenv("SALLYPORT_FAKE_OFF") ?
		  SALLYPORT_MODE_OFF : SALLYPORT_MODE_NORMAL;
	t->networks = config->networks;
	t->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	pthread_mutex_lock(&fake_lock);
	fake_current = t;
	printf("started %zu\n", sp_snapshot_count(snapshot));
	if (config->renumbered)
		printf("renumbered %llu\n", (unsigned long long)config->renumbered);
	if (config->set_mode)
		printf("mode %s\n", t->mode == SALLYPORT_MODE_OFF ? "off" : "normal");
	fflush(stdout);
	if (!reading && !pthread_create(&reader, NULL, fake_read_commands, NULL)) {
		pthread_detach(reader);
		reading = true;
	}
	pthread_mutex_unlock(&fake_lock);
	return t;
}

void sp_verdict_stop(struct sp_verdict_thread *t)
{
	struct sp_report r;

	if (!t)
		return;
	while (sp_verdict_report(t, &r))
		if (r.kind == SP_REPORT_ASK)
			free(r.ask.waiting);
		else if (r.kind == SP_REPORT_FLOWS)
			sp_flow_list_free(r.flows.list);
		else if (r.kind == SP_REPORT_PROGRAM)
			free(r.program.program);
	pthread_mutex_lock(&fake_lock);
	fake_current = NULL;
	for (int i = 0; i < FLOWS; i++)
		free(t->flows[i]);
	fake_close_open(t);
	sp_snapshot_unref(t->snapshot);
	close(t->fd);
	free(t);
	pthread_mutex_unlock(&fake_lock);
}

int sp_verdict_fd(struct sp_verdict_thread *t)
{
	return t->fd;
}

bool sp_verdict_report(struct sp_verdict_thread *t, struct sp_report *r)
{
	uint64_t count;
	bool any;

	pthread_mutex_lock(&fake_lock);
	any = t->tail != t->head;
	if (any)
		*r = t->reports[t->tail++ % REPORTS];
	else if (read(t->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		abort();
	pthread_mutex_unlock(&fake_lock);
	return any;
}

uint64_t sp_verdict_set_snapshot(struct sp_verdict_thread *t, struct sp_snapshot *snapshot,
				 bool stops)
{
	uint64_t serial;

	pthread_mutex_lock(&fake_lock);
	if (sp_snapshot_epoch(snapshot) <= sp_snapshot_epoch(t->snapshot))
		printf("error epoch\n");
	sp_snapshot_unref(t->snapshot);
	t->snapshot = sp_snapshot_ref(snapshot);
	printf("snapshot %zu%s\n", sp_snapshot_count(snapshot), stops ? " stops" : "");
	fake_decide_again(t);
	serial = ++t->serial;
	fake_done(t, serial);
	fflush(stdout);
	pthread_mutex_unlock(&fake_lock);
	return serial;
}

uint64_t sp_verdict_answer(struct sp_verdict_thread *t, const uint64_t *pending, size_t count,
			   enum sp_action action, enum sp_record_by by, bool once)
{
	uint64_t serial;

	pthread_mutex_lock(&fake_lock);
	for (size_t i = 0; i < count; i++) {
		int slot = fake_slot_of(t, pending[i]);

		if (slot < 0)
			continue;
		printf("answered %llu %s %s %d\n", (unsigned long long)pending[i],
		       fake_action_name(action), fake_by_name(by), once);
		fake_gone(t, slot, SP_GONE_ANSWERED);
	}
	serial = ++t->serial;
	fake_done(t, serial);
	fflush(stdout);
	pthread_mutex_unlock(&fake_lock);
	return serial;
}

uint64_t sp_verdict_tell(struct sp_verdict_thread *t, const struct sp_dns_reply *reply)
{
	uint64_t serial;

	(void)reply;
	pthread_mutex_lock(&fake_lock);
	serial = ++t->serial;
	fake_accept(t, serial);
	pthread_mutex_unlock(&fake_lock);
	return serial;
}

uint64_t sp_verdict_set_resolvers(struct sp_verdict_thread *t,
				  const struct sp_verdict_resolvers *resolvers)
{
	uint64_t serial;

	(void)resolvers;
	pthread_mutex_lock(&fake_lock);
	serial = ++t->serial;
	fake_accept(t, serial);
	pthread_mutex_unlock(&fake_lock);
	return serial;
}

uint64_t sp_verdict_set_networks(struct sp_verdict_thread *t,
				 const struct sp_verdict_networks *networks)
{
	uint64_t serial;

	pthread_mutex_lock(&fake_lock);
	t->networks = *networks;
	printf("networks %s", networks->settling ? "settling" : "settled");
	for (size_t i = 0; i < networks->count; i++)
		printf(" %u=%s", networks->list[i].ifindex, networks->list[i].name);
	printf("\n");
	fake_decide_again(t);
	serial = ++t->serial;
	fake_accept(t, serial);
	fflush(stdout);
	pthread_mutex_unlock(&fake_lock);
	return serial;
}

uint64_t sp_verdict_status(struct sp_verdict_thread *t)
{
	struct sp_report r = { .kind = SP_REPORT_STATUS };

	pthread_mutex_lock(&fake_lock);
	r.status.serial = ++t->serial;
	r.status.epoch = sp_snapshot_epoch(t->snapshot);
	r.status.stats[SALLYPORT_STAT_UPCALL] = 7;
	r.status.tables.flows_max = 65536;
	r.status.mode = t->mode;
	strcpy(r.status.module_version, "fake");
	fake_report(t, &r);
	pthread_mutex_unlock(&fake_lock);
	return r.status.serial;
}

uint64_t sp_verdict_set_mode(struct sp_verdict_thread *t, uint8_t mode)
{
	uint64_t serial;

	pthread_mutex_lock(&fake_lock);
	t->mode = mode;
	printf("mode %s\n", mode == SALLYPORT_MODE_OFF ? "off" : "normal");
	serial = ++t->serial;
	fake_done(t, serial);
	fflush(stdout);
	pthread_mutex_unlock(&fake_lock);
	return serial;
}

static void read_program(struct sp_program *program)
{
	const char *name = getenv("SALLYPORT_FAKE_PROGRAM");
	FILE *file = name ? fopen(name, "r") : NULL;
	unsigned long long number;

	strcpy(program->path, "-");
	if (file && fscanf(file, "%4095s %u %u %llu", program->path, &program->image_flags,
			   &program->process_flags, &number) == 4)
		program->process = number;
	if (file)
		fclose(file);
	if (!strcmp(program->path, "-"))
		strcpy(program->path, FAKE_AGENT_PATH);
}

uint64_t sp_verdict_program(struct sp_verdict_thread *t, uint32_t pid)
{
	struct sp_report r = { .kind = SP_REPORT_PROGRAM };

	pthread_mutex_lock(&fake_lock);
	r.program.serial = ++t->serial;
	r.program.program = calloc(1, sizeof(*r.program.program));
	r.program.program->process = pid;
	read_program(r.program.program);
	fake_report(t, &r);
	pthread_mutex_unlock(&fake_lock);
	return r.program.serial;
}

uint64_t sp_verdict_lives(struct sp_verdict_thread *t, uint64_t process, uint64_t cgroup)
{
	uint64_t serial;

	pthread_mutex_lock(&fake_lock);
	printf("lives %llu %llu\n", (unsigned long long)process, (unsigned long long)cgroup);
	serial = ++t->serial;
	if (process && process == t->quit)
		fake_fail(t, serial, ENOENT);
	else
		fake_accept(t, serial);
	fflush(stdout);
	pthread_mutex_unlock(&fake_lock);
	return serial;
}

static const char *path_of(void *arg, uint64_t image)
{
	struct sp_verdict_thread *t = arg;

	for (size_t i = 0; i < t->open_count; i++)
		if (t->open[i]->flow.image == image)
			return t->open[i]->path;
	return NULL;
}

uint64_t sp_verdict_flows(struct sp_verdict_thread *t)
{
	struct sp_report r = { .kind = SP_REPORT_FLOWS };
	struct sp_flow_list *list = sp_flow_list_new();

	pthread_mutex_lock(&fake_lock);
	list->real = fake_now();
	list->boot = 100000000000;
	for (size_t i = 0; i < t->open_count; i++) {
		struct sallyport_counts counts = {
			.rule = 3, .action = SALLYPORT_ALLOW, .packets = { 4, 5 },
			.created = list->boot - 10000000000, .used = list->boot - 1000000000,
			.bytes = { t->bytes[i][0], t->bytes[i][1] },
		};

		sp_flow_list_add(list, &t->open[i]->flow, &counts);
	}
	sp_flow_list_name(list, path_of, t);
	printf("listed %zu\n", list->count);
	r.flows.serial = ++t->serial;
	r.flows.list = list;
	fake_report(t, &r);
	fflush(stdout);
	pthread_mutex_unlock(&fake_lock);
	return r.flows.serial;
}

uint64_t sp_verdict_end_flows(struct sp_verdict_thread *t, const struct sallyport_flow_ref *refs,
			      size_t count)
{
	uint64_t serial;

	pthread_mutex_lock(&fake_lock);
	for (size_t i = 0; i < count; i++)
		printf("end %u\n", ntohs(refs[i].remote_port));
	serial = ++t->serial;
	fake_done(t, serial);
	fflush(stdout);
	pthread_mutex_unlock(&fake_lock);
	return serial;
}

uint64_t sp_verdict_heartbeat(const struct sp_verdict_thread *t)
{
	return t->beat;
}
