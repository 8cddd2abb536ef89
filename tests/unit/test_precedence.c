/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields, matching and the order of rules, against definitions that do not use
 * the table of fields: what matches is told by a second matcher here, and
 * "narrower" by what matches.
 */
#include <string.h>
#include "precedence.h"
#include "unit.h"

#define RULES 120
#define FLOWS 400

static struct sp_rule rules[RULES];
static struct sp_flow flows[FLOWS];
static const struct unit_world known = {
	{ SP_FACT_KNOWN, SP_FACT_KNOWN, SP_FACT_KNOWN, SP_FACT_KNOWN, SP_FACT_KNOWN },
	{ SP_FACT_KNOWN, SP_FACT_KNOWN, SP_FACT_KNOWN },
};

static void setup(void)
{
	struct unit_random random = { 4711 };

	for (size_t i = 0; i < RULES; i++)
		unit_random_rule(&random, i + 1, &rules[i]);
	for (size_t i = 0; i < FLOWS; i++)
		unit_random_flow(&random, &flows[i]);
}

static void teardown(void)
{
	for (size_t i = 0; i < RULES; i++)
		sp_rule_clear(&rules[i]);
}

static enum sp_match match(const struct sp_rule *rule, const struct sp_flow *flow,
			   const struct sp_facts *facts, struct sp_look *look)
{
	const struct sp_look have = { 0, 0 };
	unsigned missing;

	return sp_rule_match(rule, sp_rule_fields(rule), flow, facts, &have, look, &missing);
}

static bool matches(const struct sp_rule *rule, const struct sp_flow *flow)
{
	struct sp_facts facts = unit_facts(&known, flow);
	struct sp_look look;

	return match(rule, flow, &facts, &look) == SP_YES;
}

static bool bit(const uint8_t address[16], unsigned i)
{
	return address[i / 8] >> (7 - i % 8) & 1;
}

static bool oracle(const struct sp_rule *rule, const struct sp_flow *flow)
{
	bool ports = flow->protocol == 6 || flow->protocol == 17;
	bool any_remote = rule->remote_port.first == 0 && rule->remote_port.last == 65535;
	bool any_local = rule->local_port.first == 0 && rule->local_port.last == 65535;
	const char *program = unit_program(flow->image);
	const char *interface = unit_interface(flow->ifindex);

	for (unsigned i = 0; i < rule->remote.length; i++)
		if (bit(rule->remote.address, i) != bit(flow->remote, i))
			return false;
	if (!any_remote && (!ports || flow->remote_port < rule->remote_port.first ||
			    flow->remote_port > rule->remote_port.last))
		return false;
	if (!any_local && (!ports || flow->local_port < rule->local_port.first ||
			   flow->local_port > rule->local_port.last))
		return false;
	if (rule->program && (!program || strcmp(rule->program, program)))
		return false;
	if (rule->interface && (!interface || strcmp(rule->interface, interface)))
		return false;
	if (rule->user != SP_ANY_USER && rule->user != flow->user)
		return false;
	if (rule->owner != SP_SYSTEM && rule->owner != flow->user)
		return false;
	return rule->protocol == SP_ANY_PROTOCOL || rule->protocol == flow->protocol;
}

START_TEST(matches_as_written)
{
	unsigned found = 0;

	for (size_t i = 0; i < RULES; i++)
		for (size_t j = 0; j < FLOWS; j++) {
			if (rules[i].direction != flows[j].direction)
				continue;
			ck_assert_int_eq(matches(&rules[i], &flows[j]), oracle(&rules[i], &flows[j]));
			found += matches(&rules[i], &flows[j]);
		}
	ck_assert_uint_gt(found, 500);
}
END_TEST

/* Narrower: nothing matches that the other does not match. */
START_TEST(narrower_matches_less)
{
	unsigned narrower = 0;

	for (size_t i = 0; i < RULES; i++)
		for (size_t j = 0; j < RULES; j++) {
			enum sp_relation relation;

			if (rules[i].direction != rules[j].direction)
				continue;
			relation = sp_rule_relate(&rules[i], &rules[j]);
			if (relation != SP_NARROWER && relation != SP_EQUAL)
				continue;
			narrower += relation == SP_NARROWER;
			if (relation == SP_NARROWER)
				ck_assert_int_eq(sp_rule_relate(&rules[j], &rules[i]), SP_CROSSING);
			else
				ck_assert_int_eq(sp_rule_relate(&rules[j], &rules[i]), SP_EQUAL);
			for (size_t k = 0; k < FLOWS; k++)
				if (flows[k].direction == rules[i].direction &&
				    matches(&rules[i], &flows[k]))
					ck_assert(matches(&rules[j], &flows[k]));
		}
	ck_assert_uint_gt(narrower, 200);
}
END_TEST

START_TEST(hiding_is_a_strict_order)
{
	for (size_t i = 0; i < RULES; i++) {
		ck_assert(!sp_rule_hides(&rules[i], &rules[i]));
		for (size_t j = 0; j < RULES; j++) {
			if (!sp_rule_hides(&rules[i], &rules[j]))
				continue;
			ck_assert(!sp_rule_hides(&rules[j], &rules[i]));
			ck_assert_int_lt(sp_rule_order(&rules[i], &rules[j]), 0);
			ck_assert_int_gt(sp_rule_order(&rules[j], &rules[i]), 0);
			for (size_t k = 0; k < RULES; k++)
				if (sp_rule_hides(&rules[j], &rules[k]))
					ck_assert(sp_rule_hides(&rules[i], &rules[k]));
		}
	}
}
END_TEST

/* What a match looked at is enough: it says the same of every flow that agrees. */
START_TEST(looks_prove_the_match)
{
	struct unit_random random = { 99 };

	for (unsigned n = 0; n < 200000; n++) {
		const struct sp_rule *rule = &rules[unit_below(&random, RULES)];
		struct sp_flow flow, other;
		struct unit_world world;
		struct sp_facts facts;
		struct sp_look look, unused;
		enum sp_match result;

		unit_random_flow(&random, &flow);
		unit_random_flow(&random, &other);
		unit_random_world(&random, &world);
		flow.direction = rule->direction;
		facts = unit_facts(&world, &flow);
		result = match(rule, &flow, &facts, &look);
		other.direction = flow.direction;
		other.image = flow.image;
		other.user = flow.user;
		if (look.fields & SP_LOOKED_PROTOCOL)
			other.protocol = flow.protocol;
		if (look.fields & SP_LOOKED_REMOTE_PORT)
			other.remote_port = flow.remote_port;
		if (look.fields & SP_LOOKED_LOCAL_PORT)
			other.local_port = flow.local_port;
		if (look.fields & SP_LOOKED_INTERFACE)
			other.ifindex = flow.ifindex;
		for (unsigned i = 0; i < look.length; i++) {
			other.remote[i / 8] &= (uint8_t)~(0x80 >> i % 8);
			other.remote[i / 8] |= flow.remote[i / 8] & (0x80 >> i % 8);
		}
		facts = unit_facts(&world, &other);
		/* What waits may turn out not to match for another reason. */
		if (result == SP_MAYBE)
			ck_assert_int_ne(match(rule, &other, &facts, &unused), SP_YES);
		else
			ck_assert_int_eq(match(rule, &other, &facts, &unused), result);
	}
}
END_TEST

static const struct {
	const char *a, *b;
	enum sp_relation relation;
} relations[] = {
	{ "allow out", "deny out", SP_EQUAL },
	{ "allow out program /a", "allow out", SP_NARROWER },
	{ "allow out program /a", "allow out program /b", SP_CROSSING },
	{ "allow out to 10.1.0.0/16", "allow out to 10.0.0.0/8", SP_NARROWER },
	{ "allow out to 10.0.0.0/16", "allow out to 10.1.0.0/16", SP_CROSSING },
	{ "allow out to 0.0.0.0/0", "allow out", SP_NARROWER },
	{ "allow out port 80", "allow out port 80-90", SP_NARROWER },
	{ "allow out port 80-90", "allow out port 85-95", SP_CROSSING },
	{ "allow out port 80-90", "allow out port 80-90", SP_EQUAL },
	{ "allow out port 80", "allow out local-port 80", SP_CROSSING },
	{ "allow out port 80 protocol tcp", "allow out port 80", SP_NARROWER },
	{ "allow out protocol tcp", "allow out port 80", SP_CROSSING },
	{ "allow out interface a", "allow out", SP_NARROWER },
	{ "allow out user 1", "allow out", SP_NARROWER },
	{ "allow out owner 1", "allow out", SP_NARROWER },
	{ "allow out owner 1", "allow out user 1", SP_EQUAL },
	{ "allow out owner 1 user 1", "allow out user 1", SP_EQUAL },
	{ "allow out owner 1", "allow out owner 2", SP_CROSSING },
	{ "allow out program /a", "allow out to 10.0.0.0/8", SP_CROSSING },
};

START_TEST(relates)
{
	struct sp_rule a = unit_rule(relations[_i].a, 1), b = unit_rule(relations[_i].b, 2);

	ck_assert_int_eq(sp_rule_relate(&a, &b), relations[_i].relation);
	sp_rule_clear(&a);
	sp_rule_clear(&b);
}
END_TEST

START_TEST(owners_do_not_outdate_each_other)
{
	struct sp_rule system = unit_rule("allow out user 1", 1);
	struct sp_rule own = unit_rule("deny out owner 1", 2);
	struct sp_rule newer = unit_rule("ask out owner 1 user 1", 3);

	ck_assert(!sp_rule_hides(&own, &system) && !sp_rule_hides(&system, &own));
	ck_assert(sp_rule_hides(&newer, &own) && !sp_rule_hides(&own, &newer));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("precedence");
	TCase *tcase = tcase_create("precedence");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, matches_as_written);
	tcase_add_test(tcase, narrower_matches_less);
	tcase_add_test(tcase, hiding_is_a_strict_order);
	tcase_add_test(tcase, looks_prove_the_match);
	tcase_add_loop_test(tcase, relates, 0, sizeof(relations) / sizeof(relations[0]));
	tcase_add_test(tcase, owners_do_not_outdate_each_other);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
