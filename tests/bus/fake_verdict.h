/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the verdict thread without a kernel; fake_verdict.c says what it does. */
#pragma once

#include <pthread.h>
#include "verdict.h"

#define FLOWS		512
#define REPORTS		4096
#define OPEN		4096

/* Everything is under fake_lock. */
struct sp_verdict_thread {
	struct sp_snapshot *snapshot;
	struct sp_report reports[REPORTS];
	size_t head, tail;
	int fd;
	uint64_t serial, beat;
	bool hold;
	int refuse;
	uint64_t quit;			/* a process of which nothing runs */
	struct sp_report held[REPORTS];
	size_t held_count;
	struct sp_waiting *flows[FLOWS];
	uint8_t mode;
	struct sp_verdict_networks networks;
	struct sp_waiting *open[OPEN];
	uint64_t bytes[OPEN][2], opened;
	size_t open_count;
};

extern pthread_mutex_t fake_lock;
extern struct sp_verdict_thread *fake_current;	/* NULL: there is none */

/* --- what waits, what is told: fake_state.c ----------------------------------------- */

int64_t fake_now(void);
void fake_report(struct sp_verdict_thread *t, const struct sp_report *r);
/* DONE, unless it is held back. */
void fake_done(struct sp_verdict_thread *t, uint64_t serial);
/* Of what the daemon says by itself, whenever it likes: never refused. */
void fake_accept(struct sp_verdict_thread *t, uint64_t serial);
void fake_fail(struct sp_verdict_thread *t, uint64_t serial, int error);
/* -1: it does not wait. */
int fake_slot_of(const struct sp_verdict_thread *t, uint64_t pending);
void fake_gone(struct sp_verdict_thread *t, int slot, enum sp_gone_reason reason);
void fake_decide(struct sp_verdict_thread *t, const struct sp_waiting *waiting,
		 struct sp_decision *decision);
void fake_decide_again(struct sp_verdict_thread *t);
void fake_close_open(struct sp_verdict_thread *t);

/* --- lines: fake_line.c --------------------------------------------------------------- */

const char *fake_action_name(int action);
const char *fake_by_name(enum sp_record_by by);
/* A flow of the words that are left; for the caller to free(). */
struct sp_waiting *fake_parse(char **save, unsigned long *count);
/* action=NAME in the line; else allow. */
enum sp_action fake_action_of(const char *line);
/* by=NAME in the line; -1: it says nothing of it. */
int fake_by_of(const char *line);

/* --- commands: fake_command.c --------------------------------------------------------- */

/* A thread that carries out standard input. */
void *fake_read_commands(void *unused);
