/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See fake_verdict.h. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "facts.h"
#include "fake_verdict.h"

pthread_mutex_t fake_lock = PTHREAD_MUTEX_INITIALIZER;
struct sp_verdict_thread *fake_current;

int64_t fake_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

void fake_report(struct sp_verdict_thread *t, const struct sp_report *r)
{
	uint64_t one = 1;

	if (t->head - t->tail == REPORTS)
		abort();
	t->reports[t->head++ % REPORTS] = *r;
	if (write(t->fd, &one, sizeof(one)) < 0)
		abort();
}

static void done(struct sp_verdict_thread *t, uint64_t serial, int error)
{
	struct sp_report r = { .kind = SP_REPORT_DONE };

	r.done.serial = serial;
	r.done.error = error;
	if (t->hold)
		t->held[t->held_count++] = r;
	else
		fake_report(t, &r);
}

void fake_done(struct sp_verdict_thread *t, uint64_t serial)
{
	done(t, serial, t->refuse);
	t->refuse = 0;
}

void fake_fail(struct sp_verdict_thread *t, uint64_t serial, int error)
{
	done(t, serial, error);
}

void fake_accept(struct sp_verdict_thread *t, uint64_t serial)
{
	done(t, serial, 0);
}

int fake_slot_of(const struct sp_verdict_thread *t, uint64_t pending)
{
	for (int i = 0; i < FLOWS; i++)
		if (t->flows[i] && t->flows[i]->pending == pending)
			return i;
	return -1;
}

void fake_gone(struct sp_verdict_thread *t, int slot, enum sp_gone_reason reason)
{
	struct sp_report r = { .kind = SP_REPORT_GONE };

	r.gone.pending = t->flows[slot]->pending;
	r.gone.reason = reason;
	fake_report(t, &r);
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

void fake_decide(struct sp_verdict_thread *t, const struct sp_waiting *waiting,
		   struct sp_decision *decision)
{
	const char *const parents[] = { waiting->bundle };
	const char *const names[] = { waiting->host.name };
	struct sp_flow flow;
	struct sp_facts facts;

	sp_flow_of(&waiting->flow, &flow);
	sp_facts_fill(&facts, &waiting->image, waiting->path_length ? waiting->path : NULL, NULL);
	fill_network(&t->networks, flow.ifindex, &facts);
	facts.parents.state = SP_FACT_KNOWN;
	facts.parents.paths = parents;
	facts.parents.count = *waiting->bundle != 0;
	if (*waiting->host.name) {
		facts.names.state = SP_FACT_KNOWN;
		facts.names.names = names;
		facts.names.count = 1;
	}
	facts.unit.state = SP_FACT_KNOWN;
	facts.unit.text = *waiting->cgroup.unit ? waiting->cgroup.unit : NULL;
	sp_decide(t->snapshot, &flow, &facts, fake_now(), decision);
}

void fake_decide_again(struct sp_verdict_thread *t)
{
	for (int i = 0; i < FLOWS; i++) {
		struct sp_decision decision;

		if (!t->flows[i])
			continue;
		fake_decide(t, t->flows[i], &decision);
		if (decision.action == SP_ASK)
			continue;
		printf("decided %llu %s %llu\n", (unsigned long long)t->flows[i]->pending,
		       fake_action_name(decision.action), (unsigned long long)decision.rule);
		fake_gone(t, i, SP_GONE_RULE);
	}
}

void fake_close_open(struct sp_verdict_thread *t)
{
	while (t->open_count)
		free(t->open[--t->open_count]);
}
