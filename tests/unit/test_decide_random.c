/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decision under random policies: it equals the plain one, what it looked
 * at is enough, it holds until it expires, and a fact that it did not need
 * changes nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "field.h"
#include "unit.h"

#define POLICIES 2000
#define FLOWS 40
#define RULES_SMALL 48
#define RULES_MAX 2000

static struct unit_random dice;
static struct sp_rule rules[RULES_MAX];
static size_t count;
static struct sp_defaults defaults;
static struct unit_world world;
static struct sp_snapshot *snapshot;

static const char *const names[] = {
	"www.example.org", "example.org", "a.test", "b.a.test", "org", "test", "x.test", "y.test",
};
static const char *const lists[] = { "numbers", "names", "both", "missing" };

/* What most rules of a crowd have in common, so that they are searched by it. */
enum crowd {
	CROWD_NONE, CROWD_ADDRESSES, CROWD_HOSTS, CROWD_DOMAINS, CROWD_LISTS, CROWD_CLASSES,
	CROWD_UNITS, CROWD_APPS, CROWD_SCRIPTS, CROWD_GLOBS, CROWDS,
};

static void set_name(struct sp_rule *rule, enum sp_remote kind, const char *name)
{
	rule->remote_kind = kind;
	rule->remote_name = strdup(name);
	for (size_t i = 0; i < UNIT_LISTS && kind == SP_REMOTE_LIST; i++)
		if (!strcmp(sp_list_name(unit_lists[i]), name))
			rule->list = unit_lists[i];
}

static void set_address(struct sp_rule *rule)
{
	unit_random_address(&dice, rule->remote.address);
	rule->remote.length = unit_chance(&dice, 2) ? 128 : 124;
	rule->remote.address[15] &= rule->remote.length == 128 ? 0xff : 0xf0;
}

/* One of many names, of which flows have two; see unit.c. */
static char *one_of_many(const char *first, const char *second, const char *begin,
			 const char *end)
{
	char text[64];
	uint32_t number = unit_below(&dice, 24);

	snprintf(text, sizeof(text), "%s%u%s", begin, number, end);
	return strdup(number == 0 ? first : number == 1 ? second : text);
}

static void set_common(struct sp_rule *rule, enum crowd crowd)
{
	switch (crowd) {
	case CROWD_ADDRESSES:
		set_address(rule);
		break;
	case CROWD_HOSTS:
		set_name(rule, SP_REMOTE_HOST, names[unit_below(&dice, 8)]);
		break;
	case CROWD_DOMAINS:
		set_name(rule, SP_REMOTE_DOMAIN, names[unit_below(&dice, 8)]);
		break;
	case CROWD_LISTS:
		set_name(rule, SP_REMOTE_LIST, lists[unit_below(&dice, 4)]);
		break;
	case CROWD_CLASSES:
		rule->remote_kind = (enum sp_remote)(SP_REMOTE_RESOLVER + unit_below(&dice, 5));
		break;
	case CROWD_UNITS:
		rule->unit = one_of_many("a.service", "b.service", "u", ".service");
		break;
	case CROWD_APPS:
		rule->app = one_of_many("flatpak:org.example.A", "snap:b", "snap:s", "");
		break;
	case CROWD_SCRIPTS:
		rule->script = one_of_many("/s/a", "/s/b", "/s/", "");
		break;
	case CROWD_GLOBS:
		rule->program = one_of_many("/usr/bin/*", "/usr/*/b", "/opt/", "/*");
		rule->program_glob = true;
		break;
	case CROWD_NONE:
	case CROWDS:
		break;
	}
}

/* Makes most rules alike but for one thing: long runs and many groups, for the index. */
static void join(struct sp_rule *rule, enum crowd crowd, enum sp_action action)
{
	struct sp_rule plain;
	bool port = unit_chance(&dice, 3);

	if (crowd == CROWD_NONE || unit_chance(&dice, 4))
		return;
	sp_rule_init(&plain);
	plain.id = rule->id;
	plain.action = unit_chance(&dice, 3) ? rule->action : action;
	plain.direction = rule->direction;
	plain.expires = rule->expires;
	if (port)
		plain.protocol = 6;
	sp_rule_clear(rule);
	*rule = plain;
	set_common(rule, crowd);
	ck_assert_ptr_null(sp_rule_check(rule));
}

static struct sp_snapshot *compile(const struct sp_rule *from, uint64_t epoch)
{
	const struct sp_source source = {
		.rules = from, .count = count, .defaults = defaults, .boot = UNIT_BOOT,
		.lists = unit_lists, .list_count = unit_lists[0] ? UNIT_LISTS : 0,
		.epoch = epoch,
	};

	return sp_snapshot_compile(&source);
}

static void make_policy(void)
{
	bool large = unit_chance(&dice, 300);
	enum sp_action action = (enum sp_action)(1 + unit_below(&dice, 4));
	enum crowd crowd = unit_chance(&dice, 2) ? (enum crowd)unit_below(&dice, CROWDS) : CROWD_NONE;

	count = unit_below(&dice, large ? RULES_MAX + 1 : RULES_SMALL + 1);
	for (size_t i = 0; i < count; i++) {
		unit_random_rule(&dice, i + 1, &rules[i]);
		join(&rules[i], crowd, action);
	}
	defaults.out = (enum sp_action)(1 + unit_below(&dice, 4));
	defaults.in = (enum sp_action)(1 + unit_below(&dice, 4));
	unit_random_world(&dice, &world);
	snapshot = compile(rules, 1);
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
	struct sp_facts known = *facts;
	struct sp_decision decision;

	/* What was not needed may make another rule win, whose rivals wait for more. */
	for (sp_decide(snapshot, flow, &known, now, &decision); decision.need;
	     sp_decide(snapshot, flow, &known, now, &decision))
		sp_facts_give_up(&known, decision.need);
	ck_assert_int_eq(decision.action, action);
}

/* Every value that each pending fact could get. */
static void unneeded_fact_is_harmless(const struct sp_flow *flow, int64_t now)
{
	struct sp_decision decision = decide(flow, now);
	struct sp_facts facts = unit_facts(&world, flow), other;

	if (decision.need)
		return;
	for (unsigned fact = 1; fact <= SP_FACT_ALL; fact <<= 1) {
		other = facts;
		if (!(sp_facts_pending(&facts) & fact))
			continue;
		unneeded++;
		for (unsigned i = 0; unit_fact_value(&other, fact, i); i++)
			expect_action(flow, &other, now, decision.action);
	}
}

START_TEST(unneeded_facts_change_nothing)
{
	try_all(4, unneeded_fact_is_harmless);
	ck_assert_uint_gt(unneeded, POLICIES);
}
END_TEST

static unsigned asked;

/* Those of @which as @full has them. */
static void learn(struct sp_facts *facts, const struct sp_facts *full, unsigned which)
{
	struct sp_facts rest = *full;

	for (unsigned fact = 1; fact <= SP_FACT_ALL; fact <<= 1)
		if (sp_facts_pending(facts) & ~which & fact)
			unit_fact_forget(&rest, fact);
	*facts = rest;
}

/* Facts come one at a time, in any order, first those that are needed. */
static void order_of_facts_is_no_matter(const struct sp_flow *flow, int64_t now)
{
	struct sp_facts full = unit_facts(&world, flow), facts = { 0 };
	struct sp_decision decision, last;

	sp_facts_give_up(&full, SP_FACT_ALL);
	sp_decide(snapshot, flow, &full, now, &last);
	ck_assert_uint_eq(last.need, 0);
	for (unsigned i = 0; ; i++) {
		unsigned which, pending = sp_facts_pending(&facts);

		sp_decide(snapshot, flow, &facts, now, &decision);
		if (!decision.need)
			break;
		asked++;
		ck_assert_uint_eq(decision.need & ~pending, 0);
		ck_assert_uint_le(i, 13);
		do
			which = 1u << unit_below(&dice, 13);
		while (!(which & decision.need));
		learn(&facts, &full, which);
	}
	ck_assert_int_eq(decision.action, last.action);
}

START_TEST(order_of_facts_is_no_matter_either)
{
	try_all(6, order_of_facts_is_no_matter);
	ck_assert_uint_gt(asked, POLICIES);
}
END_TEST

/* The order in which rules are given does not matter, only their ids. */
static void order_is_no_matter(const struct sp_flow *flow, int64_t now)
{
	static struct sp_rule turned[RULES_MAX];
	struct sp_facts facts = unit_facts(&world, flow);
	struct sp_decision decision = decide(flow, now), other;
	struct sp_snapshot *second;

	if (!unit_chance(&dice, 10))
		return;
	for (size_t i = 0; i < count; i++)
		turned[i] = rules[count - 1 - i];
	second = compile(turned, 2);
	sp_decide(second, flow, &facts, now, &other);
	sp_snapshot_unref(second);
	ck_assert_mem_eq(&decision, &other, sizeof(decision));
}

START_TEST(order_of_rules_is_no_matter)
{
	try_all(5, order_is_no_matter);
}
END_TEST

static size_t others;

/* Rules of other users cost nobody anything, nor do they make anything be looked at. */
static void others_are_no_matter(const struct sp_flow *flow, int64_t now)
{
	static struct sp_rule own[RULES_MAX];
	struct sp_facts facts = unit_facts(&world, flow);
	struct sp_decision decision = decide(flow, now), alone;
	struct sp_snapshot *mine;
	size_t all = count;

	count = 0;
	for (size_t i = 0; i < all; i++)
		if (sp_rule_effective_user(&rules[i]) == flow->user ||
		    sp_rule_effective_user(&rules[i]) == SP_ANY_USER)
			own[count++] = rules[i];
	others += all - count;
	mine = compile(own, 1);
	count = all;
	sp_decide(mine, flow, &facts, now, &alone);
	sp_snapshot_unref(mine);
	ck_assert_mem_eq(&decision, &alone, sizeof(decision));
}

START_TEST(rules_of_others_are_no_matter)
{
	try_all(7, others_are_no_matter);
	ck_assert_uint_gt(others, POLICIES * FLOWS);
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
	tcase_add_test(tcase, order_of_facts_is_no_matter_either);
	tcase_add_test(tcase, order_of_rules_is_no_matter);
	tcase_add_test(tcase, rules_of_others_are_no_matter);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
