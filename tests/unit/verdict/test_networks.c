/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which network a device leads to, and decisions by it. */
#include <string.h>
#include "fake.h"
#include "need.h"

static struct fake *fake;
static struct sp_verdict_thread *thread;
static uint64_t curl;

/* At home it may; in any other network there is a server that it may not reach. */
static void setup(void)
{
	struct sp_rule rules[2] = {
		fake_rule(1, SP_ALLOW, "/usr/bin/curl", NULL, 0),
		fake_rule(2, SP_DENY, "/usr/bin/curl", NULL, 25),
	};

	rules[0].network = (char *)"home";
	rules[1].network = (char *)"public";
	fake = fake_new(fake_policy(1, SP_ASK, rules, 2));
	curl = fake_image(fake, "/usr/bin/curl", 0);
	thread = &fake->thread;
	ck_assert_int_eq(sp_commands_init(thread), 0);
}

static void teardown(void)
{
	sp_commands_clear(thread);
	fake_free(fake);
}

static bool is_acknowledged(uint64_t serial)
{
	struct sp_report report;
	bool done = false;

	while (sp_verdict_report(thread, &report))
		done |= report.kind == SP_REPORT_DONE && report.done.serial == serial &&
			!report.done.error;
	return done;
}

/* Is it in force when it is acknowledged? */
static bool tell(const struct sp_verdict_networks *networks)
{
	uint64_t serial = sp_verdict_set_networks(thread, networks);

	sp_commands_carry_out(thread);
	fake_end_round(fake);
	return is_acknowledged(serial);
}

static struct sp_verdict_networks device_is(uint32_t ifindex, const char *name)
{
	struct sp_verdict_networks networks = { .count = 1 };

	networks.list[0].ifindex = ifindex;
	strcpy(networks.list[0].name, name);
	return networks;
}

static struct sallyport_flow through(uint32_t ifindex, uint16_t port)
{
	struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", port);

	flow.ifindex = ifindex;
	return flow;
}

static enum fake_fate fate_of(uint32_t ifindex, uint16_t port)
{
	struct sallyport_flow flow = through(ifindex, port);
	enum fake_fate fate;

	if (fake_send_judged(fake, &flow, &fate))
		fake_round(fake);
	else
		return fate;
	return fake->packets[fake->packets_count - 1].fate;
}

START_TEST(each_device_has_its_own)
{
	struct sp_verdict_networks networks = device_is(2, "home");

	networks.count = 2;
	networks.list[1].ifindex = 3;
	strcpy(networks.list[1].name, "public");
	ck_assert(tell(&networks));
	ck_assert_int_eq(fate_of(2, 443), FATE_PASSED);
	/* The answer for one device is not one for the other. */
	ck_assert_int_eq(fate_of(3, 443), FATE_HELD);
	ck_assert_int_eq(fate_of(3, 25), FATE_REFUSED);
	ck_assert_int_eq(fate_of(2, 25), FATE_PASSED);
}
END_TEST

START_TEST(what_nobody_named_allows_nothing)
{
	ck_assert_int_eq(fate_of(2, 443), FATE_HELD);
	ck_assert_int_eq(fate_of(2, 25), FATE_REFUSED);
}
END_TEST

/* Loopback leads to none: what is said about networks is not about it. */
START_TEST(none_is_no_unknown_one)
{
	struct sp_verdict_networks networks = device_is(1, "");

	ck_assert(tell(&networks));
	ck_assert_int_eq(fate_of(1, 25), FATE_HELD);
}
END_TEST

START_TEST(a_switch_ends_what_it_does_not_allow)
{
	struct sp_verdict_networks home = device_is(2, "home"), away = { 0 };

	tell(&home);
	ck_assert_int_eq(fate_of(2, 443), FATE_PASSED);
	ck_assert_uint_eq(fake->flows_count, 1);
	ck_assert(tell(&away));
	ck_assert_int_eq(fate_of(2, 444), FATE_HELD);
	/* To be asked about it again, an open flow may end by itself. */
	ck_assert_uint_eq(fake->verdicts_count, 0);
	tell(&home);
	ck_assert_int_eq(fate_of(2, 445), FATE_PASSED);
}
END_TEST

/* While it is being found out, flows wait: what is open goes on, what is new is held. */
START_TEST(it_may_take_a_moment)
{
	struct sp_verdict_networks home = device_is(2, "home");
	struct sp_verdict_networks settling = { .settling = true };

	tell(&home);
	ck_assert_int_eq(fate_of(2, 443), FATE_PASSED);
	tell(&settling);
	ck_assert_uint_eq(fake->flows_count, 1);
	ck_assert_int_eq(fate_of(2, 25), FATE_HELD);
	tell(&home);
	ck_assert_int_eq(fake->packets[fake->packets_count - 1].fate, FATE_PASSED);
}
END_TEST

START_TEST(but_no_longer)
{
	struct sp_verdict_networks settling = { .settling = true };

	tell(&settling);
	ck_assert_int_eq(fate_of(2, 25), FATE_HELD);
	fake_now.boot += SP_NEED_PATIENCE;
	fake_now.real += SP_NEED_PATIENCE;
	sp_need_expire(&thread->engine);
	fake_end_round(fake);
	ck_assert_int_eq(fake->packets[fake->packets_count - 1].fate, FATE_REFUSED);
}
END_TEST

/* What devices are called in another namespace says nothing here. */
START_TEST(in_another_namespace_it_is_not_known)
{
	struct sp_verdict_networks home = device_is(2, "home");
	struct sallyport_flow flow = through(2, 443);
	enum fake_fate fate;

	tell(&home);
	flow.flags |= SALLYPORT_FLOW_NETNS;
	fake_send_judged(fake, &flow, &fate);
	fake_round(fake);
	ck_assert_int_eq(fake->packets[fake->packets_count - 1].fate, FATE_HELD);
}
END_TEST

Suite *suite_networks(void)
{
	Suite *suite = suite_create("networks");
	TCase *tests = tcase_create("networks");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, each_device_has_its_own);
	tcase_add_test(tests, what_nobody_named_allows_nothing);
	tcase_add_test(tests, none_is_no_unknown_one);
	tcase_add_test(tests, a_switch_ends_what_it_does_not_allow);
	tcase_add_test(tests, it_may_take_a_moment);
	tcase_add_test(tests, but_no_longer);
	tcase_add_test(tests, in_another_namespace_it_is_not_known);
	suite_add_tcase(suite, tests);
	return suite;
}
