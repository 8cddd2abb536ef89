/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a waiting flow to its answer, against a kernel in memory. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include "fake.h"

#define CURL "/usr/bin/curl"

static struct fake *fake;
static uint64_t curl;

/* curl may go to port 443; nothing to 203.0.113.9; the rest is asked about. */
static struct sp_snapshot *policy(uint64_t epoch)
{
	struct sp_rule rules[] = {
		fake_rule(1, SP_ALLOW, CURL, NULL, 443),
		fake_rule(2, SP_DENY, NULL, "203.0.113.9", 0),
	};

	return fake_policy(epoch, SP_ASK, rules, 2);
}

static void setup(void)
{
	fake = fake_new(policy(1));
	curl = fake_image(fake, CURL, 0);
}

static void teardown(void)
{
	fake_free(fake);
}

static struct sallyport_flow allowed(void)
{
	return fake_flow(curl, "198.51.100.1", 443);
}

static struct sallyport_flow asked(void)
{
	return fake_flow(curl, "198.51.100.1", 80);
}

static int answer(uint64_t pending, enum sp_action action, bool once)
{
	int error = sp_answer_given(&fake->thread.engine, &pending, 1, action, SP_BY_ANSWER,
				    once);

	fake_end_round(fake);
	return error;
}

START_TEST(push_comes_before_repeat)
{
	struct sallyport_flow flow = allowed();
	uint32_t packet = fake_send(fake, &flow);

	fake_round(fake);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
	ck_assert_uint_eq(fake->steps_count, 2);
	ck_assert_int_eq(fake->steps[0].op, FAKE_PUSH);
	ck_assert_int_eq(fake->steps[1].op, FAKE_REPEAT);
	ck_assert_uint_eq(fake->pending_count, 0);
	ck_assert_uint_eq(fake->verdicts[0].rule, 1);
	ck_assert_uint_eq(fake->thread.engine.waiting.count, 0);
}
END_TEST

/* The packet may be read while its tag still lies unread. */
START_TEST(a_packet_before_its_tag_finds_it)
{
	struct sallyport_flow flow = allowed();
	uint32_t packet = fake_send(fake, &flow);

	fake_round_without_news(fake);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
}
END_TEST

/* The tag may be read, and answered, before the packet is in the queue. */
START_TEST(a_packet_after_its_answer_goes_back)
{
	struct sallyport_flow flow = allowed();
	uint32_t packet = fake_send(fake, &flow);

	fake_packet(fake, packet)->held = true;	/* not there yet */
	fake_round(fake);
	ck_assert_int_eq(fake_step(fake, FAKE_PUSH), 0);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_HELD);
	fake_packet(fake, packet)->held = false;
	fake_round(fake);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
}
END_TEST

START_TEST(a_packet_of_nobody_is_dropped)
{
	struct sallyport_flow flow = allowed();
	uint32_t packet = fake_send(fake, &flow);

	fake->tags_count = 0;
	fake_round(fake);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_DROPPED);
	ck_assert_uint_eq(fake->thread.engine.counters.unmatched, 1);
	ck_assert_int_eq(fake_step(fake, FAKE_PUSH), -1);
}
END_TEST

START_TEST(a_denied_flow_goes_back_to_be_refused)
{
	struct sallyport_flow flow = fake_flow(curl, "203.0.113.9", 80);
	uint32_t packet = fake_send(fake, &flow);

	fake_round(fake);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_REFUSED);
	ck_assert_uint_eq(fake->steps[0].action, SALLYPORT_DENY);
}
END_TEST

START_TEST(one_push_answers_all_that_it_matches)
{
	struct sallyport_flow a = allowed(), b = allowed(), c = asked();
	uint32_t first = fake_send(fake, &a), second = fake_send(fake, &b);

	fake_send(fake, &c);
	fake_round(fake);
	ck_assert_int_eq(fake_fate(fake, first), FATE_PASSED);
	ck_assert_int_eq(fake_fate(fake, second), FATE_PASSED);
	ck_assert_int_eq(fake->packets[2].fate, FATE_HELD);
	ck_assert_uint_eq(fake_count(fake, FAKE_PUSH), 1);
	ck_assert_uint_eq(fake->steps[0].value, 2);
}
END_TEST

START_TEST(further_packets_share_the_fate)
{
	struct sallyport_flow flow = asked();
	uint32_t packets[3];
	uint64_t pending;
	int i;

	flow.protocol = IPPROTO_UDP;
	for (i = 0; i < 3; i++)
		packets[i] = fake_send(fake, &flow);
	fake_round(fake);
	pending = fake_asked(fake);
	ck_assert_uint_eq(fake_asked(fake), 0);
	ck_assert_int_eq(answer(pending, SP_ALLOW, false), 0);
	ck_assert_uint_eq(fake_count(fake, FAKE_REPEAT), 3);
	for (i = 0; i < 3; i++)
		ck_assert_uint_gt(fake->last_packet, packets[i]);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(fake->packets[i].fate, FATE_PASSED);
}
END_TEST

START_TEST(a_question_moves_its_packet)
{
	struct sallyport_flow flow = asked();
	struct sp_report report;

	fake_send(fake, &flow);
	fake_round(fake);
	ck_assert_uint_eq(fake_count(fake, FAKE_MOVE), 1);
	ck_assert_uint_eq(fake->packets[0].queue, FAKE_WAIT);
	ck_assert(fake_report(fake, SP_REPORT_ASK, &report));
	ck_assert_uint_eq(report.ask.rule, 0);
	ck_assert_str_eq(report.ask.waiting->path, CURL);
	ck_assert_str_eq(report.ask.waiting->comm, "program");
	ck_assert_uint_eq(report.ask.waiting->flow.cookie, flow.cookie);
	free(report.ask.waiting);
	/* a retransmission goes the same way and asks nothing */
	fake_send(fake, &flow);
	fake_round(fake);
	ck_assert_uint_eq(fake_count(fake, FAKE_MOVE), 2);
	ck_assert_uint_eq(fake_asked(fake), 0);
	ck_assert_uint_eq(fake->thread.engine.waiting.asked, 1);
}
END_TEST

static void check_answer(enum sp_action action, enum fake_fate fate)
{
	struct sallyport_flow flow = asked();
	struct sp_report report;
	uint64_t pending;

	fake_send(fake, &flow);
	fake_round(fake);
	pending = fake_asked(fake);
	fake_forget_steps(fake);
	ck_assert_int_eq(answer(pending, action, false), 0);
	ck_assert_int_eq(fake->steps[0].op, FAKE_RESOLVE);
	ck_assert_uint_eq(fake->steps[0].action, (uint8_t)action);
	ck_assert_int_eq(fake->steps[1].op, FAKE_REPEAT);
	ck_assert_int_eq(fake->packets[fake->packets_count - 1].fate, fate);
	ck_assert(fake_report(fake, SP_REPORT_RECORD, &report));
	ck_assert_int_eq(report.record.event, SP_RECORD_ASKED);
	ck_assert(fake_report(fake, SP_REPORT_RECORD, &report));
	ck_assert_int_eq(report.record.event, SP_RECORD_ANSWERED);
	ck_assert_uint_eq(report.record.action, (uint8_t)action);
	ck_assert(fake_report(fake, SP_REPORT_GONE, &report));
	ck_assert_uint_eq(report.gone.pending, pending);
	ck_assert_int_eq(report.gone.reason, SP_GONE_ANSWERED);
	ck_assert_int_eq(answer(pending, action, false), ENOENT);
}

START_TEST(answers)
{
	check_answer(SP_ALLOW, FATE_PASSED);
	check_answer(SP_DENY, FATE_REFUSED);
	check_answer(SP_DROP, FATE_REFUSED);
	ck_assert_int_eq(answer(1, SP_ASK, false), EINVAL);
	ck_assert_uint_eq(fake->verdicts_count, 0);
}
END_TEST

START_TEST(an_answer_may_name_a_flow_twice)
{
	struct sallyport_flow flow = asked();
	uint64_t ids[4];

	fake_send(fake, &flow);
	fake_round(fake);
	ids[0] = ids[1] = ids[3] = fake_asked(fake);
	ids[2] = 999;
	ck_assert_int_eq(sp_answer_given(&fake->thread.engine, ids, 4, SP_ALLOW, SP_BY_ANSWER,
					 false), 0);
	fake_end_round(fake);
	ck_assert_uint_eq(fake_count(fake, FAKE_REPEAT), 1);
}
END_TEST

START_TEST(once_covers_what_follows_until_the_last_ends)
{
	struct sallyport_flow a = asked(), b = asked(), c = asked();
	enum fake_fate fate;

	fake_send(fake, &a);
	fake_round(fake);
	fake_send(fake, &b);		/* waits as well when the answer comes */
	fake_round(fake);
	ck_assert_int_eq(answer(fake_asked(fake), SP_ALLOW, true), 0);
	ck_assert_int_eq(fake->packets[0].fate, FATE_PASSED);
	ck_assert_int_eq(fake->packets[1].fate, FATE_PASSED);
	ck_assert_uint_eq(fake->thread.engine.waiting.count, 0);
	while (fake_asked(fake))
		;
	fake_send_judged(fake, &c, &fate);
	ck_assert_int_eq(fate, FATE_HELD);
	fake_round(fake);
	ck_assert_int_eq(fake->packets[2].fate, FATE_PASSED);
	ck_assert_uint_eq(fake_asked(fake), 0);

	fake_event(fake, SALLYPORT_EVENT_ENDED, &a);
	fake_event(fake, SALLYPORT_EVENT_ENDED, &b);
	fake_event(fake, SALLYPORT_EVENT_ENDED, &c);
	c.cookie = 1u << 30;
	fake_round(fake);
	fake_send(fake, &c);
	fake_round(fake);
	ck_assert_uint_ne(fake_asked(fake), 0);
}
END_TEST

/* That a flow ended may be among the events that were lost. */
START_TEST(once_does_not_outlive_an_end_that_nobody_told)
{
	struct sallyport_flow a = asked(), b = asked(), c = asked();
	enum fake_fate fate;

	fake_send(fake, &a);
	fake_round(fake);
	ck_assert_int_eq(answer(fake_asked(fake), SP_ALLOW, true), 0);
	fake_send_judged(fake, &b, &fate);
	fake_round(fake);
	ck_assert_int_eq(fake->packets[1].fate, FATE_PASSED);
	ck_assert_uint_eq(fake->flows_count, 2);

	/* one is left: it holds on */
	fake->flows_count = 1;
	fake->events_lost = 1;
	fake_round(fake);
	ck_assert(!fake->thread.engine.ends_missed);
	fake_send_judged(fake, &c, &fate);
	fake_round(fake);
	ck_assert_int_eq(fake->packets[2].fate, FATE_PASSED);

	fake->flows_count = 0;
	fake->overrun = true;
	fake_round(fake);
	c.cookie = 1u << 30;
	fake_send(fake, &c);
	fake_round(fake);
	ck_assert_uint_ne(fake_asked(fake), 0);
}
END_TEST

/* A rule says no: what was answered once before is no matter. */
START_TEST(once_replaces_a_question_not_a_rule)
{
	struct sp_rule rule = fake_rule(9, SP_DENY, CURL, NULL, 80);
	struct sallyport_flow a = asked(), b = asked();

	fake_send(fake, &a);
	fake_round(fake);
	ck_assert_int_eq(answer(fake_asked(fake), SP_ALLOW, true), 0);
	fake_set_policy(fake, fake_policy(2, SP_ASK, &rule, 1));
	fake_send(fake, &b);
	fake_round(fake);
	ck_assert_int_eq(fake->packets[1].fate, FATE_REFUSED);
}
END_TEST

START_TEST(no_place_for_a_verdict_is_answered_alone)
{
	static const int errors[] = { EEXIST, ENOENT, ENOSPC };
	size_t i;

	for (i = 0; i < 3; i++) {
		struct sallyport_flow flow = allowed();
		uint32_t packet = fake_send(fake, &flow);

		fake->push_error = errors[i];
		fake_round(fake);
		ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
		ck_assert_uint_eq(fake_count(fake, FAKE_RESOLVE), i + 1);
	}
	ck_assert_uint_eq(fake->thread.engine.installed.count, 0);
	ck_assert_uint_eq(fake->thread.engine.counters.alone, 3);
	ck_assert_int_eq(fake->thread.engine.fatal, 0);
}
END_TEST

START_TEST(a_crowded_subject_is_not_tried_each_time)
{
	struct sallyport_flow flow, other = allowed();
	int i;

	fake->push_error = ENOSPC;
	for (i = 0; i < 3; i++) {
		flow = allowed();
		ck_assert_int_eq(fake_fate(fake, fake_send(fake, &flow)), FATE_HELD);
		fake_round(fake);
	}
	ck_assert_uint_eq(fake_count(fake, FAKE_PUSH), 1);
	ck_assert_uint_eq(fake_count(fake, FAKE_RESOLVE), 3);
	/* another subject is */
	other.uid++;
	fake_send(fake, &other);
	fake_round(fake);
	ck_assert_uint_eq(fake_count(fake, FAKE_PUSH), 2);
	/* and the same one after a while */
	fake_now.boot += SP_CROWDED_AGE;
	flow = allowed();
	fake_send(fake, &flow);
	fake_round(fake);
	ck_assert_uint_eq(fake_count(fake, FAKE_PUSH), 3);
	ck_assert_uint_eq(fake->thread.engine.installed.count, 2);
}
END_TEST

/* So that a verdict is never in the kernel that we do not know of. */
START_TEST(no_room_in_our_copy_is_answered_alone)
{
	struct sallyport_flow flow;
	uint32_t packet;
	int i;

	fake_free(fake);
	fake = fake_new_sized(policy(1), 16, 1);
	curl = fake_image(fake, CURL, 0);
	for (i = 0; i < 3; i++) {
		flow = allowed();
		flow.uid = 1000 + (uint32_t)i;
		packet = fake_send(fake, &flow);
		fake_round(fake);
		ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
	}
	ck_assert_uint_eq(fake->verdicts_count, 1);
	ck_assert_uint_eq(fake_count(fake, FAKE_RESOLVE), 2);
}
END_TEST

START_TEST(flows_that_share_a_failed_push_fail_alone)
{
	struct sallyport_flow a = allowed(), b = allowed();

	fake_send(fake, &a);
	fake_send(fake, &b);
	fake->push_error = ENOSPC;
	fake->fail_resolve_of = 1;
	fake_round(fake);
	ck_assert_int_eq(fake->packets[0].fate, FATE_PASSED);
	ck_assert_int_eq(fake->packets[1].fate, FATE_PASSED);
}
END_TEST

/* Nothing passes because something went wrong; the next packet tries again. */
START_TEST(an_answer_that_fails_passes_nothing)
{
	struct sallyport_flow flow = allowed();
	uint32_t packet = fake_send(fake, &flow);

	fake->push_error = ENOMEM;
	fake_round(fake);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_DROPPED);
	ck_assert_uint_eq(fake->thread.engine.counters.failed, 1);
	ck_assert_uint_eq(fake->thread.engine.waiting.count, 1);
	packet = fake_send(fake, &flow);
	fake_round(fake);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
}
END_TEST

START_TEST(an_answer_of_a_person_that_fails_can_be_given_again)
{
	struct sallyport_flow flow = asked(), next = asked();
	struct sp_report report;
	uint64_t pending;

	fake_send(fake, &flow);
	fake_round(fake);
	pending = fake_asked(fake);
	fake->resolve_error = ENOMEM;
	ck_assert_int_eq(answer(pending, SP_ALLOW, true), ENOMEM);
	ck_assert_int_eq(fake->packets[0].fate, FATE_DROPPED);
	ck_assert(!fake_report(fake, SP_REPORT_GONE, &report));
	fake_send(fake, &next);		/* nothing is remembered */
	fake_round(fake);
	ck_assert_uint_eq(fake->thread.engine.waiting.asked, 2);
	ck_assert_int_eq(answer(pending, SP_ALLOW, false), 0);
}
END_TEST

START_TEST(another_daemon_is_the_end)
{
	struct sallyport_flow flow = allowed();
	uint32_t packet = fake_send(fake, &flow);

	fake->push_error = EPERM;
	fake_round(fake);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_DROPPED);
	ck_assert_int_eq(fake->thread.engine.fatal, EPERM);
}
END_TEST

START_TEST(no_module_is_the_end)
{
	struct sallyport_flow flow = allowed();

	fake_send(fake, &flow);
	fake->push_error = fake->resolve_error = ENOENT;
	fake_round(fake);
	ck_assert_int_eq(fake->thread.engine.fatal, ENODEV);
}
END_TEST

START_TEST(an_old_epoch_is_caught_up)
{
	struct sallyport_flow flow = allowed();
	uint32_t packet = fake_send(fake, &flow);

	fake->epoch += 5;
	fake_round(fake);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
	ck_assert_uint_eq(fake->thread.engine.epoch, fake->epoch);
	ck_assert(fake->thread.engine.sweep_wanted);
}
END_TEST

/* Nobody reads our questions: they are denied, and none is passed. */
START_TEST(questions_that_do_not_fit_are_denied)
{
	size_t i, held = 0, refused = 0;

	for (i = 0; i < 1000; i++) {
		struct sallyport_flow flow = asked();

		flow.process = i + 1;
		fake_send(fake, &flow);
		fake_round(fake);
		if (i % 2 && fake->thread.engine.waiting.asked > 100)
			answer(TAILQ_FIRST(&fake->thread.engine.waiting.judged)->info.pending,
			       SP_DENY, false);
	}
	for (i = 0; i < fake->packets_count; i++) {
		held += fake->packets[i].fate == FATE_HELD;
		refused += fake->packets[i].fate == FATE_REFUSED;
	}
	ck_assert_uint_eq(held + refused, 1000);
	ck_assert_uint_gt(fake->thread.engine.counters.limited, 0);
	ck_assert_uint_le(held, 256);
}
END_TEST

/* What became of it, whose packet has another number in another queue. */
static enum fake_fate fate_of(struct sallyport_flow flow)
{
	size_t at = fake->packets_count;

	fake_send(fake, &flow);
	fake_round(fake);
	ck_assert_uint_eq(fake->packets_count, at + 1);
	return fake->packets[at].fate;
}

static bool is_held(struct sallyport_flow flow)
{
	enum fake_fate fate = fate_of(flow);

	ck_assert_int_ne(fate, FATE_PASSED);
	return fate == FATE_HELD;
}

static struct sallyport_flow asked_by(uint64_t image, uint32_t uid, uint32_t number)
{
	struct sallyport_flow flow = fake_flow(image, "198.51.100.1", (uint16_t)(8000 + number));

	flow.uid = uid;
	flow.process = number;
	flow.cookie = number;
	flow.local_port = (uint16_t)(20000 + number);
	return flow;
}

START_TEST(people_are_asked_so_much_of_a_program_a_user_and_in_all)
{
	struct sallyport_pending_limits *limits = &fake->thread.engine.limits;
	uint64_t other = fake_image(fake, "/usr/bin/other", 0);
	uint64_t third = fake_image(fake, "/usr/bin/third", 0);

	*limits = (struct sallyport_pending_limits){ .image = 2, .user = 3, .total = 5 };
	ck_assert(is_held(asked_by(curl, 1000, 1)));
	ck_assert(is_held(asked_by(curl, 1000, 2)));
	ck_assert(!is_held(asked_by(curl, 1000, 3)));	/* the program's, of this user */
	ck_assert(is_held(asked_by(other, 1000, 4)));
	ck_assert(!is_held(asked_by(other, 1000, 5)));	/* the user's */
	ck_assert(is_held(asked_by(curl, 1001, 6)));
	ck_assert(is_held(asked_by(third, 1001, 7)));
	ck_assert(!is_held(asked_by(third, 1001, 8)));	/* all */
	ck_assert_uint_eq(fake->thread.engine.counters.limited, 3);
	ck_assert_int_eq(fate_of(allowed()), FATE_PASSED);	/* a rule's needs no place */
	ck_assert_uint_eq(fake->thread.engine.counters.limited, 3);
}
END_TEST

static struct sallyport_flow asked_again(uint32_t number, uint32_t again)
{
	struct sallyport_flow flow = asked_by(curl, 1000, number);

	flow.cookie = again;
	flow.local_port = (uint16_t)(20000 + again);
	return flow;
}

/* A browser's dozen connections to a host are one question, and take one place. */
START_TEST(flows_of_one_question_take_one_place)
{
	uint64_t first, second;
	uint32_t i;

	fake->thread.engine.limits = (struct sallyport_pending_limits){
		.image = 2, .user = 64, .total = 64,
	};
	ck_assert(is_held(asked_again(1, 1)));
	first = fake_asked(fake);
	for (i = 2; i <= 5; i++)
		ck_assert(is_held(asked_again(1, i)));
	second = fake_asked(fake);
	ck_assert(is_held(asked_again(2, 6)));
	ck_assert(!is_held(asked_again(3, 7)));		/* a third question */
	ck_assert(!is_held(asked_again(2, 8)));		/* flows are bounded, too */
	/* the question goes on without its first flow */
	ck_assert_int_eq(answer(first, SP_DENY, false), 0);
	ck_assert(!is_held(asked_again(3, 9)));
	ck_assert(is_held(asked_again(1, 10)));
	/* and is over with its last */
	ck_assert_int_eq(answer(second, SP_DENY, false), 0);
	for (i = 0; i < 4; i++)
		answer(fake_asked(fake), SP_DENY, false);
	ck_assert_uint_eq(fake->thread.engine.waiting.asked, 1);
	ck_assert(is_held(asked_again(3, 11)));
}
END_TEST

START_TEST(questions_of_what_comes_in_have_a_smaller_share)
{
	struct sp_rule ask = fake_rule(3, SP_ASK, NULL, NULL, 0);
	struct sp_snapshot *asking;
	struct sallyport_flow flow;
	uint32_t i;

	ask.direction = SP_IN;
	asking = fake_policy(2, SP_ASK, &ask, 1);
	sp_engine_set_snapshot(&fake->thread.engine, asking);
	sp_snapshot_unref(asking);
	fake->thread.engine.limits = (struct sallyport_pending_limits){
		.image = 8, .user = 8, .total = 8,
	};
	for (i = 1; i <= 3; i++) {
		flow = asked_by(curl, 1000, i);
		flow.direction = SALLYPORT_IN;
		ck_assert_int_eq(is_held(flow), i <= 2);
	}
	ck_assert(is_held(asked_by(curl, 1000, 4)));
}
END_TEST

START_TEST(programs_without_a_proven_path_are_others)
{
	uint64_t foreign = fake_image(fake, CURL, SALLYPORT_IMAGE_FOREIGN);
	struct sallyport_flow flow = fake_flow(foreign, "198.51.100.1", 443);
	struct sallyport_flow unknown;

	fake_send(fake, &flow);
	unknown = fake_flow(SALLYPORT_IMAGE_UNKNOWN, "198.51.100.1", 443);
	fake_send(fake, &unknown);
	fake_round(fake);
	ck_assert_uint_ne(fake_asked(fake), 0);
	ck_assert_uint_ne(fake_asked(fake), 0);
	ck_assert_int_eq(fake_step(fake, FAKE_PUSH), -1);
}
END_TEST

/* Same addresses, ports and device number: only the namespace differs. */
START_TEST(a_packet_belongs_to_its_namespace)
{
	struct sallyport_flow here = asked(), there = asked();

	there.local_port = here.local_port;
	there.netns = 7;
	there.flags = SALLYPORT_FLOW_NETNS;
	fake_send(fake, &here);
	fake_send(fake, &there);
	fake_round(fake);
	answer(fake_asked(fake), SP_DENY, false);
	ck_assert_int_eq(fake->packets[0].fate, FATE_REFUSED);
	ck_assert_int_eq(fake->packets[1].fate, FATE_HELD);
	answer(fake_asked(fake), SP_ALLOW, false);
	ck_assert_int_eq(fake->packets[1].fate, FATE_PASSED);
}
END_TEST

START_TEST(flows_of_a_namespace_that_ended_are_given_up)
{
	struct sallyport_flow here = asked(), there = asked();
	struct sp_report gone;

	there.netns = 7;
	fake_send(fake, &there);
	fake_send(fake, &here);
	fake_round(fake);
	ck_assert_uint_ne(fake_asked(fake), 0);
	ck_assert_uint_ne(fake_asked(fake), 0);
	sp_answer_give_up_netns(&fake->thread.engine, 7);
	sp_release_flush(&fake->thread.engine.release);
	ck_assert_int_eq(fake->packets[0].fate, FATE_DROPPED);
	ck_assert_int_eq(fake->packets[1].fate, FATE_HELD);
	ck_assert(fake_report(fake, SP_REPORT_GONE, &gone));
	ck_assert_int_eq(gone.gone.reason, SP_GONE_ENDED);
	ck_assert(!fake_report(fake, SP_REPORT_GONE, &gone));
	ck_assert_uint_eq(fake->thread.engine.waiting.count, 1);
}
END_TEST

/* Device 2 is eth0 here; in another namespace it is any device. */
START_TEST(a_rule_by_interface_allows_nothing_in_another_namespace)
{
	struct sp_rule rule = fake_rule(5, SP_ALLOW, CURL, NULL, 0);
	struct sallyport_flow here = allowed(), there = allowed();
	uint32_t first, second;

	rule.interface = (char *)"eth0";
	ck_assert_int_eq(fake_set_policy(fake, fake_policy(20, SP_DENY, &rule, 1)), 0);
	there.netns = 7;
	there.flags = SALLYPORT_FLOW_NETNS;
	first = fake_send(fake, &here);
	second = fake_send(fake, &there);
	fake_round(fake);
	ck_assert_int_eq(fake_fate(fake, first), FATE_PASSED);
	ck_assert_int_eq(fake_fate(fake, second), FATE_REFUSED);
}
END_TEST

START_TEST(bad_packets_are_dropped)
{
	struct sp_queued queued = { .held = { FAKE_FIRST, 1, 0 }, .hook = 3, .family = AF_INET };
	struct sallyport_flow flow = allowed();

	fake_send(fake, &flow);
	sp_answer_packet(&fake->thread.engine, &queued);
	sp_release_flush(&fake->thread.engine.release);
	ck_assert_int_eq(fake_fate(fake, 1), FATE_DROPPED);
}
END_TEST

START_TEST(more_packets_than_fit_are_dropped)
{
	struct sallyport_flow flow = asked();
	int i;

	flow.protocol = IPPROTO_UDP;
	for (i = 0; i < SP_HELD_MAX + 3; i++)
		fake_send(fake, &flow);
	fake_round(fake);
	ck_assert_uint_eq(fake_count(fake, FAKE_DROP), 3);
	answer(fake_asked(fake), SP_ALLOW, false);
	ck_assert_uint_eq(fake_count(fake, FAKE_REPEAT), SP_HELD_MAX);
}
END_TEST

Suite *suite_answer(void)
{
	Suite *suite = suite_create("answer");
	TCase *tests = tcase_create("answer");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, push_comes_before_repeat);
	tcase_add_test(tests, a_packet_before_its_tag_finds_it);
	tcase_add_test(tests, a_packet_after_its_answer_goes_back);
	tcase_add_test(tests, a_packet_of_nobody_is_dropped);
	tcase_add_test(tests, a_denied_flow_goes_back_to_be_refused);
	tcase_add_test(tests, one_push_answers_all_that_it_matches);
	tcase_add_test(tests, further_packets_share_the_fate);
	tcase_add_test(tests, a_question_moves_its_packet);
	tcase_add_test(tests, answers);
	tcase_add_test(tests, an_answer_may_name_a_flow_twice);
	tcase_add_test(tests, once_covers_what_follows_until_the_last_ends);
	tcase_add_test(tests, once_does_not_outlive_an_end_that_nobody_told);
	tcase_add_test(tests, once_replaces_a_question_not_a_rule);
	tcase_add_test(tests, no_place_for_a_verdict_is_answered_alone);
	tcase_add_test(tests, a_crowded_subject_is_not_tried_each_time);
	tcase_add_test(tests, no_room_in_our_copy_is_answered_alone);
	tcase_add_test(tests, flows_that_share_a_failed_push_fail_alone);
	tcase_add_test(tests, an_answer_that_fails_passes_nothing);
	tcase_add_test(tests, an_answer_of_a_person_that_fails_can_be_given_again);
	tcase_add_test(tests, another_daemon_is_the_end);
	tcase_add_test(tests, no_module_is_the_end);
	tcase_add_test(tests, an_old_epoch_is_caught_up);
	tcase_add_test(tests, questions_that_do_not_fit_are_denied);
	tcase_add_test(tests, people_are_asked_so_much_of_a_program_a_user_and_in_all);
	tcase_add_test(tests, flows_of_one_question_take_one_place);
	tcase_add_test(tests, questions_of_what_comes_in_have_a_smaller_share);
	tcase_add_test(tests, programs_without_a_proven_path_are_others);
	tcase_add_test(tests, a_packet_belongs_to_its_namespace);
	tcase_add_test(tests, flows_of_a_namespace_that_ended_are_given_up);
	tcase_add_test(tests, a_rule_by_interface_allows_nothing_in_another_namespace);
	tcase_add_test(tests, bad_packets_are_dropped);
	tcase_add_test(tests, more_packets_than_fit_are_dropped);
	suite_add_tcase(suite, tests);
	return suite;
}
