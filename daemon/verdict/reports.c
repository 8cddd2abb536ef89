/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may use which places of the mailbox. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "reports.h"

#define RECORDS		512	/* places that records may use */
#define RECORDS_ROUSE	128	/* the main loop is woken at the latest */
#define LAST_WORDS	2	/* LOST, STOPPED */
#define REPLIES		(SP_COMMANDS_MAX + LAST_WORDS)

/* Each question may be in the mailbox with its end, and all replies. */
int sp_reports_init(struct sp_reports *reports, size_t waiting_max)
{
	size_t must = 2 * waiting_max + REPLIES;

	memset(reports, 0, sizeof(*reports));
	reports->record_spare = must;
	return sp_mailbox_init(&reports->mailbox, sizeof(struct sp_report),
			       must + RECORDS);
}

void sp_reports_clear(struct sp_reports *reports)
{
	struct sp_report report;

	if (!reports->mailbox.items)
		return;
	while (sp_reports_take(reports, &report)) {
		if (report.kind == SP_REPORT_ASK)
			free(report.ask.waiting);
		if (report.kind == SP_REPORT_FLOWS)
			sp_flow_list_free(report.flows.list);
		if (report.kind == SP_REPORT_PROGRAM)
			free(report.program.program);
	}
	sp_mailbox_clear(&reports->mailbox);
}

static struct sp_waiting *copy_waiting(const struct sp_waiting *waiting)
{
	struct sp_waiting *copy = malloc(sizeof(*copy));

	if (copy)
		*copy = *waiting;
	return copy;
}

bool sp_reports_ask(struct sp_reports *reports, const struct sp_waiting *waiting,
		    uint64_t rule)
{
	struct sp_report report = { .kind = SP_REPORT_ASK };

	if (sp_mailbox_free(&reports->mailbox) <= REPLIES + reports->due + 1)
		return false;
	report.ask.rule = rule;
	report.ask.waiting = copy_waiting(waiting);
	if (!report.ask.waiting)
		return false;
	if (!sp_mailbox_put(&reports->mailbox, &report, 0)) {
		free(report.ask.waiting);
		return false;
	}
	reports->due++;
	return true;
}

/* There is always a place: it was kept. */
static void put(struct sp_reports *reports, const struct sp_report *report)
{
	bool fits = sp_mailbox_put(&reports->mailbox, report, 0);

	assert(fits);
	(void)fits;
}

void sp_reports_gone(struct sp_reports *reports, uint64_t pending,
		     enum sp_gone_reason reason)
{
	struct sp_report report = { .kind = SP_REPORT_GONE };

	assert(reports->due);
	reports->due--;
	report.gone.pending = pending;
	report.gone.reason = reason;
	put(reports, &report);
}

void sp_reports_done(struct sp_reports *reports, uint64_t serial, int error)
{
	struct sp_report report = { .kind = SP_REPORT_DONE };

	report.done.serial = serial;
	report.done.error = error;
	put(reports, &report);
}

void sp_reports_reply(struct sp_reports *reports, const struct sp_report *report)
{
	put(reports, report);
}

void sp_reports_late(struct sp_reports *reports, const struct sp_waiting *waiting)
{
	struct sp_report report = { .kind = SP_REPORT_LATE };

	report.late.pending = waiting->pending;
	report.late.host = waiting->host;
	memcpy(report.late.hash, waiting->hash, sizeof(report.late.hash));
	sp_mailbox_put(&reports->mailbox, &report, reports->record_spare);
}

static void tell_lost(struct sp_reports *reports)
{
	struct sp_report report = { .kind = SP_REPORT_LOST };

	report.lost.reports = reports->lost;
	if (sp_mailbox_put(&reports->mailbox, &report, reports->record_spare))
		reports->lost = 0;
}

void sp_reports_record(struct sp_reports *reports, const struct sp_report *report)
{
	if (reports->lost)
		tell_lost(reports);
	if (!sp_mailbox_put_quietly(&reports->mailbox, report, reports->record_spare))
		sp_reports_add_lost(reports, 1);
	if (sp_mailbox_quiet(&reports->mailbox) >= RECORDS_ROUSE)
		sp_reports_rouse(reports);
}

bool sp_reports_are_quiet(const struct sp_reports *reports)
{
	return sp_mailbox_quiet(&reports->mailbox) > 0 || reports->lost;
}

void sp_reports_rouse(struct sp_reports *reports)
{
	if (reports->lost)
		tell_lost(reports);
	sp_mailbox_rouse(&reports->mailbox);
}

void sp_reports_add_lost(struct sp_reports *reports, uint32_t count)
{
	if (__builtin_add_overflow(reports->lost, count, &reports->lost))
		reports->lost = UINT32_MAX;
}

bool sp_reports_take(struct sp_reports *reports, struct sp_report *report)
{
	return sp_mailbox_take(&reports->mailbox, report);
}
