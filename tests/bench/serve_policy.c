/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict thread alone, without bus and store, under a policy given in the
 * rule language: what the kernel's paths cost, nothing else.
 *
 *	serve_policy [-q LENGTH] [-b BYTES] [-l LIMIT] [-u UID FILE] allow|deny RULE...
 *
 * The first word is the default of both directions. -q: packets of the queue, -b:
 * bytes of each socket's buffer, -l: waiting flows of a program; of a user twice,
 * in all three times that many; -u: rules of that user too, a line each. Prints "ready" when it is the kernel's daemon, some
 * counters for each line of standard input, and ends at its end.
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

static struct sp_rule *rules;
static size_t rules_count, rules_room;

static void add_rule(const char *line, uint32_t owner)
{
	struct sp_text_error error;

	if (rules_count == rules_room) {
		rules_room = rules_room ? 2 * rules_room : 64;
		rules = reallocarray(rules, rules_room, sizeof(*rules));
		if (!rules)
			err(1, "rules");
	}
	if (sp_text_parse(line, strlen(line), owner, NULL, &rules[rules_count], &error) != 1)
		errx(2, "%s: %u: %s", line, error.column, error.message);
	rules[rules_count].id = rules_count + 1;
	rules_count++;
}

static void add_rules_of(uint32_t owner, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[512];

	if (!file)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		add_rule(line, owner);
	}
	fclose(file);
}

static void show(const struct sp_report *report)
{
	const uint64_t *stats = report->status.stats;

	printf("queue-full %ju queue-overrun %ju tag-lost %ju limit-image %ju limit-user %ju "
	       "limit-total %ju limited %ju flow-full %ju alone %ju verdicts %u flows %u\n",
	       (uintmax_t)report->status.losses.full,
	       (uintmax_t)report->status.losses.overrun,
	       (uintmax_t)stats[SALLYPORT_STAT_TAG_LOST],
	       (uintmax_t)stats[SALLYPORT_STAT_LIMIT_IMAGE],
	       (uintmax_t)stats[SALLYPORT_STAT_LIMIT_USER],
	       (uintmax_t)stats[SALLYPORT_STAT_LIMIT_TOTAL],
	       (uintmax_t)report->status.limited,
	       (uintmax_t)stats[SALLYPORT_STAT_FLOW_FULL],
	       (uintmax_t)report->status.alone, report->status.tables.verdicts,
	       report->status.tables.flows);
	fflush(stdout);
}

static void drain_reports(struct sp_verdict_thread *thread)
{
	struct sp_report report;

	while (sp_verdict_report(thread, &report))
		if (report.kind == SP_REPORT_ASK)
			free(report.ask.waiting);
		else if (report.kind == SP_REPORT_STATUS)
			show(&report);
		else if (report.kind == SP_REPORT_STOPPED)
			errx(1, "stopped: %s", report.stopped.message);
}

/* False: standard input has ended. */
static bool read_line(struct sp_verdict_thread *thread)
{
	char line[64];

	if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
		return false;
	sp_verdict_status(thread);
	return true;
}

static void read_options(int argc, char **argv, struct sp_verdict_config *config)
{
	int option;

	while ((option = getopt(argc, argv, "+q:b:l:u:")) != -1) {
		uint32_t value = option == '?' ? 0 : strtoul(optarg, NULL, 10);

		if (option == 'q')
			config->queue_length = value;
		else if (option == 'b')
			config->receive_buffer = value;
		else if (option == 'u' && optind < argc)
			add_rules_of(value, argv[optind++]);
		else if (option == 'l')
			config->limits = (struct sallyport_pending_limits){
				value, 2 * value, 3 * value, 60,
			};
		else
			exit(2);
	}
}

int main(int argc, char **argv)
{
	struct sp_verdict_config config = {
		.queue_first = 47000, .queue_count = 1, .queue_wait = 47100,
		.queue_length = 4096, .receive_buffer = 8 << 20,
		.namespaces = 64,
		.absent_out = SALLYPORT_DENY, .absent_in = SALLYPORT_DENY,
	};
	struct sp_verdict_thread *thread;
	struct sp_defaults defaults = { };
	struct sp_snapshot *policy;
	struct pollfd fds[2];
	char message[200];
	int i;

	read_options(argc, argv, &config);
	argc -= optind - 1;
	argv += optind - 1;
	if (argc < 2 || (strcmp(argv[1], "allow") && strcmp(argv[1], "deny")))
		errx(2, "usage: serve_policy [-q LENGTH] [-b BYTES] [-l LIMIT] [-u UID FILE] allow|deny RULE...");
	defaults.out = defaults.in = strcmp(argv[1], "allow") ? SP_DENY : SP_ALLOW;
	for (i = 2; i < argc; i++)
		add_rule(argv[i], SP_SYSTEM);
	policy = sp_snapshot_new(rules, rules_count, &defaults, 1, realtime());
	thread = sp_verdict_start(&config, policy, message, sizeof(message));
	if (!thread)
		errx(1, "%s", message);
	puts("ready");
	fflush(stdout);
	fds[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = sp_verdict_fd(thread), .events = POLLIN };
	while (poll(fds, 2, -1) > 0 && (!fds[0].revents || read_line(thread)))
		drain_reports(thread);
	sp_verdict_stop(thread);
	sp_snapshot_unref(policy);
	return 0;
}
