/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes out to the main loop. Places in the mailbox are kept for what must
 * not be lost: a question is reported only where there is still room for its
 * end and for the replies to all commands under way; records use half at most.
 */
#pragma once

#include <stdatomic.h>
#include "mailbox.h"
#include "verdict.h"

#define SP_COMMANDS_MAX	64	/* sent, and their reply not yet taken */

struct sp_reports {
	struct sp_mailbox mailbox;
	size_t record_spare;	/* left free by records */
	size_t due;		/* questions whose end is still to be reported */
	uint32_t lost;		/* records, since the last SP_REPORT_LOST */
};

int sp_reports_init(struct sp_reports *reports, size_t waiting_max);	/* an errno */
void sp_reports_clear(struct sp_reports *reports);

/* False: no room, or no memory. */
bool sp_reports_ask(struct sp_reports *reports, const struct sp_waiting *waiting,
		    uint64_t rule);
/* More is known of it than when it was asked about; may be lost. */
void sp_reports_late(struct sp_reports *reports, const struct sp_waiting *waiting);
void sp_reports_gone(struct sp_reports *reports, uint64_t pending,
		     enum sp_gone_reason reason);
void sp_reports_done(struct sp_reports *reports, uint64_t serial, int error);
/* Of kind STATUS, FLOWS, PROGRAM or STOPPED. */
void sp_reports_reply(struct sp_reports *reports, const struct sp_report *report);
/* Of kind RECORD; may be lost. The main loop is woken for many at once. */
void sp_reports_record(struct sp_reports *reports, const struct sp_report *report);
/* Do records wait for which nobody was woken, or has nobody heard that some were lost? */
bool sp_reports_are_quiet(const struct sp_reports *reports);
void sp_reports_rouse(struct sp_reports *reports);
/* @count records were lost before they came here. */
void sp_reports_add_lost(struct sp_reports *reports, uint32_t count);

/* Main loop. */
bool sp_reports_take(struct sp_reports *reports, struct sp_report *report);
