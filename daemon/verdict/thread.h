/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict thread's parts; see verdict.h for what it does. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include "engine.h"
#include "kernel.h"
#include "links.h"
#include "mailbox.h"
#include "observe.h"
#include "queue.h"

struct sp_verdict_thread {
	pthread_t pthread;
	atomic_bool stop;
	atomic_uint_fast64_t rounds;
	struct sp_mailbox commands;	/* of struct sp_command */
	struct sp_verdict_config config;

	/* The thread's own, once it runs. */
	struct sp_engine engine;
	struct sp_kernel kernel;
	struct sp_queues *queues;	/* by place: see queue.h */
	uint32_t places;
	struct sp_batch batch;		/* for packets */
	struct sp_links links;
	struct sp_observe observe;
	struct sp_hello hello;
	int epoll, timer;
	int patience;			/* timer of boottime: facts that do not come */
	int lull;			/* timer: the main loop is told what was recorded */
	bool lull_armed;
	int64_t armed;			/* what the timer is set to */
	uint64_t patience_armed;	/* likewise */
	int64_t retry;			/* a sweep failed: when to try again; 0 */
	size_t settling_count;		/* snapshots in force but for flows that wait for facts */
	uint64_t settling[SP_COMMANDS_MAX];	/* their serials */

	/* The main loop's own. */
	uint64_t last_serial;
	size_t replies_due;
};

/* thread.c */
int sp_thread_prepare(struct sp_verdict_thread *thread);	/* an errno */
int sp_thread_run(struct sp_verdict_thread *thread);		/* an errno */
void sp_thread_clear(struct sp_verdict_thread *thread);
int sp_thread_watch_queues(struct sp_verdict_thread *thread, uint16_t place);	/* an errno */

/* namespaces.c */
int sp_namespaces_init(struct sp_verdict_thread *thread);	/* an errno */
void sp_namespaces_close(struct sp_verdict_thread *thread);	/* the initial one's too */
void sp_namespaces_clear(struct sp_verdict_thread *thread);
void sp_namespaces_serve(struct sp_verdict_thread *thread);	/* at the end of a round */
void sp_namespaces_leave(struct sp_verdict_thread *thread, uint16_t place);

/* command.c */
int sp_commands_init(struct sp_verdict_thread *thread);		/* an errno */
void sp_commands_clear(struct sp_verdict_thread *thread);
void sp_commands_carry_out(struct sp_verdict_thread *thread);
/* After a sweep that gave @error: tells of the snapshots that are settled by it. */
void sp_commands_settle(struct sp_verdict_thread *thread, int error);
