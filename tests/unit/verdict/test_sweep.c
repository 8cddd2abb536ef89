/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything decided again, and what the kernel tells on its own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "fake.h"

#define CURL "/usr/bin/curl"
#define WGET "/usr/bin/wget"

static struct fake *fake;
static uint64_t curl, wget;

static struct sp_snapshot *policy(uint64_t epoch, enum sp_action for_curl)
{
	struct sp_rule rules[] = {
		fake_rule(1, for_curl, CURL, NULL, 443),
		fake_rule(2, SP_ALLOW, WGET, NULL, 0),
	};

	return fake_policy(epoch, SP_ASK, rules, 2);
}

static void setup(void)
{
	fake = fake_new(policy(1, SP_ALLOW));
	curl = fake_image(fake, CURL, 0);
	wget = fake_image(fake, WGET, 0);
}

static void teardown(void)
{
	fake_free(fake);
}

static void open_flow(uint64_t image, uint16_t port)
{
	struct sallyport_flow flow = fake_flow(image, "198.51.100.1", port);
	uint32_t packet = fake_send(fake, &flow);

	fake_round(fake);
	if (packet)
		ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
}

START_TEST(what_changed_goes_and_the_rest_stays)
{
	open_flow(curl, 443);
	open_flow(wget, 80);
	ck_assert_uint_eq(fake->verdicts_count, 2);
	fake_forget_steps(fake);
	ck_assert_int_eq(fake_set_policy(fake, policy(2, SP_DENY)), 0);
	ck_assert_uint_eq(fake->verdicts_count, 1);
	ck_assert_uint_eq(fake->verdicts[0].image, wget);
	ck_assert_uint_eq(fake->thread.engine.installed.count, 1);
	/* table, epoch, open flows */
	ck_assert_int_eq(fake->steps[0].op, FAKE_FORGET);
	ck_assert_int_eq(fake->steps[1].op, FAKE_EPOCH);
	ck_assert_int_eq(fake->steps[2].op, FAKE_END_FLOWS);
	ck_assert_uint_eq(fake->steps_count, 3);
	ck_assert_uint_eq(fake->ended_count, 1);
	ck_assert_uint_eq(fake->flows_count, 1);
}
END_TEST

/* What it denies is stopped, whatever is swept meanwhile, and goes on when it is allowed. */
START_TEST(what_may_be_taken_back_is_stopped)
{
	open_flow(curl, 443);
	fake->thread.engine.stops = true;
	ck_assert_int_eq(fake_set_policy(fake, policy(2, SP_DENY)), 0);
	ck_assert_uint_eq(fake->ended_count, 1);
	ck_assert_uint_eq(fake->flows_count, 1);
	ck_assert_uint_eq(fake->flows[0].counts.action, SALLYPORT_DROP);
	ck_assert_int_eq(fake_set_policy(fake, policy(3, SP_DENY)), 0);
	ck_assert_uint_eq(fake->flows_count, 1);
	ck_assert_int_eq(fake_set_policy(fake, policy(4, SP_ALLOW)), 0);
	ck_assert_uint_eq(fake->flows_count, 0);
}
END_TEST

START_TEST(what_was_stopped_ends_when_it_is_settled)
{
	open_flow(curl, 443);
	fake->thread.engine.stops = true;
	ck_assert_int_eq(fake_set_policy(fake, policy(2, SP_DENY)), 0);
	ck_assert_uint_eq(fake->flows_count, 1);
	fake->thread.engine.stops = false;
	ck_assert_int_eq(fake_set_policy(fake, policy(3, SP_DENY)), 0);
	ck_assert_uint_eq(fake->flows_count, 0);
}
END_TEST

START_TEST(an_open_flow_is_not_asked_about)
{
	struct sallyport_flow next = fake_flow(curl, "198.51.100.1", 443);

	open_flow(curl, 443);
	ck_assert_int_eq(fake_set_policy(fake, policy(2, SP_ASK)), 0);
	ck_assert_uint_eq(fake->verdicts_count, 0);
	ck_assert_uint_eq(fake->ended_count, 0);
	fake_send(fake, &next);
	fake_round(fake);
	ck_assert_uint_ne(fake_asked(fake), 0);
}
END_TEST

START_TEST(a_refused_flow_is_forgotten_when_it_would_be_allowed)
{
	struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", 80);
	struct sp_rule rule = fake_rule(5, SP_ALLOW, CURL, NULL, 0);
	uint64_t pending;

	fake_send(fake, &flow);
	fake_round(fake);
	pending = fake_asked(fake);
	sp_answer_given(&fake->thread.engine, &pending, 1, SP_DENY, SP_BY_ANSWER, false);
	fake_end_round(fake);
	ck_assert_uint_eq(fake->flows_count, 1);
	fake_set_policy(fake, fake_policy(2, SP_ASK, &rule, 1));
	ck_assert_uint_eq(fake->flows_count, 0);
}
END_TEST

START_TEST(epochs_grow_from_the_kernels)
{
	ck_assert_uint_eq(fake->epoch, 8);
	fake_set_policy(fake, policy(50, SP_ALLOW));
	ck_assert_uint_eq(fake->epoch, 9);
	sp_sweep(&fake->thread.engine);
	ck_assert_uint_eq(fake->epoch, 10);
}
END_TEST

START_TEST(waiting_flows_get_the_new_answer)
{
	struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", 80);
	struct sp_rule rule = fake_rule(5, SP_ALLOW, CURL, NULL, 80);
	struct sp_report report;
	uint64_t pending;

	fake_send(fake, &flow);
	fake_round(fake);
	pending = fake_asked(fake);
	fake_forget_steps(fake);
	fake_set_policy(fake, policy(2, SP_DENY));	/* still a question, and the same */
	ck_assert_uint_eq(fake->thread.engine.waiting.asked, 1);
	ck_assert_uint_eq(fake_asked(fake), 0);
	fake_set_policy(fake, fake_policy(3, SP_ASK, &rule, 1));
	ck_assert_int_eq(fake->packets[0].fate, FATE_PASSED);
	ck_assert(fake_report(fake, SP_REPORT_GONE, &report));
	ck_assert_uint_eq(report.gone.pending, pending);
	ck_assert_int_eq(report.gone.reason, SP_GONE_RULE);
	ck_assert_int_gt(fake_step(fake, FAKE_PUSH), fake_step(fake, FAKE_EPOCH));
}
END_TEST

static struct sp_snapshot *until(int64_t expires)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, CURL, NULL, 443);

	rule.expires = expires;
	return fake_policy(2, SP_DENY, &rule, 1);
}

START_TEST(an_allow_that_expires_ends_its_flows)
{
	struct sp_now start = fake_now;

	fake_set_policy(fake, until(fake_now.real + 60 * SECOND));
	open_flow(curl, 443);
	ck_assert_uint_eq(fake->verdicts[0].expires, fake_now.boot + 60 * SECOND);
	ck_assert_int_eq(fake->thread.engine.next_change, fake_now.real + 60 * SECOND);
	fake_now.real += 61 * SECOND;
	fake_now.boot += 61 * SECOND;
	ck_assert_int_eq(sp_sweep(&fake->thread.engine), 0);
	ck_assert_uint_eq(fake->ended_count, 1);
	ck_assert_int_eq(fake->thread.engine.next_change, 0);
	ck_assert_uint_eq(fake->thread.engine.installed.count, 0);
	fake_now = start;
}
END_TEST

/* The clock is set ahead: a verdict's end comes nearer. */
START_TEST(a_clock_that_is_set_moves_the_ends)
{
	struct sp_now start = fake_now;

	fake_set_policy(fake, until(fake_now.real + 60 * SECOND));
	open_flow(curl, 443);
	fake_now.real += 50 * SECOND;
	ck_assert_int_eq(sp_sweep(&fake->thread.engine), 0);
	ck_assert_uint_eq(fake->verdicts_count, 0);
	open_flow(curl, 443);
	ck_assert_uint_eq(fake->verdicts[0].expires, fake_now.boot + 10 * SECOND);
	fake_now.real -= 100 * SECOND;		/* back: ends too early, which is no harm */
	ck_assert_int_eq(sp_sweep(&fake->thread.engine), 0);
	ck_assert_uint_eq(fake->verdicts_count, 1);
	fake_now = start;
}
END_TEST

START_TEST(verdicts_of_an_earlier_daemon_are_judged)
{
	struct fake *old = fake;
	struct sp_engine_sizes sizes = { 256, 1024 };
	struct sp_engine *engine = &fake->thread.engine;
	struct sp_snapshot *snapshot = policy(1, SP_DENY);
	uint64_t id;

	open_flow(curl, 443);
	open_flow(wget, 80);
	id = old->verdicts[1].id;
	/* a new daemon over the same kernel */
	sp_engine_clear(engine);
	memset(&engine->once, 0, sizeof(engine->once));
	engine->epoch = fake->epoch;
	engine->interfaces.count = 0;
	ck_assert_int_eq(sp_engine_init(engine, snapshot, &sizes), 0);
	sp_snapshot_unref(snapshot);
	engine->last_id = 0;
	ck_assert_int_eq(sp_sweep_first(engine), 0);
	ck_assert_uint_eq(fake->verdicts_count, 1);
	ck_assert_uint_eq(fake->verdicts[0].image, wget);
	ck_assert_uint_eq(engine->installed.count, 1);
	ck_assert_uint_ge(engine->last_id, id);
}
END_TEST

/* What the kernel did not delete it is asked for, and then told again. */
START_TEST(a_failed_deletion_is_made_up_for)
{
	open_flow(curl, 443);
	fake->forget_error = ENOMEM;
	ck_assert_int_eq(fake_set_policy(fake, policy(2, SP_DENY)), ENOMEM);
	ck_assert_uint_eq(fake->verdicts_count, 1);
	ck_assert_int_eq(sp_sweep(&fake->thread.engine), 0);
	ck_assert_uint_eq(fake->verdicts_count, 0);
}
END_TEST

START_TEST(a_device_with_another_name_is_another)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, CURL, NULL, 443);
	struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", 443);
	uint32_t packet;

	rule.interface = (char *)"wg0";
	flow.ifindex = 3;
	fake_set_policy(fake, fake_policy(2, SP_DENY, &rule, 1));
	packet = fake_send(fake, &flow);
	fake_round(fake);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
	ck_assert(fake->verdicts[0].match & SALLYPORT_MATCH_INTERFACE);
	ck_assert_uint_eq(fake->verdicts[0].ifindex, 3);
	sp_interfaces_set(&fake->thread.engine.interfaces, 3, "wg1");
	ck_assert(fake->thread.engine.interfaces.changed);
	sp_sweep(&fake->thread.engine);
	ck_assert_uint_eq(fake->verdicts_count, 0);
	ck_assert_uint_eq(fake->ended_count, 1);
}
END_TEST

START_TEST(many_verdicts_and_flows)
{
	struct sallyport_flow flow;
	uint32_t i;

	for (i = 0; i < 900; i++) {
		flow = fake_flow(wget, "198.51.100.1", 80);
		flow.uid = i;
		fake_send(fake, &flow);
		fake_round(fake);
	}
	ck_assert_uint_eq(fake->verdicts_count, 900);
	ck_assert_uint_eq(fake->flows_count, 900);
	fake_set_policy(fake, fake_policy(2, SP_DENY, NULL, 0));
	ck_assert_uint_eq(fake->verdicts_count, 0);
	ck_assert_uint_eq(fake->flows_count, 0);
	ck_assert_uint_eq(fake->ended_count, 900);
}
END_TEST

Suite *suite_sweep(void)
{
	Suite *suite = suite_create("sweep");
	TCase *tests = tcase_create("sweep");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, what_changed_goes_and_the_rest_stays);
	tcase_add_test(tests, what_may_be_taken_back_is_stopped);
	tcase_add_test(tests, what_was_stopped_ends_when_it_is_settled);
	tcase_add_test(tests, an_open_flow_is_not_asked_about);
	tcase_add_test(tests, a_refused_flow_is_forgotten_when_it_would_be_allowed);
	tcase_add_test(tests, epochs_grow_from_the_kernels);
	tcase_add_test(tests, waiting_flows_get_the_new_answer);
	tcase_add_test(tests, an_allow_that_expires_ends_its_flows);
	tcase_add_test(tests, a_clock_that_is_set_moves_the_ends);
	tcase_add_test(tests, verdicts_of_an_earlier_daemon_are_judged);
	tcase_add_test(tests, a_failed_deletion_is_made_up_for);
	tcase_add_test(tests, a_device_with_another_name_is_another);
	tcase_add_test(tests, many_verdicts_and_flows);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	return suite;
}

/* --- news -------------------------------------------------------------------------- */

START_TEST(an_expired_question_is_over)
{
	struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", 80);
	struct sp_report report;
	uint64_t pending;

	fake_send(fake, &flow);
	fake_round(fake);
	pending = fake_asked(fake);
	fake_give_up(fake, pending, SALLYPORT_EVENT_EXPIRED);
	fake_round(fake);
	ck_assert_int_eq(fake->packets[0].fate, FATE_DROPPED);
	ck_assert(fake_report(fake, SP_REPORT_RECORD, &report));
	ck_assert_int_eq(report.record.event, SP_RECORD_ASKED);
	ck_assert(fake_report(fake, SP_REPORT_RECORD, &report));
	ck_assert_int_eq(report.record.event, SP_RECORD_EXPIRED);
	ck_assert(fake_report(fake, SP_REPORT_GONE, &report));
	ck_assert_int_eq(report.gone.reason, SP_GONE_EXPIRED);
	ck_assert_uint_eq(fake->thread.engine.waiting.count, 0);
}
END_TEST

START_TEST(a_question_of_nobody_is_over)
{
	struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", 80);
	struct sp_report report;

	fake_send(fake, &flow);
	fake_round(fake);
	fake_give_up(fake, fake_asked(fake), SALLYPORT_EVENT_ABANDONED);
	fake_round(fake);
	ck_assert_int_eq(fake->packets[0].fate, FATE_DROPPED);
	ck_assert(fake_report(fake, SP_REPORT_GONE, &report));
	ck_assert_int_eq(report.gone.reason, SP_GONE_ENDED);
	ck_assert_uint_eq(fake->thread.engine.waiting.count, 0);
}
END_TEST

START_TEST(lost_tags_are_read_from_the_list)
{
	struct sallyport_flow a = fake_flow(curl, "198.51.100.1", 443);
	struct sallyport_flow b = fake_flow(curl, "198.51.100.1", 80);
	uint32_t packet;

	packet = fake_send(fake, &a);
	fake_send(fake, &b);
	fake->tags_count = 0;
	fake->overrun = true;
	fake_round_without_news(fake);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
	ck_assert_uint_ne(fake_asked(fake), 0);
	ck_assert_uint_eq(fake->thread.engine.counters.unmatched, 0);
}
END_TEST

/* The end of a waiting flow may be among the events that were lost. */
START_TEST(lost_ends_are_noticed)
{
	struct sallyport_flow a = fake_flow(curl, "198.51.100.1", 80);
	struct sallyport_flow b = fake_flow(curl, "198.51.100.1", 81);
	struct sp_report report;

	fake_send(fake, &a);
	fake_send(fake, &b);
	fake_round(fake);
	fake_give_up(fake, fake_asked(fake), SALLYPORT_EVENT_EXPIRED);
	fake->events_count = 0;
	fake->events_lost = 3;
	fake_round(fake);
	ck_assert_uint_eq(fake->thread.engine.waiting.count, 1);
	ck_assert(fake_report(fake, SP_REPORT_LOST, &report));
	ck_assert_uint_eq(report.lost.reports, 3);
	ck_assert(fake_report(fake, SP_REPORT_GONE, &report));
	ck_assert_int_eq(report.gone.reason, SP_GONE_EXPIRED);
	ck_assert_uint_eq(fake->thread.engine.reports.lost, 0);
}
END_TEST

/* A burst loses some again and again: the kernel's tables are not walked for each time. */
START_TEST(nothing_is_looked_for_where_nothing_waits)
{
	struct sp_engine *engine = &fake->thread.engine;
	struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", 80);
	struct sp_report report;

	sp_news_events_lost(engine, 3);
	ck_assert(!engine->resync_wanted && !engine->ends_missed);
	fake_round(fake);
	fake_send(fake, &flow);
	fake_round(fake);
	ck_assert(fake_report(fake, SP_REPORT_LOST, &report));
	ck_assert_uint_eq(report.lost.reports, 3);
	sp_news_events_lost(engine, 3);
	ck_assert(engine->resync_wanted && !engine->ends_missed);
}
END_TEST

START_TEST(a_tag_read_late_brings_nothing_back)
{
	struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", 80);
	uint64_t tag;

	fake_send(fake, &flow);
	tag = fake->tags[0];
	fake->overrun = true;
	fake_round(fake);		/* the tag and the list both have it */
	ck_assert_uint_eq(fake_asked(fake), tag);
	ck_assert_uint_eq(fake_asked(fake), 0);
	ck_assert_uint_eq(fake->thread.engine.waiting.count, 1);
}
END_TEST

START_TEST(a_full_table_is_tidied)
{
	struct sallyport_flow flow;
	int i;

	fake_free(fake);
	fake = fake_new_sized(policy(1, SP_ALLOW), 4, 64);
	curl = fake_image(fake, CURL, 0);
	for (i = 0; i < 4; i++) {
		flow = fake_flow(curl, "198.51.100.1", 80);
		fake_send(fake, &flow);
	}
	fake_round(fake);
	while (fake->pending_count)
		fake_give_up(fake, fake->pending[0].id, SALLYPORT_EVENT_EXPIRED);
	fake->events_count = 0;		/* and nobody said so */
	flow = fake_flow(curl, "198.51.100.1", 443);
	fake_send(fake, &flow);
	fake_round(fake);
	ck_assert_int_eq(fake->packets[4].fate, FATE_PASSED);
	ck_assert_uint_eq(fake->thread.engine.waiting.count, 0);
}
END_TEST

START_TEST(events_are_recorded_with_their_path)
{
	struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", 443);
	struct sp_report report;

	fake_event(fake, SALLYPORT_EVENT_FLOW, &flow);
	flow.image = 999;
	fake_event(fake, SALLYPORT_EVENT_FLOW, &flow);
	fake_round(fake);
	ck_assert(fake_report(fake, SP_REPORT_RECORD, &report));
	ck_assert_str_eq(report.record.path, CURL);
	ck_assert_int_eq(report.record.event, SP_RECORD_DECIDED);
	ck_assert(fake_report(fake, SP_REPORT_RECORD, &report));
	ck_assert_str_eq(report.record.path, "");
}
END_TEST

Suite *suite_news(void)
{
	Suite *suite = suite_create("news");
	TCase *tests = tcase_create("news");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, an_expired_question_is_over);
	tcase_add_test(tests, a_question_of_nobody_is_over);
	tcase_add_test(tests, lost_tags_are_read_from_the_list);
	tcase_add_test(tests, lost_ends_are_noticed);
	tcase_add_test(tests, nothing_is_looked_for_where_nothing_waits);
	tcase_add_test(tests, a_tag_read_late_brings_nothing_back);
	tcase_add_test(tests, a_full_table_is_tidied);
	tcase_add_test(tests, events_are_recorded_with_their_path);
	suite_add_tcase(suite, tests);
	return suite;
}
