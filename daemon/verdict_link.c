/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See verdict_link.h. A command that the thread's mailbox has no room for
 * waits in @backlog, in order, and is sent again when a report has come or
 * 20 ms have passed. @backlog and @calls are bounded by their callers: policy
 * changes come one at a time, answers by the number of questions, listings by one,
 * status, what is ended, and programs, by the calls that may be under way.
 */
#include "verdict_link.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>
#include "log.h"
#include "names/dns.h"

#define RETRY_FIRST	1u
#define RETRY_LAST	30u
#define TELLING_MAX	32u	/* of 64 replies that the thread owes us at most */

enum command {
	SNAPSHOT, ANSWER, MODE, STATUS, FLOWS, END_FLOWS, PROGRAM, LIVES, RESOLVERS, NETWORKS,
	TOLD,
};

/* A command on its way, or whose reply is awaited (@serial not 0). */
struct call {
	enum command command;
	uint64_t serial;
	struct sp_snapshot *snapshot;
	gboolean stops;
	GArray *pending;
	GArray *refs;			/* struct sallyport_flow_ref */
	enum sp_action action;
	enum sp_record_by by;
	gboolean once;
	uint8_t mode;
	guint32 pid;
	guint64 process, cgroup;
	struct sp_dns_reply *told;
	sp_link_done done;
	sp_link_status_done status_done;
	sp_link_flows_done flows_done;
	sp_link_program_done program_done;
	void *data;
};

struct sp_link {
	struct sp_verdict_config config;
	struct sp_link_handler handler;
	struct sp_verdict_thread *thread;	/* NULL unless RUNNING */
	struct sp_snapshot *snapshot;		/* newest, to start again with */
	enum sp_link_state state;
	char message[256];
	guint source, retry, resend;
	guint delay;
	GQueue backlog;				/* struct call, not sent yet */
	GHashTable *calls;			/* serial → struct call */
	uint64_t beat;				/* heartbeat seen last */
	gboolean pinged;
	struct sp_queue_losses losses;		/* seen last */
	guint telling;				/* names on their way */
};

static void attempt(struct sp_link *link);

static void call_free(void *data)
{
	struct call *call = data;

	sp_snapshot_unref(call->snapshot);
	g_clear_pointer(&call->pending, g_array_unref);
	g_clear_pointer(&call->refs, g_array_unref);
	g_free(call->told);
	g_free(call);
}

/* Takes @call. */
static void call_finish(struct call *call, int error, const struct sp_report *report)
{
	if (call->done)
		call->done(error, call->data);
	if (call->status_done)
		call->status_done(error ? NULL : report, call->data);
	if (call->flows_done)
		call->flows_done(error ? NULL : report->flows.list, call->data);
	if (call->program_done)
		call->program_done(error ? NULL : report->program.program, call->data);
	call_free(call);
}

static void set_state(struct sp_link *link, enum sp_link_state state)
{
	if (link->state == state)
		return;
	link->state = state;
	if (link->handler.changed)
		link->handler.changed(link->handler.data);
}

struct sp_link *sp_link_new(const struct sp_verdict_config *config,
			    const struct sp_link_handler *handler)
{
	struct sp_link *link = g_new0(struct sp_link, 1);

	link->config = *config;
	link->handler = *handler;
	link->delay = RETRY_FIRST;
	g_queue_init(&link->backlog);
	link->calls = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, NULL);
	return link;
}

/* Every request under way fails; each callback may make new ones. */
static void fail_calls(struct sp_link *link)
{
	GList *waiting = g_hash_table_get_values(link->calls);
	struct call *call;

	g_hash_table_remove_all(link->calls);
	for (GList *l = waiting; l; l = l->next)
		call_finish(l->data, ENOLINK, NULL);
	g_list_free(waiting);
	for (guint n = link->backlog.length; n && (call = g_queue_pop_head(&link->backlog)); n--)
		call_finish(call, ENOLINK, NULL);
}

static void drop_thread(struct sp_link *link)
{
	if (link->source)
		g_source_remove(link->source);
	link->source = 0;
	if (link->resend)
		g_source_remove(link->resend);
	link->resend = 0;
	link->losses = (struct sp_queue_losses){ 0 };
	g_clear_pointer(&link->thread, sp_verdict_stop);
}

static gboolean on_retry(void *data)
{
	struct sp_link *link = data;

	link->retry = 0;
	attempt(link);
	return G_SOURCE_REMOVE;
}

static void try_later(struct sp_link *link)
{
	if (!link->retry)
		link->retry = g_timeout_add_seconds(link->delay, on_retry, link);
	link->delay = MIN(link->delay * 2, RETRY_LAST);
}

static void on_stopped(struct sp_link *link, const struct sp_report *report)
{
	g_strlcpy(link->message, report->stopped.message[0] ? report->stopped.message :
		  g_strerror(report->stopped.error), sizeof(link->message));
	sp_log_error("the verdict thread has stopped: %s", link->message);
	drop_thread(link);
	set_state(link, SP_LINK_FAILED);
	fail_calls(link);
	try_later(link);
}

static void on_reply(struct sp_link *link, uint64_t serial, int error,
		     const struct sp_report *report)
{
	struct call *call = g_hash_table_lookup(link->calls, &serial);

	if (!call)
		return;
	g_hash_table_remove(link->calls, &serial);
	call_finish(call, error, report);
}

/* What got lost since the last look. */
static void tell_losses(struct sp_link *link, const struct sp_queue_losses *now)
{
	static struct sp_log_limit limit = SP_LOG_LIMIT(3, 60);
	guint64 before = link->losses.full + link->losses.overrun;

	if (now->full + now->overrun > before && sp_log_may(&limit))
		sp_log_warn("the kernel dropped %" G_GUINT64_FORMAT " packets that were to be "
			    "decided: the queue was full", now->full + now->overrun - before);
	link->losses = *now;
}

/* Of a flow that was brief, both. */
static void tell_record(const struct sp_link_handler *handler, struct sp_record *record)
{
	struct sp_record beginning;

	if (sp_record_split(record, &beginning))
		handler->record(&beginning, handler->data);
	handler->record(record, handler->data);
}

/* FALSE: the thread is gone, and its mailbox with it. */
static gboolean dispatch(struct sp_link *link, struct sp_report *report)
{
	const struct sp_link_handler *h = &link->handler;

	switch (report->kind) {
	case SP_REPORT_ASK:
		h->ask(report->ask.waiting, report->ask.rule, h->data);
		break;
	case SP_REPORT_LATE:
		h->late(&report->late, h->data);
		break;
	case SP_REPORT_GONE:
		h->gone(report->gone.pending, report->gone.reason, h->data);
		break;
	case SP_REPORT_RECORD:
		tell_record(h, &report->record);
		break;
	case SP_REPORT_DONE:
		on_reply(link, report->done.serial, report->done.error, report);
		break;
	case SP_REPORT_STATUS:
		tell_losses(link, &report->status.losses);
		on_reply(link, report->status.serial, 0, report);
		break;
	case SP_REPORT_FLOWS:
		on_reply(link, report->flows.serial, 0, report);
		break;
	case SP_REPORT_PROGRAM:
		on_reply(link, report->program.serial, 0, report);
		free(report->program.program);
		break;
	case SP_REPORT_LOST:
		h->lost(report->lost.reports, h->data);
		break;
	case SP_REPORT_STOPPED:
		on_stopped(link, report);
		return FALSE;
	}
	return link->thread != NULL;
}

static uint64_t submit(struct sp_link *link, const struct call *call)
{
	switch (call->command) {
	case SNAPSHOT:
		return sp_verdict_set_snapshot(link->thread, call->snapshot, call->stops);
	case ANSWER:
		return sp_verdict_answer(link->thread,
					 (const uint64_t *)(void *)call->pending->data,
					 call->pending->len, call->action, call->by,
					 call->once);
	case MODE:
		return sp_verdict_set_mode(link->thread, call->mode);
	case STATUS:
		return sp_verdict_status(link->thread);
	case FLOWS:
		return sp_verdict_flows(link->thread);
	case PROGRAM:
		return sp_verdict_program(link->thread, call->pid);
	case LIVES:
		return sp_verdict_lives(link->thread, call->process, call->cgroup);
	case END_FLOWS:
		return sp_verdict_end_flows(link->thread,
					    (const struct sallyport_flow_ref *)(void *)call->refs->data,
					    call->refs->len);
	case RESOLVERS:
		return sp_verdict_set_resolvers(link->thread, &link->config.resolvers);
	case NETWORKS:
		return sp_verdict_set_networks(link->thread, &link->config.networks);
	case TOLD:
		return sp_verdict_tell(link->thread, call->told);
	}
	g_assert_not_reached();
}

static gboolean on_resend(void *data);

static void send_backlog(struct sp_link *link)
{
	struct call *call;

	while (link->thread && (call = g_queue_peek_head(&link->backlog))) {
		call->serial = submit(link, call);
		if (!call->serial)
			break;
		g_queue_pop_head(&link->backlog);
		g_hash_table_insert(link->calls, &call->serial, call);
	}
	if (link->thread && !g_queue_is_empty(&link->backlog) && !link->resend)
		link->resend = g_timeout_add(20, on_resend, link);
}

static gboolean on_resend(void *data)
{
	struct sp_link *link = data;

	link->resend = 0;
	send_backlog(link);
	return G_SOURCE_REMOVE;
}

static gboolean on_readable(int fd, GIOCondition condition, void *data)
{
	struct sp_link *link = data;
	struct sp_report report;

	/* A bounded number at a time: the bus wants its turn too. */
	for (int i = 0; i < 64 && sp_verdict_report(link->thread, &report); i++)
		if (!dispatch(link, &report))
			return G_SOURCE_REMOVE;
	send_backlog(link);
	return G_SOURCE_CONTINUE;
}

static void attempt(struct sp_link *link)
{
	static struct sp_log_limit limit = SP_LOG_LIMIT(3, 600);

	link->thread = sp_verdict_start(&link->config, link->snapshot, link->message,
					sizeof(link->message));
	if (!link->thread) {
		if (sp_log_may(&limit))
			sp_log_warn("not protecting: %s", link->message);
		if (link->state != SP_LINK_FAILED)
			set_state(link, SP_LINK_NO_MODULE);
		try_later(link);
		return;
	}
	if (link->message[0])
		sp_log_warn("%s", link->message);
	link->delay = RETRY_FIRST;
	link->message[0] = 0;
	link->pinged = FALSE;
	link->beat = sp_verdict_heartbeat(link->thread);
	link->source = g_unix_fd_add(sp_verdict_fd(link->thread), G_IO_IN, on_readable, link);
	sp_log_info("the kernel module answers; protecting");
	set_state(link, SP_LINK_RUNNING);
}

void sp_link_start(struct sp_link *link, struct sp_snapshot *snapshot)
{
	g_return_if_fail(!link->thread);
	sp_snapshot_unref(link->snapshot);	/* rules were changed before */
	link->snapshot = sp_snapshot_ref(snapshot);
	attempt(link);
}

void sp_link_stop(struct sp_link *link)
{
	if (link->retry)
		g_source_remove(link->retry);
	link->retry = 0;
	drop_thread(link);
	link->state = SP_LINK_STOPPED;
	fail_calls(link);
	g_clear_pointer(&link->snapshot, sp_snapshot_unref);
}

void sp_link_free(struct sp_link *link)
{
	if (!link)
		return;
	sp_link_stop(link);
	g_hash_table_unref(link->calls);
	g_free(link);
}

enum sp_link_state sp_link_state(const struct sp_link *link)
{
	return link->state;
}

const char *sp_link_message(const struct sp_link *link)
{
	return link->message;
}

static gboolean on_absent(void *data)
{
	call_finish(data, ENOLINK, NULL);
	return G_SOURCE_REMOVE;
}

/* Takes @call. */
static void enqueue(struct sp_link *link, struct call *call)
{
	if (!link->thread) {
		g_idle_add_full(G_PRIORITY_DEFAULT, on_absent, call, NULL);
		return;
	}
	g_queue_push_tail(&link->backlog, call);
	send_backlog(link);
}

void sp_link_set_snapshot(struct sp_link *link, struct sp_snapshot *snapshot, gboolean stops,
			  sp_link_done done, void *data)
{
	struct call *call = g_new0(struct call, 1);

	sp_snapshot_unref(link->snapshot);
	link->snapshot = sp_snapshot_ref(snapshot);
	call->command = SNAPSHOT;
	call->snapshot = sp_snapshot_ref(snapshot);
	call->stops = stops;
	link->config.stops = stops;
	call->done = done;
	call->data = data;
	enqueue(link, call);
}

void sp_link_answer(struct sp_link *link, const uint64_t *pending, size_t count,
		    enum sp_action action, enum sp_record_by by, gboolean once,
		    sp_link_done done, void *data)
{
	struct call *call = g_new0(struct call, 1);

	call->command = ANSWER;
	call->pending = g_array_sized_new(FALSE, FALSE, sizeof(uint64_t), count);
	g_array_append_vals(call->pending, pending, count);
	call->action = action;
	call->by = by;
	call->once = once;
	call->done = done;
	call->data = data;
	enqueue(link, call);
}

void sp_link_expect_mode(struct sp_link *link, uint8_t mode)
{
	link->config.set_mode = true;
	link->config.mode = mode;
}

void sp_link_set_mode(struct sp_link *link, uint8_t mode, sp_link_done done, void *data)
{
	struct call *call = g_new0(struct call, 1);

	sp_link_expect_mode(link, mode);
	call->command = MODE;
	call->mode = mode;
	call->done = done;
	call->data = data;
	enqueue(link, call);
}

void sp_link_status(struct sp_link *link, sp_link_status_done done, void *data)
{
	struct call *call = g_new0(struct call, 1);

	call->command = STATUS;
	call->status_done = done;
	call->data = data;
	enqueue(link, call);
}

void sp_link_program(struct sp_link *link, guint32 pid, sp_link_program_done done, void *data)
{
	struct call *call = g_new0(struct call, 1);

	call->command = PROGRAM;
	call->pid = pid;
	call->program_done = done;
	call->data = data;
	enqueue(link, call);
}

void sp_link_lives(struct sp_link *link, guint64 process, guint64 cgroup, sp_link_done done,
		   void *data)
{
	struct call *call = g_new0(struct call, 1);

	call->command = LIVES;
	call->process = process;
	call->cgroup = cgroup;
	call->done = done;
	call->data = data;
	enqueue(link, call);
}

void sp_link_flows(struct sp_link *link, sp_link_flows_done done, void *data)
{
	struct call *call = g_new0(struct call, 1);

	call->command = FLOWS;
	call->flows_done = done;
	call->data = data;
	enqueue(link, call);
}

void sp_link_end_flows(struct sp_link *link, const struct sallyport_flow_ref *refs, size_t count,
		       sp_link_done done, void *data)
{
	struct call *call = g_new0(struct call, 1);

	call->command = END_FLOWS;
	call->refs = g_array_sized_new(FALSE, FALSE, sizeof(*refs), count);
	g_array_append_vals(call->refs, refs, count);
	call->done = done;
	call->data = data;
	enqueue(link, call);
}

void sp_link_set_resolvers(struct sp_link *link,
			   const struct sp_verdict_resolvers *resolvers)
{
	struct call *call;

	link->config.resolvers = *resolvers;
	if (!link->thread)
		return;
	call = g_new0(struct call, 1);
	call->command = RESOLVERS;
	enqueue(link, call);
}

static void on_told(int error, void *data)
{
	struct sp_link *link = data;

	if (link->telling-- == TELLING_MAX && link->handler.room)
		link->handler.room(link->handler.data);
}

gboolean sp_link_tell(struct sp_link *link, const struct sp_dns_reply *reply)
{
	struct call *call;

	if (!link->thread)
		return TRUE;
	call = g_new0(struct call, 1);
	call->command = TOLD;
	call->told = reply ? g_memdup2(reply, sizeof(*reply)) : NULL;
	call->done = on_told;
	call->data = link;
	link->telling++;
	enqueue(link, call);
	return link->telling < TELLING_MAX;
}

void sp_link_set_networks(struct sp_link *link, const struct sp_verdict_networks *networks,
			  sp_link_done done, void *data)
{
	struct call *call = g_new0(struct call, 1);

	link->config.networks = *networks;
	call->command = NETWORKS;
	call->done = done;
	call->data = data;
	enqueue(link, call);
}

static void on_ping(const struct sp_report *status, void *data)
{
	struct sp_link *link = data;

	link->pinged = FALSE;
}

gboolean sp_link_moves(struct sp_link *link)
{
	uint64_t beat;
	gboolean moved;

	if (link->state != SP_LINK_RUNNING)
		return TRUE;
	beat = sp_verdict_heartbeat(link->thread);
	moved = beat != link->beat || !link->pinged;
	link->beat = beat;
	if (!link->pinged) {
		link->pinged = TRUE;
		sp_link_status(link, on_ping, link);
	}
	return moved;
}
