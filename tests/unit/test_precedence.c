/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields, matching and the order of rules, against definitions that do not use
 * the table of fields: what matches is told by a second matcher here, and
 * "narrower" by what matches.
 */
#include <fnmatch.h>
#include <string.h>
#include "precedence.h"
#include "unit.h"

#define RULES 240
#define FLOWS 600

static struct sp_rule rules[RULES];
static struct sp_flow flows[FLOWS];
static struct unit_world known;

static void setup(void)
{
	struct unit_random random = { 4711 };

	unit_known_world(&known);

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

	return sp_matched(match(rule, flow, &facts, &look));
}

static bool bit(const uint8_t address[16], unsigned i)
{
	return address[i / 8] >> (7 - i % 8) & 1;
}

static bool in_prefix(const uint8_t address[16], const char *prefix, unsigned length)
{
	uint8_t bytes[16];

	unit_address(prefix, bytes);
	for (unsigned i = 0; i < length; i++)
		if (bit(bytes, i) != bit(address, i))
			return false;
	return true;
}

static bool is_loopback(const uint8_t *a)
{
	return in_prefix(a, "127.0.0.0", 104) || in_prefix(a, "::1", 128);
}

/* With the networks that unit_facts() gives. */
static bool is_lan(const uint8_t *a)
{
	return in_prefix(a, "169.254.0.0", 112) || in_prefix(a, "fe80::", 10) ||
	       in_prefix(a, "10.1.2.0", 120);
}

static bool is_multicast(const uint8_t *a)
{
	return in_prefix(a, "224.0.0.0", 100) || in_prefix(a, "ff00::", 8) ||
	       in_prefix(a, "255.255.255.255", 128);
}

static bool ends_in(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);

	return !strcmp(name, end) ||
	       (length > tail && name[length - tail - 1] == '.' && !strcmp(name + length - tail, end));
}

static bool in_list(const char *list, const uint8_t *a, const struct sp_facts *facts)
{
	bool found = false;

	if (!strcmp(list, "numbers"))
		return in_prefix(a, "10.1.0.0", 112) || in_prefix(a, "2001:db8::1", 128) ||
		       in_prefix(a, "192.0.2.1", 128) || in_prefix(a, "192.0.2.2", 127);
	for (size_t i = 0; i < facts->names.count; i++) {
		const char *name = facts->names.names[i];

		if (!strcmp(list, "names"))
			found |= ends_in(name, "listed.example") || !strcmp(name, "www.example.org");
		else if (!strcmp(list, "both"))
			found |= ends_in(name, "a.test");
	}
	return found || (!strcmp(list, "both") && in_prefix(a, "10.200.0.0", 112));
}

static bool oracle_name(const struct sp_rule *rule, const struct sp_facts *facts)
{
	for (size_t i = 0; i < facts->names.count; i++)
		if (rule->remote_kind == SP_REMOTE_HOST ?
		    !strcmp(facts->names.names[i], rule->remote_name) :
		    ends_in(facts->names.names[i], rule->remote_name))
			return true;
	return false;
}

static bool oracle_remote(const struct sp_rule *rule, const uint8_t *a,
			  const struct sp_facts *facts)
{
	switch (rule->remote_kind) {
	case SP_REMOTE_PREFIX:
		for (unsigned i = 0; i < rule->remote.length; i++)
			if (bit(rule->remote.address, i) != bit(a, i))
				return false;
		return true;
	case SP_REMOTE_RANGE:
		return memcmp(a, rule->remote.address, 16) >= 0 &&
		       memcmp(a, rule->remote_last, 16) <= 0;
	case SP_REMOTE_HOST:
	case SP_REMOTE_DOMAIN:
		return oracle_name(rule, facts);
	case SP_REMOTE_LIST:
		if (!rule->list)	/* it failed */
			return rule->action != SP_ALLOW;
		return in_list(rule->remote_name, a, facts);
	case SP_REMOTE_RESOLVER:
		return in_prefix(a, "10.1.2.2", 128);
	case SP_REMOTE_LOOPBACK:
		return is_loopback(a);
	case SP_REMOTE_LAN:
		return is_lan(a);
	case SP_REMOTE_MULTICAST:
		return is_multicast(a);
	case SP_REMOTE_INTERNET:
		break;
	}
	return !is_loopback(a) && !is_lan(a) && !is_multicast(a);
}

static bool is(const char *value, const char *fact)
{
	return !value || (fact && !strcmp(value, fact));
}

static bool oracle_program(const struct sp_rule *rule, const char *program)
{
	if (!rule->program_glob)
		return is(rule->program, program);
	return program && !fnmatch(rule->program, program, FNM_PATHNAME | FNM_NOESCAPE);
}

static bool oracle_process(const struct sp_rule *rule, const struct sp_flow *flow,
			   const struct sp_facts *facts)
{
	bool parent = !rule->parent, family = !rule->process || rule->process == flow->process;

	for (size_t i = 0; i < facts->parents.count; i++)
		parent |= is(rule->parent, facts->parents.paths[i]);
	for (size_t i = 0; i < facts->family.count; i++)
		family |= rule->process == facts->family.processes[i];
	if (rule->traced != SP_TRACED_ANY && (rule->traced == SP_TRACED_YES) != facts->traced.is)
		return false;
	return parent && family && (!rule->cgroup || rule->cgroup == flow->cgroup);
}

static bool oracle(const struct sp_rule *rule, const struct sp_flow *flow)
{
	struct sp_facts facts = unit_facts(&known, flow);
	bool ports = flow->protocol == 6 || flow->protocol == 17;
	bool any_remote = rule->remote_port.first == 0 && rule->remote_port.last == 65535;
	bool any_local = rule->local_port.first == 0 && rule->local_port.last == 65535;

	if (!any_remote && (!ports || flow->remote_port < rule->remote_port.first ||
			    flow->remote_port > rule->remote_port.last))
		return false;
	if (!any_local && (!ports || flow->local_port < rule->local_port.first ||
			   flow->local_port > rule->local_port.last))
		return false;
	if (!oracle_program(rule, unit_program(flow->image)) ||
	    !is(rule->interface, unit_interface(flow->ifindex)) ||
	    !is(rule->hash, facts.hash.text) || !is(rule->package, facts.package.text) ||
	    !is(rule->app, facts.app.text) || !is(rule->unit, facts.unit.text) ||
	    !is(rule->script, facts.script.text) || !is(rule->network, facts.network.text))
		return false;
	if (!oracle_process(rule, flow, &facts) || !oracle_remote(rule, flow->remote, &facts))
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
	ck_assert_uint_gt(found, 2000);
}
END_TEST

/* Is the order of these two places one of kinds, not of what is in them? */
static bool by_kind(const struct sp_rule *a, const struct sp_rule *b)
{
	bool numbers = b->remote_kind == SP_REMOTE_PREFIX || b->remote_kind == SP_REMOTE_RANGE;

	return !numbers && (a->remote_kind != b->remote_kind || (!a->list && !b->list &&
			    a->remote_kind == SP_REMOTE_LIST));
}

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
			for (size_t k = 0; k < FLOWS && !by_kind(&rules[i], &rules[j]); k++)
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
		if (look.fields & SP_LOOKED_PROCESS)
			other.process = flow.process;
		if (look.fields & SP_LOOKED_CGROUP)
			other.cgroup = flow.cgroup;
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
			ck_assert(!sp_matched(match(rule, &other, &facts, &unused)));
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
	{ "allow out program /opt/a-1/bin/a", "allow out program like /opt/a-*/bin/a", SP_NARROWER },
	{ "allow out program like /opt/a-1.*/bin/a", "allow out program like /opt/a-*/bin/a", SP_NARROWER },
	{ "allow out program like /opt/*-1/bin/a", "allow out program like /opt/a-*/bin/a", SP_CROSSING },
	{ "allow out program like /opt/*x*", "allow out program like /opt/*x", SP_CROSSING },
	{ "allow out program like /opt/*x", "allow out program like /opt/*x*", SP_NARROWER },
	{ "allow out program like /opt/*", "allow out", SP_NARROWER },
	{ "allow out program /opt/a/b", "allow out program like /opt/*", SP_CROSSING },
	{ "allow out program \"/opt/*\"", "allow out program like /opt/*", SP_NARROWER },
	{ "allow out program /a package p", "allow out program /a", SP_NARROWER },
	{ "allow out program /a", "allow out package p", SP_CROSSING },
	{ "allow out parent /a", "allow out parent /b", SP_CROSSING },
	{ "allow out traced yes", "allow out", SP_NARROWER },
	{ "allow out to 192.0.2.1", "allow out to example.org", SP_NARROWER },
	{ "allow out to 192.0.2.1", "allow out to @l", SP_NARROWER },
	{ "allow out to 192.0.2.1", "allow out to lan", SP_NARROWER },
	{ "allow out to 192.0.2.1", "allow out to 192.0.2.1-192.0.2.7", SP_NARROWER },
	{ "allow out to 192.0.2.2-192.0.2.5", "allow out to 192.0.2.0/24", SP_NARROWER },
	{ "allow out to 192.0.2.4/30", "allow out to 192.0.2.2-192.0.2.9", SP_NARROWER },
	{ "allow out to 192.0.2.2-192.0.2.9", "allow out to 192.0.2.5-192.0.2.12", SP_CROSSING },
	{ "allow out to 192.0.2.0/24", "allow out to example.org", SP_CROSSING },
	{ "allow out to 192.0.2.0/24", "allow out to lan", SP_CROSSING },
	{ "allow out to 192.0.2.0/24", "allow out to @l", SP_CROSSING },
	{ "allow out to www.example.org", "allow out to domain example.org", SP_NARROWER },
	{ "allow out to example.org", "allow out to domain example.org", SP_NARROWER },
	{ "allow out to notexample.org", "allow out to domain example.org", SP_CROSSING },
	{ "allow out to domain b.example.org", "allow out to domain example.org", SP_NARROWER },
	{ "allow out to domain b.example.org", "allow out to domain a.example.org", SP_CROSSING },
	{ "allow out to example.org", "allow out to @l", SP_NARROWER },
	{ "allow out to domain example.org", "allow out to @l", SP_CROSSING },
	{ "allow out to example.org", "allow out to lan", SP_CROSSING },
	{ "allow out to @l", "allow out to @m", SP_CROSSING },
	{ "allow out to @l", "deny out to @l", SP_EQUAL },
	{ "allow out to @l", "allow out to lan", SP_CROSSING },
	{ "allow out to resolver", "allow out to lan", SP_NARROWER },
	{ "allow out to resolver", "allow out to internet", SP_NARROWER },
	{ "allow out to lan", "allow out to internet", SP_CROSSING },
	{ "allow out to lan", "allow out", SP_NARROWER },
	{ "allow out network home", "allow out", SP_NARROWER },
	{ "allow out until reboot boot 0123456789abcdef0123456789abcdef", "allow out", SP_EQUAL },
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
