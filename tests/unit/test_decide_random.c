/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decision under random policies: it equals the plain one, what it looked
 * at is enough, it holds until it expires, and a fact that it did not need
 * changes nothing.
 */
#include <stdlib.h>
#include <string.h>
#include "unit.h"

#define POLICIES 3000
#define FLOWS 40
#define RULES_SMALL 24
#define RULES_MAX 300

static struct unit_random dice;
static struct sp_rule rules[RULES_MAX];
static size_t count;
static struct sp_defaults defaults;
static struct unit_world world;
static struct sp_snapshot *snapshot;

/* Makes most rules alike but for their address: long runs, for the index. */
static void crowd(struct sp_rule *rule)
{
	if (unit_chance(&dice, 4))
		return;
	free(rule->program);
	rule->program = NULL;
	rule->owner = SP_SYSTEM;
	rule->user = SP_ANY_USER;
	rule->floor = false;
	unit_random_address(&dice, rule->remote.address);
	rule->remote.length = unit_chance(&dice, 2) ? 128 : 124;
	rule->remote.address[15] &= rule->remote.length == 128 ? 0xff : 0xf0;
}

static void make_policy(void)
{
	bool large = unit_chance(&dice, 100);

	count = unit_below(&dice, large ? RULES_MAX + 1 : RULES_SMALL + 1);
	for (size_t i = 0; i < count; i++) {
		unit_random_rule(&dice, i + 1, &rules[i]);
		if (large)
			crowd(&rules[i]);
	}
	defaults.out = (enum sp_action)(1 + unit_below(&dice, 4));
	defaults.in = (enum sp_action)(1 + unit_below(&dice, 4));
	unit_random_world(&dice, &world);
	snapshot = sp_snapshot_new(rules, count, &defaults, 1, 0);
	ck_assert_ptr_nonnull(snapshot);
}

static void drop_policy(void)
{
	sp_snapshot_unref(snapshot);
	for (size_t i = 0; i < count; i++)
		sp_rule_clear(&rules[i]);
}

static struct sp_decision decide(const struct sp_flow *flow, int64_t now)
{
	struct sp_facts facts = unit_facts(&world, flow);
	struct sp_decision decision;

	sp_decide(snapshot, flow, &facts, now, &decision);
	return decision;
}

/* Calls @check with a lot of policies and flows. */
static void try_all(uint64_t start, void (*check)(const struct sp_flow *flow, int64_t now))
{
	dice.state = start;
	for (unsigned i = 0; i < POLICIES; i++) {
		make_policy();
		for (unsigned j = 0; j < FLOWS; j++) {
			struct sp_flow flow;

			unit_random_flow(&dice, &flow);
			check(&flow, unit_below(&dice, UNIT_TIME_MAX + 1));
		}
		drop_policy();
	}
}

static unsigned decided, needed;

static void equals_plain(const struct sp_flow *flow, int64_t now)
{
	struct sp_facts facts = unit_facts(&world, flow);
	struct sp_decision decision = decide(flow, now), plain;

	sp_decide_plain(rules, count, &defaults, flow, &facts, now, &plain);
	ck_assert_uint_eq(decision.need, plain.need);
	ck_assert_int_eq(decision.action, plain.action);
	ck_assert_uint_eq(decision.rule, plain.rule);
	decided += decision.rule != 0;
	needed += decision.need != 0;
}

START_TEST(fast_equals_plain)
{
	try_all(1, equals_plain);
	ck_assert_uint_gt(decided, POLICIES * FLOWS / 4);
	ck_assert_uint_gt(needed, POLICIES * FLOWS / 50);
}
END_TEST

static void agree(struct sp_flow *other, const struct sp_flow *flow,
		  const struct sp_decision *decision)
{
	other->image = flow->image;
	other->user = flow->user;
	other->direction = flow->direction;
	if (decision->looked & SP_LOOKED_PROCESS)
		other->process = flow->process;
	if (decision->looked & SP_LOOKED_CGROUP)
		other->cgroup = flow->cgroup;
	if (decision->looked & SP_LOOKED_PROTOCOL)
		other->protocol = flow->protocol;
	if (decision->looked & SP_LOOKED_REMOTE_PORT)
		other->remote_port = flow->remote_port;
	if (decision->looked & SP_LOOKED_LOCAL_PORT)
		other->local_port = flow->local_port;
	if (decision->looked & SP_LOOKED_INTERFACE)
		other->ifindex = flow->ifindex;
	for (unsigned i = 0; i < decision->remote_length; i++) {
		uint8_t mask = (uint8_t)(0x80 >> i % 8);

		other->remote[i / 8] &= (uint8_t)~mask;
		other->remote[i / 8] |= flow->remote[i / 8] & mask;
	}
}

static void expect_same(const struct sp_decision *a, const struct sp_decision *b)
{
	ck_assert_uint_eq(b->need, 0);
	ck_assert_int_eq(a->action, b->action);
	ck_assert_uint_eq(a->rule, b->rule);
}

static uint64_t looked_bits;

static void look_is_enough(const struct sp_flow *flow, int64_t now)
{
	struct sp_decision decision = decide(flow, now), again;
	struct sp_flow other;

	if (decision.need)
		return;
	looked_bits += (uint64_t)__builtin_popcount(decision.looked);
	for (unsigned i = 0; i < 8; i++) {
		unit_random_flow(&dice, &other);
		agree(&other, flow, &decision);
		again = decide(&other, now);
		expect_same(&decision, &again);
	}
}

START_TEST(what_was_looked_at_is_enough)
{
	try_all(2, look_is_enough);
	ck_assert_uint_gt(looked_bits, 0);
}
END_TEST

static unsigned expiring;

static void holds_until_it_expires(const struct sp_flow *flow, int64_t now)
{
	struct sp_decision decision = decide(flow, now), later;
	int64_t end = decision.expires ? decision.expires : UNIT_TIME_MAX + 2;

	if (decision.need)
		return;
	expiring += decision.expires != 0;
	ck_assert(!decision.expires || decision.expires > now);
	for (int64_t time = now; time < end; time++) {
		later = decide(flow, time);
		expect_same(&decision, &later);
	}
}

START_TEST(decisions_hold_until_they_expire)
{
	try_all(3, holds_until_it_expires);
	ck_assert_uint_gt(expiring, POLICIES);
}
END_TEST

static unsigned unneeded;

static void expect_action(const struct sp_flow *flow, const struct sp_facts *facts,
			  int64_t now, enum sp_action action)
{
	struct sp_decision decision;

	sp_decide(snapshot, flow, facts, now, &decision);
	if (!decision.need)
		ck_assert_int_eq(decision.action, action);
	else
		ck_assert(!"a fact is needed when more is known");
}

/* Every value that a pending fact could get. */
static void unneeded_fact_is_harmless(const struct sp_flow *flow, int64_t now)
{
	struct sp_decision decision = decide(flow, now);
	struct sp_facts facts = unit_facts(&world, flow);

	if (decision.need)
		return;
	if (facts.program_state == SP_FACT_PENDING) {
		unneeded++;
		for (unsigned image = 0; image < UNIT_IMAGES; image++) {
			facts.program_state = SP_FACT_KNOWN;
			facts.program = unit_program(image);
			expect_action(flow, &facts, now, decision.action);
		}
		facts.program_state = SP_FACT_FAILED;
		facts.program = NULL;
		expect_action(flow, &facts, now, decision.action);
		facts.program_state = SP_FACT_PENDING;
	}
	if (facts.interface_state == SP_FACT_PENDING) {
		unneeded++;
		for (unsigned i = 0; i < UNIT_INTERFACES; i++) {
			facts.interface_state = SP_FACT_KNOWN;
			facts.interface = unit_interface(i);
			expect_action(flow, &facts, now, decision.action);
		}
		facts.interface_state = SP_FACT_FAILED;
		facts.interface = NULL;
		expect_action(flow, &facts, now, decision.action);
	}
}

START_TEST(unneeded_facts_change_nothing)
{
	try_all(4, unneeded_fact_is_harmless);
	ck_assert_uint_gt(unneeded, POLICIES);
}
END_TEST

/* The order in which rules are given does not matter, only their ids. */
static void order_is_no_matter(const struct sp_flow *flow, int64_t now)
{
	struct sp_rule turned[RULES_MAX];
	struct sp_facts facts = unit_facts(&world, flow);
	struct sp_decision decision = decide(flow, now), other;
	struct sp_snapshot *second;

	if (!unit_chance(&dice, 10))
		return;
	for (size_t i = 0; i < count; i++)
		turned[i] = rules[count - 1 - i];
	second = sp_snapshot_new(turned, count, &defaults, 2, 0);
	sp_decide(second, flow, &facts, now, &other);
	sp_snapshot_unref(second);
	ck_assert_mem_eq(&decision, &other, sizeof(decision));
}

START_TEST(order_of_rules_is_no_matter)
{
	try_all(5, order_is_no_matter);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("decide-random");
	TCase *tcase = tcase_create("decide-random");

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, fast_equals_plain);
	tcase_add_test(tcase, what_was_looked_at_is_enough);
	tcase_add_test(tcase, decisions_hold_until_they_expire);
	tcase_add_test(tcase, unneeded_facts_change_nothing);
	tcase_add_test(tcase, order_of_rules_is_no_matter);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
