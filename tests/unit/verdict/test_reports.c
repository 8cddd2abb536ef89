/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports and records; verdicts on packets. */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include "fake.h"
#include "record.h"

#define WAITING 4

static struct sp_reports reports;

static void setup(void)
{
	ck_assert_int_eq(sp_reports_init(&reports, WAITING), 0);
}

static void teardown(void)
{
	sp_reports_clear(&reports);
}

static void fill_with_records(void)
{
	struct sp_report report = { .kind = SP_REPORT_RECORD };
	int i;

	for (i = 0; i < 5000; i++)
		sp_reports_record(&reports, &report);
}

static struct sp_waiting some;

/* Whatever else lies there, questions, their ends and replies find a place. */
START_TEST(records_crowd_nothing_out)
{
	int i;

	fill_with_records();
	for (i = 0; i < WAITING; i++)
		ck_assert(sp_reports_ask(&reports, &some, 0));
	for (i = 0; i < SP_COMMANDS_MAX; i++)
		sp_reports_done(&reports, (uint64_t)i, 0);
	for (i = 0; i < WAITING; i++)
		sp_reports_gone(&reports, (uint64_t)i, SP_GONE_RULE);
	ck_assert_uint_eq(reports.due, 0);
}
END_TEST

/* If nobody reads, questions are refused before their end has no place. */
START_TEST(every_question_has_its_end)
{
	unsigned int asked = 0, open = 0;
	int i;

	fill_with_records();
	for (i = 0; i < 10000; i++) {
		if (sp_reports_ask(&reports, &some, 0)) {
			asked++;
			open++;
		}
		if (open == WAITING || (open && i % 3 == 0)) {
			sp_reports_gone(&reports, 1, SP_GONE_EXPIRED);
			open--;
		}
	}
	while (open--)
		sp_reports_gone(&reports, 1, SP_GONE_EXPIRED);
	for (i = 0; i < SP_COMMANDS_MAX; i++)
		sp_reports_done(&reports, 1, 0);
	ck_assert_uint_ge(asked, WAITING);
}
END_TEST

START_TEST(losses_are_told)
{
	struct sp_report report = { .kind = SP_REPORT_RECORD };
	uint32_t taken = 0;

	fill_with_records();
	while (sp_reports_take(&reports, &report))
		taken++;
	report.kind = SP_REPORT_RECORD;
	sp_reports_record(&reports, &report);
	ck_assert(sp_reports_take(&reports, &report));
	ck_assert_int_eq(report.kind, SP_REPORT_LOST);
	ck_assert_uint_eq(report.lost.reports, 5000 - taken);
	ck_assert(sp_reports_take(&reports, &report));
	ck_assert_int_eq(report.kind, SP_REPORT_RECORD);
}
END_TEST

/* By itself, as soon as there is room. */
START_TEST(losses_wait_for_no_record)
{
	struct sp_report report;
	uint32_t taken = 0;

	fill_with_records();
	sp_reports_rouse(&reports);
	ck_assert(sp_reports_are_quiet(&reports));
	while (sp_reports_take(&reports, &report)) {
		ck_assert_int_eq(report.kind, SP_REPORT_RECORD);
		taken++;
	}
	sp_reports_rouse(&reports);
	ck_assert(!sp_reports_are_quiet(&reports));
	ck_assert(sp_reports_take(&reports, &report));
	ck_assert_int_eq(report.kind, SP_REPORT_LOST);
	ck_assert_uint_eq(report.lost.reports, 5000 - taken);
	ck_assert(!sp_reports_take(&reports, &report));
}
END_TEST

Suite *suite_reports(void)
{
	Suite *suite = suite_create("reports");
	TCase *tests = tcase_create("reports");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, records_crowd_nothing_out);
	tcase_add_test(tests, every_question_has_its_end);
	tcase_add_test(tests, losses_are_told);
	tcase_add_test(tests, losses_wait_for_no_record);
	suite_add_tcase(suite, tests);
	return suite;
}

/* --- records ---------------------------------------------------------------------- */

static void check_cut(const char *path, size_t size, const char *expected)
{
	char to[64];

	sp_record_path(to, size, path, strlen(path));
	ck_assert_str_eq(to, expected);
	ck_assert_uint_lt(strlen(to), size);
}

START_TEST(long_paths_are_cut_in_the_middle)
{
	check_cut("", 16, "");
	check_cut("/usr/bin/curl", 14, "/usr/bin/curl");
	check_cut("/usr/bin/curl", 13, "/us…n/curl");
	check_cut("/opt/äöüß/äöüß/x", 16, "/opt…öüß/x");
}
END_TEST

/* No text that is UTF-8 ends up as something else. */
START_TEST(cuts_keep_characters_whole)
{
	const char *path = "/a/äöüßäöüßäöüßäöüßäöüßäöüß€€€€€€€€/b";
	char to[64];
	size_t size;

	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	for (size = 12; size < 60; size++) {
		sp_record_path(to, size, path, strlen(path));
		ck_assert_uint_lt(strlen(to), size);
		ck_assert_ptr_nonnull(strstr(to, "…"));
		ck_assert_uint_ne(mbstowcs(NULL, to, 0), (size_t)-1);
	}
	memset(to, 0x80, sizeof(to));	/* no text at all: any cut will do */
	sp_record_path(to, 20, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
		       "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", 28);
	ck_assert_uint_lt(strlen(to), 20);
}
END_TEST

START_TEST(events_become_records)
{
	struct sallyport_event event = {
		.kind = SALLYPORT_EVENT_ENDED, .time = fake_now.boot - 3, .rule = 7,
		.bytes = { 1, 2 }, .action = SALLYPORT_ALLOW,
	};
	struct sp_record record;

	event.flow = fake_flow(20, "192.0.2.1", 80);
	ck_assert(sp_record_event(&record, &event, "/usr/bin/curl", &fake_now));
	ck_assert_int_eq(record.event, SP_RECORD_ENDED);
	ck_assert_int_eq(record.by, SP_BY_RULE);
	ck_assert_int_eq(record.time, fake_now.real - 3);
	ck_assert_uint_eq(record.bytes[1], 2);
	ck_assert_str_eq(record.path, "/usr/bin/curl");

	event.kind = SALLYPORT_EVENT_REFUSED;
	event.reason = SALLYPORT_STAT_LIMIT_USER;
	ck_assert(sp_record_event(&record, &event, NULL, &fake_now));
	ck_assert_int_eq(record.by, SP_BY_LIMIT);
	event.reason = SALLYPORT_STAT_TAG_LOST;
	ck_assert(sp_record_event(&record, &event, NULL, &fake_now));
	ck_assert_int_eq(record.by, SP_BY_KERNEL);
	ck_assert_uint_eq(record.reason, SALLYPORT_STAT_TAG_LOST);
	event.reason = SALLYPORT_STAT_DENY;
	event.rule = 0;
	ck_assert(sp_record_event(&record, &event, NULL, &fake_now));
	ck_assert_int_eq(record.by, SP_BY_DEFAULT);
	event.kind = SALLYPORT_EVENT_EXPIRED;
	ck_assert(!sp_record_event(&record, &event, NULL, &fake_now));
	event.kind = 99;
	ck_assert(!sp_record_event(&record, &event, NULL, &fake_now));
}
END_TEST

START_TEST(brief_flows_become_two_records)
{
	struct sallyport_event event = {
		.kind = SALLYPORT_EVENT_ENDED, .time = fake_now.boot - 3,
		.began = fake_now.boot - 10, .bytes = { 1, 2 }, .action = SALLYPORT_ALLOW,
		.count = 3,
	};
	struct sp_record end, beginning;

	ck_assert(sp_record_event(&end, &event, "/usr/bin/curl", &fake_now));
	end.host.missed = true;
	ck_assert(sp_record_split(&end, &beginning));
	ck_assert_int_eq(beginning.event, SP_RECORD_DECIDED);
	ck_assert_int_eq(beginning.time, fake_now.real - 10);
	ck_assert_uint_eq(beginning.bytes[1], 0);
	ck_assert_uint_eq(beginning.flows, 3);
	ck_assert(beginning.host.missed);
	ck_assert_str_eq(beginning.path, "/usr/bin/curl");
	ck_assert_int_eq(end.event, SP_RECORD_ENDED);
	ck_assert_int_eq(end.time, fake_now.real - 3);
	ck_assert_uint_eq(end.bytes[1], 2);
	ck_assert_uint_eq(end.flows, 3);
	ck_assert(!end.host.missed);
	ck_assert(!sp_record_split(&end, &beginning));
	event.began = 0;
	ck_assert(sp_record_event(&end, &event, NULL, &fake_now));
	ck_assert(!sp_record_split(&end, &beginning));
}
END_TEST

Suite *suite_record(void)
{
	Suite *suite = suite_create("record");
	TCase *tests = tcase_create("record");

	tcase_add_test(tests, long_paths_are_cut_in_the_middle);
	tcase_add_test(tests, cuts_keep_characters_whole);
	tcase_add_test(tests, events_become_records);
	tcase_add_test(tests, brief_flows_become_two_records);
	suite_add_tcase(suite, tests);
	return suite;
}

/* --- release ---------------------------------------------------------------------- */

struct sent {
	size_t calls, verdicts[2];
	uint32_t last;
	uint16_t place;
};

static void count_sent(void *arg, uint16_t place, bool waiting, const void *data,
		       size_t size)
{
	struct sent *sent = arg;

	sent->place = place;
	sent->calls++;
	sent->verdicts[waiting] += size / SP_RELEASE_MESSAGE;
	memcpy(&sent->last, (const uint8_t *)data + size - 8, 4);
	sent->last = ntohl(sent->last);
}

START_TEST(verdicts_go_together_and_to_their_socket)
{
	struct sent sent = { 0 };
	struct sp_release release = {
		.queue_wait = FAKE_WAIT, .send = count_sent, .sockets = &sent,
	};
	uint32_t i;

	for (i = 0; i < SP_RELEASE_BATCH; i++)
		sp_release_repeat(&release, (struct sp_held){ FAKE_FIRST, i, 0 });
	ck_assert_uint_eq(sent.calls, 1);
	ck_assert_uint_eq(sent.last, NF_REPEAT);
	sp_release_wait(&release, (struct sp_held){ FAKE_FIRST, i, 0 });
	sp_release_flush(&release);
	ck_assert_uint_eq(sent.last, (uint32_t)FAKE_WAIT << 16 | NF_QUEUE);
	sp_release_drop(&release, (struct sp_held){ FAKE_WAIT, i, 0 });
	sp_release_flush(&release);
	ck_assert_uint_eq(sent.last, NF_DROP);
	sp_release_flush(&release);
	ck_assert_uint_eq(sent.calls, 3);
	ck_assert_uint_eq(sent.verdicts[false], SP_RELEASE_BATCH + 1);
	ck_assert_uint_eq(sent.verdicts[true], 1);
}
END_TEST

START_TEST(verdicts_go_to_their_own_namespace)
{
	struct sent sent = { 0 };
	struct sp_release release = {
		.queue_wait = FAKE_WAIT, .send = count_sent, .sockets = &sent,
	};

	sp_release_repeat(&release, (struct sp_held){ FAKE_FIRST, 1, 0 });
	sp_release_repeat(&release, (struct sp_held){ FAKE_FIRST, 2, 0 });
	ck_assert_uint_eq(sent.calls, 0);
	sp_release_drop(&release, (struct sp_held){ FAKE_FIRST, 1, 3 });
	ck_assert_uint_eq(sent.calls, 1);
	ck_assert_uint_eq(sent.place, 0);
	ck_assert_uint_eq(sent.verdicts[false], 2);
	sp_release_flush(&release);
	ck_assert_uint_eq(sent.place, 3);
	ck_assert_uint_eq(sent.last, NF_DROP);
	ck_assert_uint_eq(sent.verdicts[false], 3);
}
END_TEST

Suite *suite_release(void)
{
	Suite *suite = suite_create("release");
	TCase *tests = tcase_create("release");

	tcase_add_test(tests, verdicts_go_together_and_to_their_socket);
	tcase_add_test(tests, verdicts_go_to_their_own_namespace);
	suite_add_tcase(suite, tests);
	return suite;
}
