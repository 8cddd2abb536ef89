/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict thread's parts; see verdict.h for what it does. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include "engine.h"
#include "kernel.h"
#include "links.h"
#include "mailbox.h"
#include "queue.h"

struct sp_verdict_thread {
	pthread_t pthread;
	atomic_bool stop;
	atomic_uint_fast64_t rounds;
	struct sp_mailbox commands;	/* of struct sp_command */

	/* The thread's own, once it runs. */
	struct sp_engine engine;
	struct sp_kernel kernel;
	struct sp_queues queues;
	struct sp_links links;
	struct sp_hello hello;
	int epoll, timer;
	int64_t armed;			/* what the timer is set to */
	int64_t retry;			/* a sweep failed: when to try again; 0 */

	/* The main loop's own. */
	uint64_t last_serial;
	size_t replies_due;
};

/* thread.c */
int sp_thread_prepare(struct sp_verdict_thread *thread);	/* an errno */
int sp_thread_run(struct sp_verdict_thread *thread);		/* an errno */
void sp_thread_clear(struct sp_verdict_thread *thread);

/* command.c */
int sp_commands_init(struct sp_verdict_thread *thread);		/* an errno */
void sp_commands_clear(struct sp_verdict_thread *thread);
void sp_commands_carry_out(struct sp_verdict_thread *thread);
