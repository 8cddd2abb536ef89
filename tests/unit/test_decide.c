/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The three sentences, facts, expiry and looks, by example; and the snapshot. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "unit.h"

#define NOW 1000
#define LINES 16
#define HUGE_COUNT 10000
#define MANY 20

/* A flow of curl, user 1000, TCP to 192.0.2.1:443, through eth0. */
static struct sp_flow flow;
static struct sp_facts facts;
static struct sp_decision decision;
static struct sp_defaults defaults;

static void setup(void)
{
	flow = (struct sp_flow){
		.image = 16, .user = 1000, .protocol = 6, .remote_port = 443,
		.local_port = 50000, .ifindex = 2,
	};
	unit_address("192.0.2.1", flow.remote);
	sp_facts_init(&facts);
	facts.program = (struct sp_text_fact){ SP_FACT_KNOWN, "/usr/bin/curl" };
	facts.interface = (struct sp_text_fact){ SP_FACT_KNOWN, "eth0" };
	defaults = (struct sp_defaults){ SP_ASK, SP_DENY };
}

/* Decides under rules with ids from 1, both ways. */
static void decide_at(const char *const *lines, int64_t now)
{
	struct sp_rule rules[LINES + MANY];
	struct sp_snapshot *snapshot;
	struct sp_decision plain;
	size_t count = 0;

	for (; lines[count]; count++)
		rules[count] = unit_rule(lines[count], count + 1);
	snapshot = sp_snapshot_new(rules, count, &defaults, 1, 0);
	sp_decide(snapshot, &flow, &facts, now, &decision);
	sp_decide_plain(rules, count, &defaults, &flow, &facts, now, &plain);
	ck_assert_int_eq(decision.action, plain.action);
	ck_assert_uint_eq(decision.rule, plain.rule);
	ck_assert_uint_eq(decision.need, plain.need);
	sp_snapshot_unref(snapshot);
	while (count)
		sp_rule_clear(&rules[--count]);
}

#define DECIDE(...) decide_at((const char *const[]){ __VA_ARGS__, NULL }, NOW)

static void expect(enum sp_action action, uint64_t rule)
{
	ck_assert_uint_eq(decision.need, 0);
	ck_assert_int_eq(decision.action, action);
	ck_assert_uint_eq(decision.rule, rule);
}

static void expect_looked(unsigned looked, uint8_t length)
{
	ck_assert_uint_eq(decision.looked, looked);
	ck_assert_uint_eq(decision.remote_length, length);
}

START_TEST(default_of_the_direction)
{
	decide_at((const char *const[]){ NULL }, NOW);
	expect(SP_ASK, 0);
	expect_looked(0, 0);
	flow.direction = SP_IN;
	DECIDE("allow out");
	expect(SP_DENY, 0);
	expect_looked(0, 0);
}
END_TEST

START_TEST(floor_decides_first)
{
	DECIDE("floor deny out", "allow out program /usr/bin/curl to 192.0.2.1 port 443");
	expect(SP_DENY, 1);
	expect_looked(0, 0);
	DECIDE("floor deny out", "floor allow out program /usr/bin/curl", "drop out");
	expect(SP_ALLOW, 2);
}
END_TEST

START_TEST(narrowest_decides)
{
	DECIDE("deny out", "allow out program /usr/bin/curl");
	expect(SP_ALLOW, 2);
	DECIDE("allow out program /usr/bin/curl to 192.0.2.0/24", "deny out program /usr/bin/curl");
	expect(SP_ALLOW, 1);
	DECIDE("drop out", "deny out to 192.0.2.0/24", "ask out to 192.0.2.0/28", "allow out to 192.0.2.1");
	expect(SP_ALLOW, 4);
	DECIDE("deny out port 443", "allow out port 400-500");
	expect(SP_DENY, 1);
}
END_TEST

START_TEST(stricter_decides_where_they_cross)
{
	DECIDE("allow out program /usr/bin/curl", "deny out to 192.0.2.0/24");
	expect(SP_DENY, 2);
	DECIDE("ask out program /usr/bin/curl", "allow out to 192.0.2.0/24");
	expect(SP_ASK, 1);
	DECIDE("drop out port 443", "deny out to 192.0.2.0/24", "ask out program /usr/bin/curl");
	expect(SP_DROP, 1);
	/* An allow that is narrower than the deny, but not than the drop. */
	DECIDE("allow out program /usr/bin/curl to 192.0.2.1", "deny out to 192.0.2.0/24", "drop out port 443");
	expect(SP_DROP, 3);
}
END_TEST

START_TEST(newer_decides_about_the_same)
{
	DECIDE("deny out program /usr/bin/curl", "allow out program /usr/bin/curl");
	expect(SP_ALLOW, 2);
	DECIDE("allow out program /usr/bin/curl", "deny out program /usr/bin/curl");
	expect(SP_DENY, 2);
	DECIDE("allow out", "allow out", "allow out");
	expect(SP_ALLOW, 3);
	DECIDE("deny out user 1000", "allow out owner 1000");
	expect(SP_DENY, 1);
}
END_TEST

START_TEST(examples_of_the_manual)
{
	DECIDE("allow out program /usr/bin/curl", "deny out to 192.0.2.1");
	expect(SP_DENY, 2);
	DECIDE("allow out program /usr/bin/curl", "deny out to 192.0.2.1",
	       "allow out program /usr/bin/curl to 192.0.2.1");
	expect(SP_ALLOW, 3);
	DECIDE("deny out program /usr/bin/curl", "allow out to 192.0.2.0/24");
	expect(SP_DENY, 1);
}
END_TEST

START_TEST(users_rules_are_theirs)
{
	DECIDE("allow out owner 1001");
	expect(SP_ASK, 0);
	DECIDE("deny out", "allow out owner 1000");
	expect(SP_ALLOW, 2);
	DECIDE("deny out user 1001", "drop out user 0");
	expect(SP_ASK, 0);
	expect_looked(0, 0);
	flow.user = SP_ANY_USER;
	DECIDE("allow out owner 1000", "deny out");
	expect(SP_DENY, 2);
}
END_TEST

START_TEST(disabled_rules_do_nothing)
{
	DECIDE("disabled floor drop out", "allow out");
	expect(SP_ALLOW, 2);
}
END_TEST

START_TEST(ports_want_protocols_with_ports)
{
	flow.protocol = 1;
	DECIDE("deny out port 443", "drop out local-port 50000");
	expect(SP_ASK, 0);
	expect_looked(SP_LOOKED_PROTOCOL, 0);
	flow.protocol = 132;
	DECIDE("deny out port 443", "drop out local-port 50000");
	expect(SP_DROP, 2);
}
END_TEST

START_TEST(inbound_port_is_local)
{
	flow.direction = SP_IN;
	flow.local_port = 22;
	DECIDE("allow in port 22 from 192.0.2.0/24");
	expect(SP_ALLOW, 1);
	expect_looked(SP_LOOKED_LOCAL_PORT | SP_LOOKED_PROTOCOL, 96 + 24);
	DECIDE("allow in port 23");
	expect(SP_DENY, 0);
	expect_looked(SP_LOOKED_LOCAL_PORT, 0);
}
END_TEST

START_TEST(program_that_is_not_known_yet)
{
	facts.program.state = SP_FACT_PENDING;
	DECIDE("allow out program /usr/bin/curl", "allow out program /usr/bin/wget");
	ck_assert_uint_eq(decision.need, SP_FACT_PROGRAM);
	ck_assert_int_eq(decision.action, SP_DENY);
	/* Other fields say that it does not match. */
	DECIDE("allow out program /usr/bin/curl port 80");
	expect(SP_ASK, 0);
	/* It can't change the outcome. */
	DECIDE("floor deny out", "allow out program /usr/bin/curl");
	expect(SP_DENY, 1);
	DECIDE("deny out to 192.0.2.0/24", "allow out program /usr/bin/curl");
	expect(SP_DENY, 1);
	DECIDE("deny out to 192.0.2.0/24", "deny out program /usr/bin/curl");
	expect(SP_DENY, 1);
	DECIDE("ask out program /usr/bin/curl");
	expect(SP_ASK, 0);
	/* It can. */
	DECIDE("deny out to 192.0.2.0/24", "drop out program /usr/bin/curl");
	ck_assert_uint_eq(decision.need, SP_FACT_PROGRAM);
	DECIDE("deny out to 192.0.2.0/24", "allow out program /usr/bin/curl to 192.0.2.1");
	ck_assert_uint_eq(decision.need, SP_FACT_PROGRAM);
	DECIDE("allow out", "floor drop out program /usr/bin/curl");
	ck_assert_uint_eq(decision.need, SP_FACT_PROGRAM);
	facts.interface.state = SP_FACT_PENDING;
	DECIDE("allow out program /usr/bin/curl interface wg0");
	ck_assert_uint_eq(decision.need, SP_FACT_PROGRAM | SP_FACT_INTERFACE);
}
END_TEST

START_TEST(program_that_can_not_be_known)
{
	facts.program.state = SP_FACT_FAILED;
	DECIDE("allow out program /usr/bin/curl");
	expect(SP_ASK, 0);
	DECIDE("deny out program /usr/bin/wget");
	expect(SP_DENY, 1);
	DECIDE("allow out", "ask out program /usr/bin/wget");
	expect(SP_ASK, 2);
	DECIDE("deny out program /usr/bin/wget port 80");
	expect(SP_ASK, 0);
	DECIDE("deny out program /a", "drop out program /b", "ask out program /c");
	expect(SP_DROP, 2);
}
END_TEST

/* What matches for lack of a fact hides nothing. */
START_TEST(what_failed_hides_nothing)
{
	/* Its package has failed: the ask matches, and is narrower. */
	DECIDE("deny out to 192.0.2.0/24", "ask out package p to 192.0.2.1");
	expect(SP_DENY, 1);
	DECIDE("drop out", "deny out hash 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	expect(SP_DROP, 1);
	DECIDE("deny out package p", "ask out package p");
	expect(SP_DENY, 1);
	/* It is hidden by what matches without doubt. */
	DECIDE("deny out package p", "allow out package p program /usr/bin/curl");
	expect(SP_DENY, 1);
	DECIDE("deny out to example.org", "allow out to 192.0.2.1");
	expect(SP_ALLOW, 2);
	/* A floor rule decides all the same. */
	DECIDE("allow out", "floor ask out unit a.service");
	expect(SP_ASK, 2);
	facts.package = (struct sp_text_fact){ SP_FACT_KNOWN, "p" };
	DECIDE("deny out to 192.0.2.0/24", "ask out package p to 192.0.2.1");
	expect(SP_ASK, 2);
	facts.package = (struct sp_text_fact){ SP_FACT_PENDING, NULL };
	DECIDE("deny out to 192.0.2.0/24", "ask out package p to 192.0.2.1");
	ck_assert_uint_eq(decision.need, SP_FACT_PACKAGE);
}
END_TEST

START_TEST(names_and_lists)
{
	static const char *const names[] = { "ads.tracker.example", "cdn.example" };

	/* What the daemon does not know matches no allow, and all else. */
	DECIDE("allow out to ads.tracker.example", "deny out to other.example");
	expect(SP_DENY, 2);
	facts.names.state = SP_FACT_KNOWN;
	DECIDE("allow out to ads.tracker.example", "deny out to other.example");
	expect(SP_ASK, 0);
	expect_looked(SP_LOOKED_NAMES, 128);
	facts.names.names = names;
	facts.names.count = 2;
	facts.names.expires = NOW + 5;
	DECIDE("deny out to domain tracker.example", "allow out program /usr/bin/curl to ads.tracker.example");
	expect(SP_ALLOW, 2);
	expect_looked(SP_LOOKED_NAMES, 128);
	ck_assert_int_eq(decision.expires, NOW + 5);
	/* Names that are of something else as well, where they were looked at. */
	facts.names.looked = SP_LOOKED_INTERFACE;
	DECIDE("deny out to domain tracker.example", "allow out program /usr/bin/curl to ads.tracker.example");
	expect_looked(SP_LOOKED_NAMES | SP_LOOKED_INTERFACE, 128);
	DECIDE("allow out program /usr/bin/curl");
	expect_looked(0, 0);
	facts.names.looked = 0;
	DECIDE("deny out to domain tracker.example", "allow out program /usr/bin/curl");
	expect(SP_DENY, 1);
	/* A name that need not be its own allows nothing, and hides nothing. */
	facts.names.doubtful = 2;
	DECIDE("deny out to domain tracker.example", "allow out program /usr/bin/curl to ads.tracker.example");
	expect(SP_DENY, 1);
	DECIDE("ask out to domain example", "allow out to ads.tracker.example");
	expect(SP_ASK, 1);
	facts.names.doubtful = 1;
	DECIDE("deny out to domain tracker.example", "allow out program /usr/bin/curl to ads.tracker.example");
	expect(SP_ALLOW, 2);
	DECIDE("allow out to ads.tracker.example", "deny out to cdn.example");
	expect(SP_DENY, 2);
	facts.names.doubtful = 0;
	/* A list that is not there: "Firefox to anything" does not defeat it … */
	DECIDE("deny out to @trackers", "allow out program /usr/bin/curl");
	expect(SP_DENY, 1);
	/* … and "Firefox to that host" does. */
	DECIDE("deny out to @trackers", "allow out program /usr/bin/curl to ads.tracker.example");
	expect(SP_ALLOW, 2);
	DECIDE("deny out program /usr/bin/curl", "allow out to lan");
	expect(SP_DENY, 1);
}
END_TEST

START_TEST(places)
{
	static const struct sp_prefix lan[] = {
		{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 0 }, 96 + 24 },
	};

	DECIDE("allow out to lan");
	expect(SP_ASK, 0);
	DECIDE("deny out to internet");
	expect(SP_DENY, 1);
	facts.places.state = SP_FACT_PENDING;
	DECIDE("allow out to lan");
	ck_assert_uint_eq(decision.need, SP_FACT_PLACES);
	facts.places.state = SP_FACT_KNOWN;
	facts.places.lan = facts.places.resolver = lan;
	facts.places.lan_count = 1;
	DECIDE("allow out to lan");
	expect(SP_ALLOW, 1);
	expect_looked(0, 96 + 24);
	DECIDE("deny out to internet", "deny out to resolver", "drop out to loopback", "drop out to multicast");
	expect(SP_ASK, 0);
	facts.places.resolver_count = 1;
	DECIDE("allow out to resolver", "deny out to lan");
	expect(SP_ALLOW, 1);
}
END_TEST

#define THIS_BOOT "0123456789abcdef0123456789abcdef"
#define OTHER_BOOT "1123456789abcdef0123456789abcdef"

START_TEST(rules_end_with_the_boot)
{
	const struct sp_rule rules[] = {
		unit_rule("allow out until reboot boot " OTHER_BOOT, 1),
		unit_rule("deny out until reboot boot " THIS_BOOT, 2),
		unit_rule("allow out process 5 until quit boot " THIS_BOOT, 3),
	};
	struct sp_source source = { .rules = rules, .count = 3, .defaults = defaults };
	struct sp_snapshot *snapshot = sp_snapshot_compile(&source);

	ck_assert_uint_eq(sp_snapshot_count(snapshot), 0);
	sp_snapshot_unref(snapshot);
	source.boot = THIS_BOOT;
	snapshot = sp_snapshot_compile(&source);
	ck_assert_uint_eq(sp_snapshot_count(snapshot), 2);
	ck_assert_ptr_null(sp_snapshot_rule(snapshot, 1));
	sp_decide(snapshot, &flow, &facts, NOW, &decision);
	expect(SP_DENY, 2);
	flow.process = 5;
	sp_decide(snapshot, &flow, &facts, NOW, &decision);
	expect(SP_ALLOW, 3);
	expect_looked(SP_LOOKED_PROCESS, 0);
	sp_snapshot_unref(snapshot);
	for (size_t i = 0; i < 3; i++)
		sp_rule_clear((struct sp_rule *)(uintptr_t)&rules[i]);
}
END_TEST

/* Which no check lets through. */
START_TEST(a_rule_without_its_boot_is_over)
{
	struct sp_rule rule;
	const struct sp_source source = {
		.rules = &rule, .count = 1, .defaults = defaults, .boot = THIS_BOOT,
	};
	struct sp_snapshot *snapshot;

	sp_rule_init(&rule);
	rule.bound = SP_BOUND_BOOT;
	snapshot = sp_snapshot_compile(&source);
	ck_assert_uint_eq(sp_snapshot_count(snapshot), 0);
	sp_snapshot_unref(snapshot);
}
END_TEST

/*
 * The drop is hidden by a rule that was found by its unit: in another one it would
 * decide. More rules by unit than are read one by one.
 */
START_TEST(what_hides_is_looked_at)
{
	facts.unit = (struct sp_text_fact){ SP_FACT_KNOWN, "a.service" };
	DECIDE("deny out program /usr/bin/curl", "drop out port 443", "allow out port 443 unit a.service", "allow out port 443 unit b.service",
	       "allow out port 443 unit c.service", "allow out port 443 unit d.service", "allow out port 443 unit e.service",
	       "allow out port 443 unit f.service", "allow out port 443 unit g.service", "allow out port 443 unit h.service", "allow out port 443 unit i.service");
	expect(SP_DENY, 1);
	expect_looked(SP_LOOKED_CGROUP | SP_LOOKED_PROTOCOL | SP_LOOKED_REMOTE_PORT, 0);
}
END_TEST

START_TEST(program_without_a_path)
{
	facts.program.text = NULL;
	DECIDE("allow out program /usr/bin/curl", "deny out");
	expect(SP_DENY, 2);
}
END_TEST

START_TEST(interfaces)
{
	DECIDE("allow out interface eth0");
	expect(SP_ALLOW, 1);
	expect_looked(SP_LOOKED_INTERFACE, 0);
	facts.interface.text = NULL;
	DECIDE("allow out interface eth0");
	expect(SP_ASK, 0);
	expect_looked(SP_LOOKED_INTERFACE, 0);
	facts.interface.state = SP_FACT_PENDING;
	DECIDE("allow out interface eth0");
	ck_assert_uint_eq(decision.need, SP_FACT_INTERFACE);
	facts.interface.state = SP_FACT_FAILED;
	DECIDE("allow out interface eth0", "drop out interface eth1");
	expect(SP_DROP, 2);
}
END_TEST

START_TEST(looks_at_little)
{
	DECIDE("allow out program /usr/bin/curl");
	expect_looked(0, 0);
	/* Rules of other programs and users, and laxer ones, cost nothing. */
	DECIDE("allow out program /usr/bin/curl", "deny out program /usr/bin/wget port 80",
	       "deny out user 1001 to 192.0.2.1", "allow out interface eth0 port 1");
	expect(SP_ALLOW, 1);
	expect_looked(0, 0);
	/* A wider one is hidden: it need not be looked at. */
	DECIDE("allow out program /usr/bin/curl to 192.0.2.0/24", "deny out to 192.0.0.0/16 ");
	expect(SP_ALLOW, 1);
	expect_looked(0, 96 + 24);
	/* Only what shows that it does not match: one field, few bits. */
	DECIDE("allow out program /usr/bin/curl", "deny out port 25 to 10.0.0.0/8 protocol tcp");
	expect(SP_ALLOW, 1);
	expect_looked(SP_LOOKED_REMOTE_PORT, 0);
	DECIDE("allow out program /usr/bin/curl", "deny out to 10.0.0.0/8");
	expect_looked(0, 97);	/* 192 and 10 differ in the first bit */
	DECIDE("allow out program /usr/bin/curl", "deny out to 192.0.2.2");
	expect_looked(0, 127);	/* .1 and .2 */
	DECIDE("allow out program /usr/bin/curl", "deny out to 2001:db8::1");
	expect_looked(0, 3);
	/* What has been looked at already is used again. */
	DECIDE("deny out protocol udp", "deny out protocol udp port 53", "deny out protocol udp to 10.0.0.0/8");
	expect_looked(SP_LOOKED_PROTOCOL, 0);
}
END_TEST

static void decide_until(int64_t now)
{
	decide_at((const char *const[]){
		"drop out",
		"allow out program /usr/bin/curl until 1970-01-01T00:00:02Z",
		"ask out program /usr/bin/curl to 192.0.2.0/24 until 1970-01-01T00:00:01Z",
		"deny out interface wg0 until 1970-01-01T00:00:00.5Z",
		NULL }, now);
}

START_TEST(rules_expire)
{
	decide_until(1);
	expect(SP_ASK, 3);
	ck_assert_int_eq(decision.expires, 1000000000);
	decide_until(999999999);
	expect(SP_ASK, 3);
	decide_until(1000000000);
	expect(SP_ALLOW, 2);
	ck_assert_int_eq(decision.expires, 2000000000);
	decide_until(2000000000);
	expect(SP_DROP, 1);
	ck_assert_int_eq(decision.expires, 0);
}
END_TEST

START_TEST(hiding_expires)
{
	DECIDE("allow out program /usr/bin/curl to 192.0.2.1 until 1970-01-01T00:00:01Z",
	       "ask out interface eth0", "deny out to 192.0.2.1");
	expect(SP_ASK, 2);
	ck_assert_int_eq(decision.expires, 1000000000);
}
END_TEST

/* Decides under the lines that @line makes of each number, both ways. */
static void decide_many(unsigned count, const char *const *first,
			void (*line)(unsigned number, char text[128]))
{
	char text[MANY][128];
	const char *lines[MANY + LINES];
	unsigned all = 0;

	for (; *first; first++)
		lines[all++] = *first;
	for (unsigned i = 0; i < count; i++) {
		line(i, text[i]);
		lines[all++] = text[i];
	}
	lines[all] = NULL;
	decide_at(lines, NOW);
}

#define DECIDE_MANY(line, ...) decide_many(MANY, (const char *const[]){ __VA_ARGS__, NULL }, line)

/* Says so itself: that takes nobody a ban, and gives nobody a right, or a question. */
START_TEST(what_a_program_claims)
{
	facts.app = (struct sp_text_fact){ SP_FACT_CLAIMED, "snap:a" };
	DECIDE("allow out app snap:a");
	expect(SP_ASK, 0);
	DECIDE("allow out", "deny out app snap:a");
	expect(SP_DENY, 2);
	DECIDE("allow out", "deny out app snap:b");
	expect(SP_ALLOW, 1);
	DECIDE("deny out", "ask out app snap:a");
	expect(SP_DENY, 1);
	DECIDE("drop out", "deny out app snap:a");
	expect(SP_DROP, 1);
}
END_TEST

static void subnet(unsigned number, char text[128])
{
	snprintf(text, 128, "%s out to 2001:db8:%x::/48", number % 2 ? "deny" : "allow", number + 16);
}

static void half(unsigned number, char text[128])
{
	snprintf(text, 128, "deny out to 2001:db8:0:%x::/64", number + 16);
}

static void network(unsigned number, char text[128])
{
	snprintf(text, 128, "deny out to 2001:db8:%x:%x::/80", number + 16, number);
}

/* Many prefixes that end before, at and behind the address's half. */
START_TEST(many_prefixes_of_ipv6)
{
	unit_address("2001:db8:11:1::1", flow.remote);
	DECIDE_MANY(subnet, "drop out to 2001::/16");
	expect(SP_DENY, 3);
	expect_looked(0, 48);
	unit_address("2001:db8:1000::1", flow.remote);
	DECIDE_MANY(subnet, "drop out to 2001::/16");
	expect(SP_DROP, 1);
	unit_address("2001:db8:0:11:ffff::1", flow.remote);
	DECIDE_MANY(half, "allow out");
	expect(SP_DENY, 3);
	unit_address("2001:db8:11:1:0:1::1", flow.remote);
	DECIDE_MANY(network, "allow out");
	expect(SP_DENY, 3);
	unit_address("2001:db8:11:1:1::1", flow.remote);
	DECIDE_MANY(network, "allow out");
	expect(SP_ALLOW, 1);
}
END_TEST

static void pattern(unsigned number, char text[128])
{
	snprintf(text, 128, "deny out program like /opt/p%u-*", number);
}

/* So deep that its folders are not looked up one by one. */
START_TEST(programs_in_many_folders)
{
	facts.program.text = "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/p-7";
	DECIDE_MANY(pattern, "allow out", "deny out program like /1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/*/p-*");
	expect(SP_DENY, 2);
	facts.program.text = "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/q";
	DECIDE_MANY(pattern, "allow out");
	expect(SP_ALLOW, 1);
}
END_TEST

/* Of two that cross and say the same, the smaller is named, whichever is newer. */
START_TEST(the_smaller_range_is_named)
{
	unit_address("192.0.2.7", flow.remote);
	DECIDE("deny out to 192.0.2.1-192.0.2.9", "deny out to 192.0.2.6-192.0.2.13");
	expect(SP_DENY, 2);
	DECIDE("deny out to 192.0.2.6-192.0.2.13", "deny out to 192.0.2.1-192.0.2.9");
	expect(SP_DENY, 1);
}
END_TEST

/* The same 64 bits of FNV-1a. */
static const char *const twins[][2] = {
	{ "8yn0iYCKYHlIj4-BwPqk", "GReLUrM4wMqfg9yzV3KQ" },
	{ "gMPflVXtwGDXbIhP73TX", "LtHf1prlU1bCeYZEdqWf" },
};

static void twin_unit(unsigned number, char text[128])
{
	if (number < 4)
		snprintf(text, 128, "deny out unit %s.service", twins[number / 2][number % 2]);
	else
		snprintf(text, 128, "deny out unit u%u.service", number);
}

/* Names that fall together in the hash are told apart. */
START_TEST(names_with_the_same_hash)
{
	for (unsigned i = 0; i < 4; i++) {
		char unit[64];

		snprintf(unit, sizeof(unit), "%s.service", twins[i / 2][i % 2]);
		facts.unit = (struct sp_text_fact){ SP_FACT_KNOWN, unit };
		DECIDE_MANY(twin_unit, "allow out");
		expect(SP_DENY, i + 2);
	}
}
END_TEST

START_TEST(snapshot_is_a_copy)
{
	struct sp_rule rules[] = {
		unit_rule("allow out program /a # x", 7),
		unit_rule("deny out until 1970-01-01T00:00:02Z", 3),
		unit_rule("deny out until 1970-01-01T00:00:01Z", 9),
		unit_rule("disabled deny out until 1970-01-01T00:00:00.5Z", 4),
		unit_rule("deny out until 1970-01-01T00:00:00.1Z", 5),
	};
	struct sp_snapshot *snapshot = sp_snapshot_new(rules, 5, &defaults, 42, 100000000);
	const struct sp_rule *rule;

	for (size_t i = 0; i < 5; i++)
		sp_rule_clear(&rules[i]);
	ck_assert_uint_eq(sp_snapshot_epoch(snapshot), 42);
	ck_assert_uint_eq(sp_snapshot_count(snapshot), 3);
	ck_assert_int_eq(sp_snapshot_expires(snapshot), 1000000000);
	ck_assert_uint_eq(sp_snapshot_rules(snapshot)[0].id, 3);
	ck_assert_uint_eq(sp_snapshot_rules(snapshot)[2].id, 9);
	rule = sp_snapshot_rule(snapshot, 7);
	ck_assert_str_eq(rule->program, "/a");
	ck_assert_str_eq(rule->note, "x");
	ck_assert_ptr_nonnull(sp_snapshot_rule(snapshot, 3));
	ck_assert_ptr_nonnull(sp_snapshot_rule(snapshot, 9));
	ck_assert_ptr_null(sp_snapshot_rule(snapshot, 4));
	ck_assert_ptr_null(sp_snapshot_rule(snapshot, 5));
	ck_assert_ptr_null(sp_snapshot_rule(snapshot, 0));
	ck_assert_ptr_eq(sp_snapshot_ref(snapshot), snapshot);
	sp_snapshot_unref(snapshot);
	ck_assert_uint_eq(sp_snapshot_count(snapshot), 3);
	sp_snapshot_unref(snapshot);
	sp_snapshot_unref(NULL);
}
END_TEST

START_TEST(empty_snapshot)
{
	struct sp_snapshot *snapshot = sp_snapshot_new(NULL, 0, &defaults, 1, NOW);

	ck_assert_uint_eq(sp_snapshot_count(snapshot), 0);
	ck_assert_int_eq(sp_snapshot_expires(snapshot), 0);
	ck_assert_ptr_null(sp_snapshot_rule(snapshot, 1));
	sp_decide(snapshot, &flow, &facts, NOW, &decision);
	expect(SP_ASK, 0);
	sp_snapshot_unref(snapshot);
}
END_TEST

static double seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/*
 * Rules that begin with @begin and two numbers: of a path, or of an address.
 * Times are printed; the limits are wide, for a busy machine and sanitizers.
 */
static void measure(const char *what, const char *begin)
{
	struct sp_rule *rules = calloc(HUGE_COUNT, sizeof(*rules));
	struct sp_snapshot *snapshot;
	double start, compile, decide;
	char line[128];

	for (unsigned i = 0; i < HUGE_COUNT; i++) {
		snprintf(line, sizeof(line), "%s%u%s%u%s", begin, i / 250, *begin == 'd' ? "." : "/", i % 250,
			 *begin == 'd' ? ".0/24" : "");
		rules[i] = unit_rule(line, i + 1);
	}
	start = seconds();
	snapshot = sp_snapshot_new(rules, HUGE_COUNT, &defaults, 1, NOW);
	compile = seconds() - start;
	start = seconds();
	for (unsigned i = 0; i < 1000; i++)
		sp_decide(snapshot, &flow, &facts, NOW, &decision);
	decide = (seconds() - start) / 1000;
	printf("# %s: compiled in %.1f ms, decided in %.2f us\n", what,
	       compile * 1e3, decide * 1e6);
	ck_assert(compile < 2 && decide < 0.01);
	sp_snapshot_unref(snapshot);
	for (unsigned i = 0; i < HUGE_COUNT; i++)
		sp_rule_clear(&rules[i]);
	free(rules);
}

START_TEST(many_rules)
{
	measure("10,000 programs", "allow out program /opt/vendor/application-");
	measure("10,000 rules of one program", "deny out program /usr/bin/curl to 10.");
	measure("10,000 addresses", "deny out to 10.");
	measure("10,000 rules of others", "deny out user 5 to 10.");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("decide");
	TCase *tcase = tcase_create("decide");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, default_of_the_direction);
	tcase_add_test(tcase, floor_decides_first);
	tcase_add_test(tcase, narrowest_decides);
	tcase_add_test(tcase, stricter_decides_where_they_cross);
	tcase_add_test(tcase, newer_decides_about_the_same);
	tcase_add_test(tcase, examples_of_the_manual);
	tcase_add_test(tcase, users_rules_are_theirs);
	tcase_add_test(tcase, disabled_rules_do_nothing);
	tcase_add_test(tcase, ports_want_protocols_with_ports);
	tcase_add_test(tcase, inbound_port_is_local);
	tcase_add_test(tcase, program_that_is_not_known_yet);
	tcase_add_test(tcase, program_that_can_not_be_known);
	tcase_add_test(tcase, what_failed_hides_nothing);
	tcase_add_test(tcase, names_and_lists);
	tcase_add_test(tcase, places);
	tcase_add_test(tcase, rules_end_with_the_boot);
	tcase_add_test(tcase, a_rule_without_its_boot_is_over);
	tcase_add_test(tcase, what_hides_is_looked_at);
	tcase_add_test(tcase, program_without_a_path);
	tcase_add_test(tcase, interfaces);
	tcase_add_test(tcase, looks_at_little);
	tcase_add_test(tcase, rules_expire);
	tcase_add_test(tcase, hiding_expires);
	tcase_add_test(tcase, what_a_program_claims);
	tcase_add_test(tcase, many_prefixes_of_ipv6);
	tcase_add_test(tcase, programs_in_many_folders);
	tcase_add_test(tcase, the_smaller_range_is_named);
	tcase_add_test(tcase, names_with_the_same_hash);
	tcase_add_test(tcase, snapshot_is_a_copy);
	tcase_add_test(tcase, empty_snapshot);
	tcase_add_test(tcase, many_rules);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
