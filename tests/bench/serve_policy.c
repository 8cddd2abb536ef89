/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict thread alone, without bus and store, under a policy given in the
 * rule language: what the kernel's paths cost, nothing else.
 *
 *	serve_policy allow|deny RULE...
 *
 * The first word is the default of both directions. Prints "ready" when it is
 * the kernel's daemon, and ends at the end of standard input.
 */
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "text.h"
#include "verdict.h"

static int64_t realtime(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static struct sp_snapshot *read_policy(int count, char **lines, enum sp_action otherwise)
{
	struct sp_defaults defaults = { .out = otherwise, .in = otherwise };
	struct sp_rule *rules = calloc(count + 1, sizeof(*rules));
	struct sp_text_error error;
	int i;

	if (!rules)
		err(1, "rules");
	for (i = 0; i < count; i++) {
		if (sp_text_parse(lines[i], strlen(lines[i]), SP_SYSTEM, NULL,
				  &rules[i], &error) != 1)
			errx(2, "%s: %u: %s", lines[i], error.column, error.message);
		rules[i].id = i + 1;
	}
	return sp_snapshot_new(rules, count, &defaults, 1, realtime());
}

static void drain_reports(struct sp_verdict_thread *thread)
{
	struct sp_report report;

	while (sp_verdict_report(thread, &report))
		if (report.kind == SP_REPORT_ASK)
			free(report.ask.waiting);
		else if (report.kind == SP_REPORT_STOPPED)
			errx(1, "stopped: %s", report.stopped.message);
}

int main(int argc, char **argv)
{
	struct sp_verdict_config config = {
		.queue_first = 47000, .queue_count = 1, .queue_wait = 47100,
		.queue_length = 4096, .receive_buffer = 8 << 20,
		.namespaces = 16,
		.absent_out = SALLYPORT_DENY, .absent_in = SALLYPORT_DENY,
	};
	struct sp_verdict_thread *thread;
	struct sp_snapshot *policy;
	struct pollfd fds[2];
	char message[200];

	if (argc < 2 || (strcmp(argv[1], "allow") && strcmp(argv[1], "deny")))
		errx(2, "usage: serve_policy allow|deny RULE...");
	policy = read_policy(argc - 2, argv + 2,
			     strcmp(argv[1], "allow") ? SP_DENY : SP_ALLOW);
	thread = sp_verdict_start(&config, policy, message, sizeof(message));
	if (!thread)
		errx(1, "%s", message);
	puts("ready");
	fflush(stdout);
	fds[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = sp_verdict_fd(thread), .events = POLLIN };
	while (poll(fds, 2, -1) > 0 && !fds[0].revents)
		drain_reports(thread);
	sp_verdict_stop(thread);
	sp_snapshot_unref(policy);
	return 0;
}
