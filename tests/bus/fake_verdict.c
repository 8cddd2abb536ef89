/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A verdict thread without a kernel, for tests of the daemon on the bus. It
 * reads commands from standard input, a line each, and writes what the daemon
 * tells it, and what became of each flow, to standard output:
 *
 *	ask ID KEY=VALUE…	a flow waits; decided under the snapshot in force.
 *				Keys: uid image path flags pid remote port local
 *				protocol direction process interface
 *	late ID KEY=VALUE…	more is known of it. Keys: own other doubtful (a
 *				name of its remote), hash
 *	gone ID ended|expired	it does not any more
 *	record uid=N …		for the history; keys as above, and count, rule, action,
 *				by: whose doing it was
 *	flow uid=N …		is open, since 10 s; keys as above, and out, in: bytes
 *	ended			none is open any more
 *	hold, release		DONE is kept back; is delivered
 *	refuse ERRNO		the next DONE has this error
 *	stop ERRNO		the thread fails
 *	echo TEXT		says TEXT: everything before it was done
 *
 *	snapshot RULES [stops]	decided ID ACTION RULE	asked ID RULE
 *	answered ID ACTION BY ONCE
 *	mode normal|off
 *	networks settling|settled NUMBER=NAME…
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
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include "facts.h"
#include "verdict.h"

#define FLOWS		512
#define REPORTS		4096
#define OPEN		4096

/* Everything is under @lock. */
struct sp_verdict_thread {
	struct sp_snapshot *snapshot;
	struct sp_report reports[REPORTS];
	size_t head, tail;
	int fd;
	uint64_t serial, beat;
	bool hold;
	int refuse;
	struct sp_report held[REPORTS];
	size_t held_count;
	struct sp_waiting *flows[FLOWS];
	uint8_t mode;
	struct sp_verdict_networks networks;
	struct sp_waiting *open[OPEN];
	uint64_t bytes[OPEN][2], opened;
	size_t open_count;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sp_verdict_thread *current;
static bool reading;

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void report(struct sp_verdict_thread *t, const struct sp_report *r)
{
	uint64_t one = 1;

	if (t->head - t->tail == REPORTS)
		abort();
	t->reports[t->head++ % REPORTS] = *r;
	if (write(t->fd, &one, sizeof(one)) < 0)
		abort();
}

static void done(struct sp_verdict_thread *t, uint64_t serial)
{
	struct sp_report r = { .kind = SP_REPORT_DONE };

	r.done.serial = serial;
	r.done.error = t->refuse;
	t->refuse = 0;
	if (t->hold)
		t->held[t->held_count++] = r;
	else
		report(t, &r);
}

static int slot_of(const struct sp_verdict_thread *t, uint64_t pending)
{
	for (int i = 0; i < FLOWS; i++)
		if (t->flows[i] && t->flows[i]->pending == pending)
			return i;
	return -1;
}

static void gone(struct sp_verdict_thread *t, int slot, enum sp_gone_reason reason)
{
	struct sp_report r = { .kind = SP_REPORT_GONE };

	r.gone.pending = t->flows[slot]->pending;
	r.gone.reason = reason;
	report(t, &r);
	free(t->flows[slot]);
	t->flows[slot] = NULL;
}

/* As the real one's places.c; what is settling has failed here. */
static void fill_network(const struct sp_verdict_networks *networks, uint32_t ifindex,
			 struct sp_facts *facts)
{
	for (size_t i = 0; i < networks->count; i++) {
		if (networks->list[i].ifindex != ifindex)
			continue;
		facts->network.state = SP_FACT_KNOWN;
		facts->network.text = *networks->list[i].name ? networks->list[i].name : NULL;
	}
}

static void decide(struct sp_verdict_thread *t, const struct sp_waiting *waiting,
		   struct sp_decision *decision)
{
	const char *const parents[] = { waiting->bundle };
	struct sp_flow flow;
	struct sp_facts facts;

	sp_flow_of(&waiting->flow, &flow);
	sp_facts_fill(&facts, &waiting->image, waiting->path_length ? waiting->path : NULL, NULL);
	fill_network(&t->networks, flow.ifindex, &facts);
	facts.parents.state = SP_FACT_KNOWN;
	facts.parents.paths = parents;
	facts.parents.count = *waiting->bundle != 0;
	facts.unit.state = SP_FACT_KNOWN;
	facts.unit.text = *waiting->cgroup.unit ? waiting->cgroup.unit : NULL;
	sp_decide(t->snapshot, &flow, &facts, now(), decision);
}

static const char *action_name(int action)
{
	static const char *const names[] = { "?", "allow", "deny", "drop", "ask" };

	return names[action >= 0 && action <= SP_ASK ? action : 0];
}

static const char *by_name(enum sp_record_by by)
{
	static const char *const names[] = { "rule", "default", "answer", "deadline",
					     "nobody", "kernel", "limit" };

	return names[by];
}

static void decide_again(struct sp_verdict_thread *t)
{
	for (int i = 0; i < FLOWS; i++) {
		struct sp_decision decision;

		if (!t->flows[i])
			continue;
		decide(t, t->flows[i], &decision);
		if (decision.action == SP_ASK)
			continue;
		printf("decided %llu %s %llu\n", (unsigned long long)t->flows[i]->pending,
		       action_name(decision.action), (unsigned long long)decision.rule);
		gone(t, i, SP_GONE_RULE);
	}
}

static bool set_value(struct sp_waiting *w, const char *key, const char *value)
{
	struct sallyport_flow *f = &w->flow;
	unsigned long number = strtoul(value, NULL, 0);

	if (!strcmp(key, "uid")) {
		f->uid = number;
	} else if (!strcmp(key, "image")) {
		f->image = w->image.id = number;
	} else if (!strcmp(key, "process")) {
		f->process = number;
	} else if (!strcmp(key, "bundle")) {
		snprintf(w->bundle, sizeof(w->bundle), "%s", value);
	} else if (!strcmp(key, "unit")) {
		snprintf(w->cgroup.unit, sizeof(w->cgroup.unit), "%s", value);
	} else if (!strcmp(key, "container")) {
		snprintf(w->cgroup.container, sizeof(w->cgroup.container), "docker %s", value);
	} else if (!strcmp(key, "flags")) {
		w->image.flags = number;
	} else if (!strcmp(key, "pid")) {
		f->pid = number;
	} else if (!strcmp(key, "port")) {
		f->remote_port = htons(number);
	} else if (!strcmp(key, "interface")) {
		f->ifindex = number;
	} else if (!strcmp(key, "local")) {
		f->local_port = htons(number);
	} else if (!strcmp(key, "protocol")) {
		f->protocol = number;
	} else if (!strcmp(key, "direction")) {
		f->direction = !strcmp(value, "in");
	} else if (!strcmp(key, "path")) {
		w->path_length = strlen(value);
		strcpy(w->path, value);
	} else if (!strcmp(key, "remote")) {
		if (strchr(value, ':'))
			return inet_pton(AF_INET6, value, f->remote) == 1;
		memset(f->remote, 0, 10);
		memset(f->remote + 10, 0xff, 2);
		return inet_pton(AF_INET, value, f->remote + 12) == 1;
	} else {
		return false;
	}
	return true;
}

/* Bytes as %XX. */
static void unescape(char *text)
{
	char *to = text;
	unsigned int byte;

	for (; *text; text++, to++) {
		*to = *text;
		if (*text == '%' && sscanf(text + 1, "%2x", &byte) == 1) {
			*to = byte;
			text += 2;
		}
	}
	*to = 0;
}

static struct sp_waiting *parse(char **save, unsigned long *count)
{
	struct sp_waiting *w = calloc(1, sizeof(*w));
	char *word;

	w->flow.image = w->image.id = 100;
	w->flow.protocol = 6;
	w->flow.family = 2;
	set_value(w, "remote", "192.0.2.1");
	while ((word = strtok_r(NULL, " ", save))) {
		char *value = strchr(word, '=');

		if (!value)
			continue;
		*value++ = 0;
		unescape(value);
		if (!strcmp(word, "out") || !strcmp(word, "in") || !strcmp(word, "rule") ||
		    !strcmp(word, "action") || !strcmp(word, "by"))
			continue;	/* of whoever wants it */
		if (!strcmp(word, "count"))
			*count = strtoul(value, NULL, 10);
		else if (!set_value(w, word, value))
			printf("error %s\n", word);
	}
	return w;
}

static void command_ask(struct sp_verdict_thread *t, uint64_t id, char **save)
{
	struct sp_report r = { .kind = SP_REPORT_ASK };
	struct sp_decision decision;
	unsigned long count;
	struct sp_waiting *w = parse(save, &count);
	int slot = 0;

	w->pending = id;
	decide(t, w, &decision);
	if (decision.action != SP_ASK) {
		printf("decided %llu %s %llu\n", (unsigned long long)id,
		       action_name(decision.action), (unsigned long long)decision.rule);
		free(w);
		return;
	}
	while (t->flows[slot])
		slot++;
	t->flows[slot] = w;
	printf("asked %llu %llu\n", (unsigned long long)id, (unsigned long long)decision.rule);
	r.ask.waiting = malloc(sizeof(*w));
	*r.ask.waiting = *w;
	r.ask.rule = decision.rule;
	report(t, &r);
}

static enum sp_action action_of(const char *line)
{
	const char *word = strstr(line, "action=");

	for (int action = SP_ALLOW; word && action <= SP_ASK; action++)
		if (!strncmp(word + 7, action_name(action), strlen(action_name(action))))
			return action;
	return SP_ALLOW;
}

static void command_late(struct sp_verdict_thread *t, uint64_t id, char **save)
{
	static const char *const origins[] = { [SP_HOST_BY_ITSELF] = "own",
		[SP_HOST_BY_ANOTHER] = "other", [SP_HOST_BY_ANYONE] = "doubtful" };
	struct sp_report r = { .kind = SP_REPORT_LATE };
	int slot = slot_of(t, id);
	char *word, *value;

	if (slot < 0)
		return;
	while ((word = strtok_r(NULL, " ", save)) && (value = strchr(word, '='))) {
		*value++ = 0;
		if (!strcmp(word, "hash"))
			snprintf(t->flows[slot]->hash, sizeof(t->flows[slot]->hash), "%s", value);
		for (int i = SP_HOST_BY_ITSELF; i <= SP_HOST_BY_ANYONE; i++)
			if (!strcmp(word, origins[i])) {
				t->flows[slot]->host.origin = i;
				snprintf(t->flows[slot]->host.name,
					 sizeof(t->flows[slot]->host.name), "%s", value);
			}
	}
	r.late.pending = id;
	r.late.host = t->flows[slot]->host;
	memcpy(r.late.hash, t->flows[slot]->hash, sizeof(r.late.hash));
	report(t, &r);
}

/* by=NAME in the line; -1: it says nothing of it. */
static int by_of(const char *line)
{
	const char *by = strstr(line, "by=");

	for (int i = SP_BY_RULE; by && i <= SP_BY_LIMIT; i++)
		if (!strncmp(by + 3, by_name(i), strlen(by_name(i))))
			return i;
	return -1;
}

/* As the kernel and the verdict thread tell what became of a flow. */
static void command_record(struct sp_verdict_thread *t, char **save)
{
	int by = by_of(*save);
	static const enum sp_record_event events[] = {
		[SP_ALLOW] = SP_RECORD_DECIDED, [SP_DENY] = SP_RECORD_REFUSED,
		[SP_DROP] = SP_RECORD_REFUSED, [SP_ASK] = SP_RECORD_ASKED,
	};
	struct sp_report r = { .kind = SP_REPORT_RECORD };
	const char *rule = strstr(*save, "rule=");
	unsigned long count = 1;
	struct sp_waiting *w;

	r.record.action = action_of(*save);
	r.record.rule = rule ? strtoull(rule + 5, NULL, 10) : 0;
	r.record.by = rule ? SP_BY_RULE : SP_BY_DEFAULT;
	r.record.event = events[r.record.action];
	if (by >= 0) {
		r.record.event = SP_RECORD_ANSWERED;
		r.record.by = (enum sp_record_by)by;
	}
	w = parse(save, &count);
	r.record.time = now();
	r.record.flow = w->flow;
	snprintf(r.record.path, sizeof(r.record.path), "%.200s", w->path);
	while (count--)
		report(t, &r);
	free(w);
}

static void command_flow(struct sp_verdict_thread *t, char *line)
{
	char *out = strstr(line, "out="), *in = strstr(line, "in=");
	unsigned long count;
	char *save = line;

	if (t->open_count == OPEN)
		abort();
	t->bytes[t->open_count][0] = out ? strtoull(out + 4, NULL, 10) : 0;
	t->bytes[t->open_count][1] = in ? strtoull(in + 3, NULL, 10) : 0;
	t->open[t->open_count] = parse(&save, &count);
	t->open[t->open_count]->flow.cookie = ++t->opened;
	t->open_count++;
}

static void close_open(struct sp_verdict_thread *t)
{
	while (t->open_count)
		free(t->open[--t->open_count]);
}

static void command_gone(struct sp_verdict_thread *t, uint64_t id, const char *reason)
{
	int slot = slot_of(t, id);

	if (slot >= 0)
		gone(t, slot, !strcmp(reason, "ended") ? SP_GONE_ENDED : SP_GONE_EXPIRED);
}

static void command_stop(struct sp_verdict_thread *t, int error)
{
	struct sp_report r = { .kind = SP_REPORT_STOPPED };

	r.stopped.error = error;
	strcpy(r.stopped.message, "as the test said");
	report(t, &r);
}

static void release(struct sp_verdict_thread *t)
{
	t->hold = false;
	for (size_t i = 0; i < t->held_count; i++)
		report(t, &t->held[i]);
	t->held_count = 0;
}

static void command(char *line)
{
	char *save, *name = strtok_r(line, " \n", &save), *word;
	struct sp_verdict_thread *t = current;

	line[strcspn(line, "\n")] = 0;
	if (!name)
		return;
	if (!strcmp(name, "echo")) {
		printf("echo %s\n", strtok_r(NULL, " \n", &save));
		return;
	}
	if (!t) {
		printf("error no thread\n");
		return;
	}
	if (!strcmp(name, "ask") && (word = strtok_r(NULL, " \n", &save))) {
		command_ask(t, strtoull(word, NULL, 10), &save);
	} else if (!strcmp(name, "late") && (word = strtok_r(NULL, " \n", &save))) {
		command_late(t, strtoull(word, NULL, 10), &save);
	} else if (!strcmp(name, "record")) {
		command_record(t, &save);
	} else if (!strcmp(name, "flow")) {
		command_flow(t, save);
	} else if (!strcmp(name, "ended")) {
		close_open(t);
	} else if (!strcmp(name, "gone") && (word = strtok_r(NULL, " \n", &save))) {
		command_gone(t, strtoull(word, NULL, 10), strtok_r(NULL, " \n", &save));
	} else if (!strcmp(name, "hold")) {
		t->hold = true;
	} else if (!strcmp(name, "release")) {
		release(t);
	} else if (!strcmp(name, "refuse")) {
		t->refuse = atoi(strtok_r(NULL, " \n", &save));
	} else if (!strcmp(name, "stop")) {
		command_stop(t, atoi(strtok_r(NULL, " \n", &save)));
	} else {
		printf("error %s\n", name);
	}
}

static void *read_commands(void *unused)
{
	static char line[16384];

	while (fgets(line, sizeof(line), stdin)) {
		char *end = strchr(line, '\n');

		if (end)
			*end = 0;
		pthread_mutex_lock(&lock);
		command(line);
		fflush(stdout);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

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
	pthread_mutex_lock(&lock);
	current = t;
	printf("started %zu\n", sp_snapshot_count(snapshot));
	if (config->set_mode)
		printf("mode %s\n", t->mode == SALLYPORT_MODE_OFF ? "off" : "normal");
	fflush(stdout);
	if (!reading && !pthread_create(&reader, NULL, read_commands, NULL)) {
		pthread_detach(reader);
		reading = true;
	}
	pthread_mutex_unlock(&lock);
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
	pthread_mutex_lock(&lock);
	current = NULL;
	for (int i = 0; i < FLOWS; i++)
		free(t->flows[i]);
	close_open(t);
	sp_snapshot_unref(t->snapshot);
	close(t->fd);
	free(t);
	pthread_mutex_unlock(&lock);
}

int sp_verdict_fd(struct sp_verdict_thread *t)
{
	return t->fd;
}

bool sp_verdict_report(struct sp_verdict_thread *t, struct sp_report *r)
{
	uint64_t count;
	bool any;

	pthread_mutex_lock(&lock);
	any = t->tail != t->head;
	if (any)
		*r = t->reports[t->tail++ % REPORTS];
	else if (read(t->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		abort();
	pthread_mutex_unlock(&lock);
	return any;
}

uint64_t sp_verdict_set_snapshot(struct sp_verdict_thread *t, struct sp_snapshot *snapshot,
				 bool stops)
{
	uint64_t serial;

	pthread_mutex_lock(&lock);
	if (sp_snapshot_epoch(snapshot) <= sp_snapshot_epoch(t->snapshot))
		printf("error epoch\n");
	sp_snapshot_unref(t->snapshot);
	t->snapshot = sp_snapshot_ref(snapshot);
	printf("snapshot %zu%s\n", sp_snapshot_count(snapshot), stops ? " stops" : "");
	decide_again(t);
	serial = ++t->serial;
	done(t, serial);
	fflush(stdout);
	pthread_mutex_unlock(&lock);
	return serial;
}

uint64_t sp_verdict_answer(struct sp_verdict_thread *t, const uint64_t *pending, size_t count,
			   enum sp_action action, enum sp_record_by by, bool once)
{
	uint64_t serial;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < count; i++) {
		int slot = slot_of(t, pending[i]);

		if (slot < 0)
			continue;
		printf("answered %llu %s %s %d\n", (unsigned long long)pending[i],
		       action_name(action), by_name(by), once);
		gone(t, slot, SP_GONE_ANSWERED);
	}
	serial = ++t->serial;
	done(t, serial);
	fflush(stdout);
	pthread_mutex_unlock(&lock);
	return serial;
}

uint64_t sp_verdict_set_resolvers(struct sp_verdict_thread *t,
				  const struct sp_verdict_resolvers *resolvers)
{
	uint64_t serial;

	(void)resolvers;
	pthread_mutex_lock(&lock);
	serial = ++t->serial;
	done(t, serial);
	pthread_mutex_unlock(&lock);
	return serial;
}

uint64_t sp_verdict_set_networks(struct sp_verdict_thread *t,
				 const struct sp_verdict_networks *networks)
{
	uint64_t serial;

	pthread_mutex_lock(&lock);
	t->networks = *networks;
	printf("networks %s", networks->settling ? "settling" : "settled");
	for (size_t i = 0; i < networks->count; i++)
		printf(" %u=%s", networks->list[i].ifindex, networks->list[i].name);
	printf("\n");
	decide_again(t);
	serial = ++t->serial;
	done(t, serial);
	fflush(stdout);
	pthread_mutex_unlock(&lock);
	return serial;
}

uint64_t sp_verdict_status(struct sp_verdict_thread *t)
{
	struct sp_report r = { .kind = SP_REPORT_STATUS };

	pthread_mutex_lock(&lock);
	r.status.serial = ++t->serial;
	r.status.epoch = sp_snapshot_epoch(t->snapshot);
	r.status.stats[SALLYPORT_STAT_UPCALL] = 7;
	r.status.tables.flows_max = 65536;
	r.status.mode = t->mode;
	strcpy(r.status.module_version, "fake");
	report(t, &r);
	pthread_mutex_unlock(&lock);
	return r.status.serial;
}

uint64_t sp_verdict_set_mode(struct sp_verdict_thread *t, uint8_t mode)
{
	uint64_t serial;

	pthread_mutex_lock(&lock);
	t->mode = mode;
	printf("mode %s\n", mode == SALLYPORT_MODE_OFF ? "off" : "normal");
	serial = ++t->serial;
	done(t, serial);
	fflush(stdout);
	pthread_mutex_unlock(&lock);
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

	pthread_mutex_lock(&lock);
	r.program.serial = ++t->serial;
	r.program.program = calloc(1, sizeof(*r.program.program));
	r.program.program->process = pid;
	read_program(r.program.program);
	report(t, &r);
	pthread_mutex_unlock(&lock);
	return r.program.serial;
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

	pthread_mutex_lock(&lock);
	list->real = now();
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
	report(t, &r);
	fflush(stdout);
	pthread_mutex_unlock(&lock);
	return r.flows.serial;
}

uint64_t sp_verdict_end_flows(struct sp_verdict_thread *t, const struct sallyport_flow_ref *refs,
			      size_t count)
{
	uint64_t serial;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < count; i++)
		printf("end %u\n", ntohs(refs[i].remote_port));
	serial = ++t->serial;
	done(t, serial);
	fflush(stdout);
	pthread_mutex_unlock(&lock);
	return serial;
}

uint64_t sp_verdict_heartbeat(const struct sp_verdict_thread *t)
{
	return t->beat;
}
