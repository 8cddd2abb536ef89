/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See fake_verdict.c: what the test has happen. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fake_verdict.h"

static void command_ask(struct sp_verdict_thread *t, uint64_t id, char **save)
{
	struct sp_report r = { .kind = SP_REPORT_ASK };
	struct sp_decision decision;
	unsigned long count;
	struct sp_waiting *w = fake_parse(save, &count);
	int slot = 0;

	w->pending = id;
	fake_decide(t, w, &decision);
	if (decision.action != SP_ASK) {
		printf("decided %llu %s %llu\n", (unsigned long long)id,
		       fake_action_name(decision.action), (unsigned long long)decision.rule);
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
	fake_report(t, &r);
}

static void command_late(struct sp_verdict_thread *t, uint64_t id, char **save)
{
	static const char *const origins[] = { [SP_HOST_BY_ITSELF] = "own",
		[SP_HOST_BY_SYSTEM] = "system", [SP_HOST_BY_ANOTHER] = "other",
		[SP_HOST_BY_NETWORK] = "network", [SP_HOST_BY_ANYONE] = "doubtful" };
	struct sp_report r = { .kind = SP_REPORT_LATE };
	int slot = fake_slot_of(t, id);
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
	fake_report(t, &r);
}

/* As the kernel and the verdict thread tell what became of a flow. */
static void command_record(struct sp_verdict_thread *t, char **save)
{
	int by = fake_by_of(*save);
	static const enum sp_record_event events[] = {
		[SP_ALLOW] = SP_RECORD_DECIDED, [SP_DENY] = SP_RECORD_REFUSED,
		[SP_DROP] = SP_RECORD_REFUSED, [SP_ASK] = SP_RECORD_ASKED,
	};
	struct sp_report r = { .kind = SP_REPORT_RECORD };
	const char *rule = strstr(*save, "rule="), *flows = strstr(*save, "flows=");
	unsigned long count = 1;
	struct sp_waiting *w;

	r.record.action = fake_action_of(*save);
	r.record.rule = rule ? strtoull(rule + 5, NULL, 10) : 0;
	r.record.flows = flows ? (uint32_t)strtoul(flows + 6, NULL, 10) : 1;
	r.record.by = rule ? SP_BY_RULE : SP_BY_DEFAULT;
	r.record.event = events[r.record.action];
	if (by >= 0) {
		r.record.event = SP_RECORD_ANSWERED;
		r.record.by = (enum sp_record_by)by;
	}
	w = fake_parse(save, &count);
	r.record.time = fake_now();
	r.record.flow = w->flow;
	r.record.host = w->host;
	snprintf(r.record.path, sizeof(r.record.path), "%.200s", w->path);
	while (count--)
		fake_report(t, &r);
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
	t->open[t->open_count] = fake_parse(&save, &count);
	t->open[t->open_count]->flow.cookie = ++t->opened;
	t->open_count++;
}

static void command_gone(struct sp_verdict_thread *t, uint64_t id, const char *reason)
{
	int slot = fake_slot_of(t, id);

	if (slot >= 0)
		fake_gone(t, slot, !strcmp(reason, "ended") ? SP_GONE_ENDED : SP_GONE_EXPIRED);
}

static void command_stop(struct sp_verdict_thread *t, int error)
{
	struct sp_report r = { .kind = SP_REPORT_STOPPED };

	r.stopped.error = error;
	strcpy(r.stopped.message, "as the test said");
	fake_report(t, &r);
}

static void release(struct sp_verdict_thread *t)
{
	t->hold = false;
	for (size_t i = 0; i < t->held_count; i++)
		fake_report(t, &t->held[i]);
	t->held_count = 0;
}

static void command(char *line)
{
	char *save, *name = strtok_r(line, " \n", &save), *word;
	struct sp_verdict_thread *t = fake_current;

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
		fake_close_open(t);
	} else if (!strcmp(name, "gone") && (word = strtok_r(NULL, " \n", &save))) {
		command_gone(t, strtoull(word, NULL, 10), strtok_r(NULL, " \n", &save));
	} else if (!strcmp(name, "hold")) {
		t->hold = true;
	} else if (!strcmp(name, "release")) {
		release(t);
	} else if (!strcmp(name, "quit")) {
		t->quit = strtoull(strtok_r(NULL, " \n", &save), NULL, 10);
	} else if (!strcmp(name, "refuse")) {
		t->refuse = atoi(strtok_r(NULL, " \n", &save));
	} else if (!strcmp(name, "stop")) {
		command_stop(t, atoi(strtok_r(NULL, " \n", &save)));
	} else {
		printf("error %s\n", name);
	}
}

void *fake_read_commands(void *unused)
{
	static char line[16384];

	while (fgets(line, sizeof(line), stdin)) {
		char *end = strchr(line, '\n');

		if (end)
			*end = 0;
		pthread_mutex_lock(&fake_lock);
		command(line);
		fflush(stdout);
		pthread_mutex_unlock(&fake_lock);
	}
	return NULL;
}
