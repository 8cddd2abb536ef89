/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main loop's end of the verdict thread: keeps it running (tries again
 * after 1 to 30 seconds), delivers its reports, matches replies to requests.
 */
#pragma once

#include <glib.h>
#include "verdict.h"

enum sp_link_state {
	SP_LINK_STOPPED,	/* by us */
	SP_LINK_NO_MODULE,	/* never ran: the module is not there, or not ours */
	SP_LINK_FAILED,		/* ran and stopped; tried again */
	SP_LINK_RUNNING,
};

struct sp_link_handler {
	/* Takes @waiting. */
	void (*ask)(struct sp_waiting *waiting, uint64_t rule, void *data);
	/* More is known of a flow that was asked about. */
	void (*late)(const struct sp_late *late, void *data);
	void (*gone)(uint64_t pending, enum sp_gone_reason reason, void *data);
	void (*record)(const struct sp_record *record, void *data);
	/* Some reports were lost: what we know of waiting flows may be wrong. */
	void (*lost)(uint32_t reports, void *data);
	/* It runs now, or does not any more: no flow waits. */
	void (*changed)(void *data);
	/* There is again, for sp_link_tell(). */
	void (*room)(void *data);
	void *data;
};

struct sp_link;

struct sp_link *sp_link_new(const struct sp_verdict_config *config,
			    const struct sp_link_handler *handler);
void sp_link_free(struct sp_link *link);

/* Begins to try. @snapshot: the policy to start with. */
void sp_link_start(struct sp_link *link, struct sp_snapshot *snapshot);
void sp_link_stop(struct sp_link *link);
enum sp_link_state sp_link_state(const struct sp_link *link);
const char *sp_link_message(const struct sp_link *link);	/* why not running */

/* @error: an errno; ENOLINK where the thread is not there (any more). */
typedef void (*sp_link_done)(int error, void *data);
/* @status NULL: not to be had. */
typedef void (*sp_link_status_done)(const struct sp_report *status, void *data);
/* Takes @list. NULL: not to be had. */
typedef void (*sp_link_flows_done)(struct sp_flow_list *list, void *data);

/*
 * As sp_verdict_set_snapshot(). @done is called when the kernel obeys, or can't; never
 * before this returns.
 */
void sp_link_set_snapshot(struct sp_link *link, struct sp_snapshot *snapshot, gboolean stops,
			  sp_link_done done, void *data);
/* As sp_verdict_answer(); @done may be NULL. */
void sp_link_answer(struct sp_link *link, const uint64_t *pending, size_t count,
		    enum sp_action action, enum sp_record_by by, gboolean once,
		    sp_link_done done, void *data);
/*
 * As sp_verdict_set_mode(). ENOLINK: the thread is not there; it will have this mode
 * when it comes, as with sp_link_expect_mode().
 */
void sp_link_set_mode(struct sp_link *link, uint8_t mode, sp_link_done done, void *data);
/* Before sp_link_start(). Without it the kernel keeps the mode that it has. */
void sp_link_expect_mode(struct sp_link *link, uint8_t mode);
void sp_link_status(struct sp_link *link, sp_link_status_done done, void *data);
/* @program NULL: not known. */
typedef void (*sp_link_program_done)(const struct sp_program *program, void *data);
void sp_link_program(struct sp_link *link, guint32 pid, sp_link_program_done done, void *data);
/* As sp_verdict_lives(). */
void sp_link_lives(struct sp_link *link, guint64 process, guint64 cgroup, sp_link_done done,
		   void *data);
/* As sp_verdict_flows(), sp_verdict_end_flows(). */
void sp_link_flows(struct sp_link *link, sp_link_flows_done done, void *data);
void sp_link_end_flows(struct sp_link *link, const struct sallyport_flow_ref *refs, size_t count,
		       sp_link_done done, void *data);

/* Now, and whenever the thread starts again. */
void sp_link_set_resolvers(struct sp_link *link,
			   const struct sp_verdict_resolvers *resolvers);

/* Likewise; @done may be NULL. */
void sp_link_set_networks(struct sp_link *link, const struct sp_verdict_networks *networks,
			  sp_link_done done, void *data);

/*
 * As sp_verdict_tell(); where the thread is not there it is dropped. FALSE: it is the last
 * for now, until there is room.
 */
gboolean sp_link_tell(struct sp_link *link, const struct sp_dns_reply *reply);

/* For the watchdog: does the thread move? Asks it to go round, for next time. */
gboolean sp_link_moves(struct sp_link *link);
