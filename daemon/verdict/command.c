/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands of the main loop: how they are sent, and how the thread carries them
 * out. As many may be under way as there is room for replies to.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "open.h"
#include "point.h"
#include "thread.h"

enum kind {
	SNAPSHOT, ANSWER, MODE, STATUS, FLOWS, END_FLOWS, PROGRAM, LIVES, RESOLVERS, NETWORKS,
	TOLD,
};

struct answer {
	uint64_t *pending;		/* the receiver frees it */
	size_t count;
	enum sp_action action;
	enum sp_record_by by;
	bool once;
};

struct ending {
	struct sallyport_flow_ref *refs;	/* the receiver frees it */
	size_t count;
};

struct policy {
	struct sp_snapshot *snapshot;	/* a reference */
	bool stops;
};

struct sp_command {
	enum kind kind;
	uint64_t serial;
	union {
		struct policy policy;
		struct answer answer;
		struct ending ending;
		uint8_t mode;
		uint32_t pid;
		struct { uint64_t process, cgroup; } lives;
		struct sp_verdict_resolvers resolvers;
		struct sp_verdict_networks networks;
		struct sp_dns_reply *told;	/* the receiver frees it; NULL: something was missed */
	};
};

/* --- the main loop's side ---------------------------------------------------- */

static uint64_t send_command(struct sp_verdict_thread *thread,
			     struct sp_command *command)
{
	if (thread->replies_due == SP_COMMANDS_MAX)
		return 0;
	command->serial = ++thread->last_serial;
	if (!sp_mailbox_put(&thread->commands, command, 0))
		return 0;
	thread->replies_due++;
	return command->serial;
}

uint64_t sp_verdict_set_snapshot(struct sp_verdict_thread *thread,
				 struct sp_snapshot *snapshot, bool stops)
{
	struct sp_command command = {
		.kind = SNAPSHOT,
		.policy = { .snapshot = sp_snapshot_ref(snapshot), .stops = stops },
	};
	uint64_t serial = send_command(thread, &command);

	if (!serial)
		sp_snapshot_unref(snapshot);
	return serial;
}

uint64_t sp_verdict_answer(struct sp_verdict_thread *thread,
			   const uint64_t *pending, size_t count,
			   enum sp_action action, enum sp_record_by by, bool once)
{
	struct sp_command command = {
		.kind = ANSWER,
		.answer = { .count = count, .action = action, .by = by, .once = once },
	};
	uint64_t serial;

	command.answer.pending = calloc(count ? count : 1, sizeof(*pending));
	if (!command.answer.pending)
		return 0;
	if (count)
		memcpy(command.answer.pending, pending, count * sizeof(*pending));
	serial = send_command(thread, &command);
	if (!serial)
		free(command.answer.pending);
	return serial;
}

uint64_t sp_verdict_status(struct sp_verdict_thread *thread)
{
	struct sp_command command = { .kind = STATUS };

	return send_command(thread, &command);
}

uint64_t sp_verdict_set_mode(struct sp_verdict_thread *thread, uint8_t mode)
{
	struct sp_command command = { .kind = MODE, .mode = mode };

	return send_command(thread, &command);
}

uint64_t sp_verdict_program(struct sp_verdict_thread *thread, uint32_t pid)
{
	struct sp_command command = { .kind = PROGRAM, .pid = pid };

	return send_command(thread, &command);
}

uint64_t sp_verdict_lives(struct sp_verdict_thread *thread, uint64_t process, uint64_t cgroup)
{
	struct sp_command command = { .kind = LIVES, .lives = { process, cgroup } };

	return send_command(thread, &command);
}

uint64_t sp_verdict_flows(struct sp_verdict_thread *thread)
{
	struct sp_command command = { .kind = FLOWS };

	return send_command(thread, &command);
}

uint64_t sp_verdict_tell(struct sp_verdict_thread *thread, const struct sp_dns_reply *reply)
{
	struct sp_command command = { .kind = TOLD };
	uint64_t serial;

	if (reply) {
		command.told = malloc(sizeof(*reply));
		if (!command.told)
			return 0;
		*command.told = *reply;
	}
	serial = send_command(thread, &command);
	if (!serial)
		free(command.told);
	return serial;
}

uint64_t sp_verdict_set_resolvers(struct sp_verdict_thread *thread,
				  const struct sp_verdict_resolvers *resolvers)
{
	struct sp_command command = { .kind = RESOLVERS, .resolvers = *resolvers };

	return send_command(thread, &command);
}

uint64_t sp_verdict_set_networks(struct sp_verdict_thread *thread,
				 const struct sp_verdict_networks *networks)
{
	struct sp_command command = { .kind = NETWORKS, .networks = *networks };

	return send_command(thread, &command);
}

uint64_t sp_verdict_end_flows(struct sp_verdict_thread *thread,
			      const struct sallyport_flow_ref *refs, size_t count)
{
	struct sp_command command = { .kind = END_FLOWS, .ending.count = count };
	uint64_t serial;

	command.ending.refs = calloc(count ? count : 1, sizeof(*refs));
	if (!command.ending.refs)
		return 0;
	if (count)
		memcpy(command.ending.refs, refs, count * sizeof(*refs));
	serial = send_command(thread, &command);
	if (!serial)
		free(command.ending.refs);
	return serial;
}

int sp_verdict_fd(struct sp_verdict_thread *thread)
{
	return thread->engine.reports.mailbox.fd;
}

bool sp_verdict_report(struct sp_verdict_thread *thread, struct sp_report *report)
{
	if (!sp_reports_take(&thread->engine.reports, report))
		return false;
	if (report->kind == SP_REPORT_DONE || report->kind == SP_REPORT_STATUS ||
	    report->kind == SP_REPORT_FLOWS || report->kind == SP_REPORT_PROGRAM)
		thread->replies_due--;
	return true;
}

/* An idle thread goes round for it: by the next call there is another number. */
uint64_t sp_verdict_heartbeat(const struct sp_verdict_thread *thread)
{
	uint64_t rounds = atomic_load(&thread->rounds);

	sp_mailbox_poke(&thread->commands);
	return rounds;
}

/* --- the thread's side -------------------------------------------------------- */

/* A failed sweep is tried again by itself. */
static void set_snapshot(struct sp_verdict_thread *thread, struct sp_command *command)
{
	struct sp_engine *engine = &thread->engine;
	int error;

	if (sp_snapshot_epoch(command->policy.snapshot) > sp_snapshot_epoch(engine->snapshot)) {
		sp_engine_set_snapshot(engine, command->policy.snapshot);
		engine->stops = command->policy.stops;
		sp_point("adopted");
		error = sp_sweep(engine);
		engine->sweep_wanted |= error != 0;
		thread->settling[thread->settling_count++] = command->serial;
		sp_commands_settle(thread, error);
	} else {
		sp_reports_done(&engine->reports, command->serial, EINVAL);
	}
	sp_snapshot_unref(command->policy.snapshot);
}

/* In force when it is acknowledged, as a policy is. */
static void set_networks(struct sp_verdict_thread *thread, const struct sp_command *command)
{
	struct sp_engine *engine = &thread->engine;
	int error;

	sp_places_set_networks(&engine->places, &command->networks);
	error = sp_sweep(engine);
	engine->sweep_wanted |= error != 0;
	thread->settling[thread->settling_count++] = command->serial;
	sp_commands_settle(thread, error);
}

void sp_commands_settle(struct sp_verdict_thread *thread, int error)
{
	struct sp_engine *engine = &thread->engine;
	size_t i;

	if (!error && engine->undecided)
		return;
	for (i = 0; i < thread->settling_count; i++)
		sp_reports_done(&engine->reports, thread->settling[i], error);
	thread->settling_count = 0;
}

static void answer(struct sp_verdict_thread *thread, struct sp_command *command)
{
	const struct answer *given = &command->answer;
	int error = sp_answer_given(&thread->engine, given->pending, given->count,
				    given->action, given->by, given->once);

	free(given->pending);
	sp_reports_done(&thread->engine.reports, command->serial, error);
}

static void set_mode(struct sp_verdict_thread *thread, struct sp_command *command)
{
	struct sp_engine *engine = &thread->engine;
	int error = engine->calls->set_mode(engine->kernel, command->mode);

	sp_engine_note_error(engine, error);
	sp_reports_done(&engine->reports, command->serial, error);
}

static void fill_status(const struct sp_verdict_thread *thread,
			const struct sp_status *status, struct sp_report *report)
{
	const struct sp_engine *engine = &thread->engine;

	memcpy(report->status.stats, status->stats, sizeof(status->stats));
	report->status.tables = status->tables;
	report->status.epoch = status->epoch;
	report->status.degraded = status->degraded;
	report->status.mode = status->mode;
	memcpy(report->status.module_version, thread->hello.version,
	       sizeof(report->status.module_version));
	report->status.unmatched = engine->counters.unmatched;
	report->status.limited = engine->counters.limited;
	report->status.failed = engine->counters.failed;
	report->status.alone = engine->counters.alone;
	report->status.waiting = engine->waiting.asked;
	sp_queues_losses(&thread->queues[0], &report->status.losses);
}

/* The module did not answer: what is wrong stops the thread if it is for good. */
static void tell_status(struct sp_verdict_thread *thread, struct sp_command *command)
{
	struct sp_report report = { .kind = SP_REPORT_STATUS };
	struct sp_engine *engine = &thread->engine;
	struct sp_status status;
	int error = engine->calls->status(engine->kernel, &status);

	if (error) {
		engine->fatal = error == ENOENT ? ENODEV : engine->fatal;
		sp_reports_done(&engine->reports, command->serial, error);
		return;
	}
	report.status.serial = command->serial;
	fill_status(thread, &status, &report);
	sp_reports_reply(&engine->reports, &report);
}

static void tell_flows(struct sp_verdict_thread *thread, struct sp_command *command)
{
	struct sp_report report = { .kind = SP_REPORT_FLOWS };
	int error = sp_open_list(&thread->engine, &report.flows.list);

	if (error) {
		sp_reports_done(&thread->engine.reports, command->serial, error);
		return;
	}
	report.flows.serial = command->serial;
	sp_reports_reply(&thread->engine.reports, &report);
}

static void tell_program(struct sp_verdict_thread *thread, struct sp_command *command)
{
	struct sp_report report = { .kind = SP_REPORT_PROGRAM };
	int error = sp_open_program(&thread->engine, command->pid, &report.program.program);

	if (error) {
		sp_reports_done(&thread->engine.reports, command->serial, error);
		return;
	}
	report.program.serial = command->serial;
	sp_reports_reply(&thread->engine.reports, &report);
}

/* Without the module nothing is known, which has the same number. */
static int look_for(struct sp_engine *engine, uint64_t process, uint64_t cgroup)
{
	struct sp_status status;
	struct sp_chain chain;
	int error = 0;

	if (process)
		error = engine->calls->process(engine->kernel, process, &chain);
	if (!error && cgroup)
		error = engine->calls->cgroup(engine->kernel, cgroup, engine->scratch->path);
	if (error == ENOENT && engine->calls->status(engine->kernel, &status))
		error = ENODEV;
	return error;
}

static void tell_lives(struct sp_verdict_thread *thread, struct sp_command *command)
{
	struct sp_engine *engine = &thread->engine;

	sp_reports_done(&engine->reports, command->serial,
			look_for(engine, command->lives.process, command->lives.cgroup));
}

static void end_flows(struct sp_verdict_thread *thread, struct sp_command *command)
{
	int error = sp_open_end(&thread->engine, command->ending.refs,
				command->ending.count);

	free(command->ending.refs);
	sp_reports_done(&thread->engine.reports, command->serial, error);
}

static void take_told(struct sp_verdict_thread *thread, struct sp_command *command)
{
	sp_learn_told(&thread->engine, command->told);
	free(command->told);
	sp_reports_done(&thread->engine.reports, command->serial, 0);
}

static void carry_out(struct sp_verdict_thread *thread, struct sp_command *command)
{
	switch (command->kind) {
	case SNAPSHOT:
		set_snapshot(thread, command);
		break;
	case ANSWER:
		answer(thread, command);
		break;
	case MODE:
		set_mode(thread, command);
		break;
	case STATUS:
		tell_status(thread, command);
		break;
	case FLOWS:
		tell_flows(thread, command);
		break;
	case PROGRAM:
		tell_program(thread, command);
		break;
	case LIVES:
		tell_lives(thread, command);
		break;
	case END_FLOWS:
		end_flows(thread, command);
		break;
	case RESOLVERS:
		sp_observer_set_resolvers(&thread->engine.learned.observer,
					  (const uint8_t (*)[16])command->resolvers.addresses,
					  command->resolvers.count);
		sp_places_set_resolvers(&thread->engine.places, &command->resolvers);
		sp_reports_done(&thread->engine.reports, command->serial, 0);
		break;
	case NETWORKS:
		set_networks(thread, command);
		break;
	case TOLD:
		take_told(thread, command);
		break;
	}
}

void sp_commands_carry_out(struct sp_verdict_thread *thread)
{
	struct sp_command command;

	while (sp_mailbox_take(&thread->commands, &command))
		carry_out(thread, &command);
}

int sp_commands_init(struct sp_verdict_thread *thread)
{
	return sp_mailbox_init(&thread->commands, sizeof(struct sp_command),
			       SP_COMMANDS_MAX);
}

void sp_commands_clear(struct sp_verdict_thread *thread)
{
	struct sp_command command;

	if (!thread->commands.items)
		return;
	while (sp_mailbox_take(&thread->commands, &command)) {
		if (command.kind == SNAPSHOT)
			sp_snapshot_unref(command.policy.snapshot);
		if (command.kind == ANSWER)
			free(command.answer.pending);
		if (command.kind == END_FLOWS)
			free(command.ending.refs);
		if (command.kind == TOLD)
			free(command.told);
	}
	sp_mailbox_clear(&thread->commands);
}
