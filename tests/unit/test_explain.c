/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows as lines, why they are decided as they are, and what is odd about rules. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "analyse.h"
#include "domain.h"
#include "explain.h"
#include "flow_line.h"
#include "unit.h"

#define LINES 12
#define MANY 40

static const struct sp_defaults defaults = { SP_ASK, SP_DENY };
static const struct sp_text_context context = { .owner = SP_SYSTEM };
static struct sp_flow_line flow;
static struct sp_text_error error;
static struct sp_explanation explanation;
static struct sp_rule rules[MANY];
static size_t count;

static void read_flow(const char *line)
{
	int result = sp_flow_line_read(line, strlen(line), &context, &flow, &error);

	ck_assert_msg(result == 1, "%s: %u: %s", line, error.column, error.message);
}

static void set_rules(const char *const *lines)
{
	for (count = 0; lines[count]; count++)
		rules[count] = unit_rule(lines[count], count + 1);
}

#define RULES(...) set_rules((const char *const[]){ __VA_ARGS__, NULL })

static void clear(void)
{
	while (count)
		sp_rule_clear(&rules[--count]);
}

static void explain(const char *line)
{
	read_flow(line);
	ck_assert(sp_explain(rules, count, &defaults, &flow.flow, &flow.facts, 0, &explanation));
}

static void done(void)
{
	sp_explanation_clear(&explanation);
	sp_flow_line_clear(&flow);
}

/* The @index-th that is told: which rule, what became of it, and by whom. */
static void expect(size_t index, uint64_t rule, enum sp_verdict_of_rule what, uint64_t by,
		   const char *words)
{
	const struct sp_explained *one = &explanation.rules[index];
	char *text;

	ck_assert_uint_lt(index, explanation.count);
	ck_assert_uint_eq(one->rule->id, rule);
	ck_assert_int_eq(one->what, what);
	ck_assert_uint_eq(one->by ? one->by->id : 0, by);
	text = sp_explained_text(one);
	ck_assert_msg(strstr(text, words), "%s", text);
	free(text);
}

START_TEST(flows_as_lines)
{
	read_flow("deny out program /usr/bin/curl user 1000 protocol tcp to 192.0.2.1 port 443 "
		  "called WWW.example.org interface eth0 called a.test # then");
	ck_assert_int_eq(flow.action, SP_DENY);
	ck_assert_uint_eq(flow.flow.user, 1000);
	ck_assert_uint_eq(flow.flow.remote_port, 443);
	ck_assert_uint_eq(flow.flow.local_port, 0);
	ck_assert_uint_eq(flow.facts.names.count, 2);
	ck_assert_str_eq(flow.facts.names.names[0], "www.example.org");
	ck_assert_str_eq(flow.facts.interface.text, "eth0");
	ck_assert_int_eq(flow.facts.package.state, SP_FACT_PENDING);
	sp_flow_line_clear(&flow);
	read_flow("ask in from 2001:db8::1 port 22 owner 1001 traced no parent /a package p");
	ck_assert_uint_eq(flow.flow.user, 1001);
	ck_assert_uint_eq(flow.flow.local_port, 22);
	ck_assert_int_eq(flow.facts.traced.state, SP_FACT_KNOWN);
	ck_assert(!flow.facts.traced.is);
	ck_assert_uint_eq(flow.facts.parents.count, 1);
	ck_assert_int_eq(flow.facts.names.state, SP_FACT_PENDING);
	sp_flow_line_clear(&flow);
	ck_assert_int_eq(sp_flow_line_read("# x", 3, &context, &flow, &error), 0);
}
END_TEST

static const struct {
	const char *line, *word;
	unsigned column;
} bad[] = {
	{ "allow out", "one address", 1 },
	{ "allow in from 10.0.0.0/8", "one address", 1 },
	{ "allow out to example.org", "one address", 1 },
	{ "allow out to 192.0.2.1 port 1-2", "one port", 1 },
	{ "allow out to 192.0.2.1 program like /a*", "no pattern", 1 },
	{ "allow out to 192.0.2.1 called", "expected a name", 30 },
	{ "allow out to 192.0.2.1 called a..b", "empty part", 31 },
	{ "allow out called a.b frob 1 to 192.0.2.1", "unknown word", 22 },
	{ "allow out to 192.0.2.1 called a called a called a called a called a called a called a "
	  "called a called a called a called a called a called a called a called a called a called a",
	  "16 names", 175 },
	{ "allow out to 192.0.2.1 \"", "never closed", 24 },
	{ "allow\xff", "UTF-8", 6 },
};

START_TEST(refuses_what_is_no_flow)
{
	ck_assert_int_eq(sp_flow_line_read(bad[_i].line, strlen(bad[_i].line), &context, &flow,
					   &error), -1);
	ck_assert_msg(error.column == bad[_i].column && strstr(error.message, bad[_i].word),
		      "%s: %u: %s", bad[_i].line, error.column, error.message);
}
END_TEST

START_TEST(tells_winner_and_runners_up)
{
	RULES("deny out", "allow out program /usr/bin/curl", "allow out to 192.0.2.0/24",
	      "deny out program /usr/bin/curl", "ask out port 443", "allow out program /usr/bin/wget",
	      "deny out port 443 protocol tcp", "disabled drop out", "drop out until 1970-01-01T00:00:00.000000001Z");
	read_flow("ask out program /usr/bin/curl protocol tcp to 192.0.2.1 port 443");
	ck_assert(sp_explain(rules, count, &defaults, &flow.flow, &flow.facts, 5, &explanation));
	ck_assert_uint_eq(explanation.decision.rule, 4);
	ck_assert_uint_eq(explanation.count, 6);
	expect(0, 4, SP_EXPLAIN_WINS, 0, "It decides.");
	expect(1, 7, SP_EXPLAIN_NOT_WINNING, 4, "same as rule 4");
	expect(2, 3, SP_EXPLAIN_LAXER, 4, "Rule 4 is stricter");
	expect(3, 1, SP_EXPLAIN_HIDDEN, 2, "Rule 2 is narrower");
	expect(4, 5, SP_EXPLAIN_HIDDEN, 7, "Rule 7 is narrower");
	expect(5, 2, SP_EXPLAIN_OLDER, 4, "newer about the same");
	done();
	clear();
}
END_TEST

START_TEST(tells_of_the_floor)
{
	RULES("floor deny out port 443", "allow out to 192.0.2.1 port 443");
	explain("ask out to 192.0.2.1 port 443 protocol tcp");
	expect(0, 1, SP_EXPLAIN_WINS, 0, "decides");
	expect(1, 2, SP_EXPLAIN_FLOOR, 1, "floor");
	done();
	clear();
	RULES("floor deny out port 443", "floor allow out to 192.0.2.1 port 443");
	explain("ask out to 192.0.2.1 port 443 protocol tcp");
	expect(0, 2, SP_EXPLAIN_WINS, 0, "decides");
	expect(1, 1, SP_EXPLAIN_HIDDEN, 2, "Rule 2 is narrower");
	done();
	clear();
}
END_TEST

START_TEST(tells_what_is_waited_for)
{
	RULES("deny out to @l package p", "allow out to www.example.org hash "
	      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "ask out");
	explain("ask out to 192.0.2.1 called www.example.org");
	ck_assert_uint_eq(explanation.decision.need, SP_FACT_PACKAGE | SP_FACT_HASH);
	expect(0, 3, SP_EXPLAIN_WINS, 0, "decides");
	expect(1, 1, SP_EXPLAIN_WAITS, 0, "depends on: the program's package.");
	expect(2, 2, SP_EXPLAIN_WAITS, 0, "depends on: the program's hash.");
	ck_assert_ptr_null(sp_fact_text(1u << 20));
	done();
	clear();
}
END_TEST

START_TEST(tells_of_doubt)
{
	RULES("deny out", "ask out package p", "allow out package p");
	read_flow("ask out to 192.0.2.1");
	sp_facts_give_up(&flow.facts, SP_FACT_PACKAGE);
	ck_assert(sp_explain(rules, count, &defaults, &flow.flow, &flow.facts, 0, &explanation));
	expect(0, 1, SP_EXPLAIN_WINS, 0, "decides");
	expect(1, 2, SP_EXPLAIN_LAXER, 1, "matches in doubt");
	ck_assert_uint_eq(explanation.count, 2);
	done();
	clear();
}
END_TEST

/* What is told agrees with what is decided, whatever the rules. */
START_TEST(agrees_with_the_decision)
{
	struct unit_random random = { 15 };
	unsigned won = 0;

	for (unsigned round = 0; round < 3000; round++) {
		struct unit_world world;
		struct sp_facts facts;
		struct sp_flow any;

		for (count = 0; count < LINES; count++)
			unit_random_rule(&random, count + 1, &rules[count]);
		unit_random_world(&random, &world);
		unit_random_flow(&random, &any);
		facts = unit_facts(&world, &any);
		ck_assert(sp_explain(rules, count, &defaults, &any, &facts, 0, &explanation));
		if (!explanation.decision.need && explanation.decision.rule) {
			won++;
			ck_assert_int_eq(explanation.rules[0].what, SP_EXPLAIN_WINS);
			ck_assert_uint_eq(explanation.rules[0].rule->id, explanation.decision.rule);
		}
		for (size_t i = 0; i < explanation.count; i++) {
			char *text = sp_explained_text(&explanation.rules[i]);

			ck_assert(text && *text && !strchr(text, '%'));
			free(text);
		}
		sp_explanation_clear(&explanation);
		clear();
	}
	ck_assert_uint_gt(won, 300);
}
END_TEST

static struct sp_analysis analysis;

static void analyse(const struct sp_analyse_options *options)
{
	static const struct sp_analyse_options none;

	ck_assert(sp_analyse(rules, count, options ? options : &none, &analysis));
}

static void found(size_t index, enum sp_finding_kind kind, uint64_t rule, uint64_t other,
		  const char *text)
{
	const struct sp_finding *one = &analysis.findings[index];

	ck_assert_uint_lt(index, analysis.count);
	ck_assert_int_eq(one->kind, kind);
	ck_assert_uint_eq(one->rule->id, rule);
	ck_assert_uint_eq(one->other ? one->other->id : 0, other);
	ck_assert_pstr_eq(one->text, text);
}

static void found_nothing(void)
{
	analyse(NULL);
	ck_assert_uint_eq(analysis.count, 0);
	sp_analysis_clear(&analysis);
	clear();
}

START_TEST(finds_rules_that_never_win)
{
	RULES("floor deny out to 10.0.0.0/8", "allow out program /a to 10.1.0.0/16 port 80-90",
	      "allow out", "allow out owner 1000 to 10.1.2.3");
	analyse(NULL);
	ck_assert_uint_eq(analysis.count, 2);
	found(0, SP_FIND_NEVER, 2, 1, "deny out program /a to 10.1.0.0 port 80");
	found(1, SP_FIND_NEVER, 4, 1, "deny out user 1000 to 10.1.2.3");
	sp_analysis_clear(&analysis);
	clear();
	RULES("deny out user 1000 port 1", "allow out owner 1000 port 1");
	analyse(NULL);
	found(0, SP_FIND_NEVER, 2, 1, "deny out user 1000 to 198.51.100.1 port 1");
	sp_analysis_clear(&analysis);
	clear();
}
END_TEST

START_TEST(finds_what_is_outdated_or_twice)
{
	RULES("deny out to 192.0.2.0/24", "allow out to 192.0.2.0/24",
	      "ask out port 1", "ask out port 1 # again", "disabled ask out port 1");
	analyse(NULL);
	ck_assert_uint_eq(analysis.count, 2);
	found(0, SP_FIND_DUPLICATE, 3, 4, NULL);
	found(1, SP_FIND_OUTDATED, 1, 2, "allow out to 192.0.2.0");
	sp_analysis_clear(&analysis);
	clear();
	RULES("allow out program like /opt/a-*/b to domain example.org", "deny out program like /opt/a-*/b to domain example.org");
	analyse(NULL);
	found(0, SP_FIND_OUTDATED, 1, 2, "deny out program /opt/a-/b to 198.51.100.1 called example.org");
	sp_analysis_clear(&analysis);
	clear();
}
END_TEST

/* Where its program is not known the older one decides, if it is the stricter. */
START_TEST(finds_what_is_outdated_by_facts)
{
	RULES("allow out program /a", "deny out program /a", "ask out program /a");
	analyse(NULL);
	ck_assert_uint_eq(analysis.count, 1);
	found(0, SP_FIND_OUTDATED, 1, 3, "ask out program /a to 198.51.100.1");
	sp_analysis_clear(&analysis);
	clear();
	RULES("ask out program /a", "deny out program /a");
	analyse(NULL);
	found(0, SP_FIND_OUTDATED, 1, 2, "deny out program /a to 198.51.100.1");
	sp_analysis_clear(&analysis);
	clear();
}
END_TEST

/* Of each owner the newest counts, whatever stands between. */
START_TEST(finds_what_is_odd_of_two_owners)
{
	RULES("deny out user 1000 program /x", "ask out owner 1000 program /x",
	      "allow out user 1000 program /x");
	analyse(NULL);
	ck_assert_uint_eq(analysis.count, 1);
	found(0, SP_FIND_NEVER, 3, 2, "ask out program /x user 1000 to 198.51.100.1");
	sp_analysis_clear(&analysis);
	clear();
	RULES("allow out user 1000 port 1", "ask out owner 1000 port 1", "deny out user 1000 port 1");
	analyse(NULL);
	ck_assert_uint_eq(analysis.count, 2);
	found(0, SP_FIND_OUTDATED, 1, 3, "deny out user 1000 to 198.51.100.1 port 1");
	found(1, SP_FIND_NEVER, 2, 3, "deny out user 1000 to 198.51.100.1 port 1");
	sp_analysis_clear(&analysis);
	clear();
	/* The newest ends, the one before does not. */
	RULES("allow out port 1", "deny out port 1", "ask out port 1 until 2030-01-01T00:00:00Z");
	analyse(NULL);
	ck_assert_uint_eq(analysis.count, 1);
	found(0, SP_FIND_OUTDATED, 1, 2, "deny out to 198.51.100.1 port 1");
	sp_analysis_clear(&analysis);
	clear();
}
END_TEST

/* Of rules with an end: who ends first hides nobody who goes on. */
START_TEST(finds_what_is_odd_about_ends)
{
	RULES("floor deny out until 2030-01-01T00:00:00Z",
	      "allow out port 1 until 2029-01-01T00:00:00Z",
	      "allow out port 2 until 2031-01-01T00:00:00Z");
	analyse(NULL);
	ck_assert_uint_eq(analysis.count, 1);
	found(0, SP_FIND_NEVER, 2, 1, "deny out to 198.51.100.1 port 1");
	sp_analysis_clear(&analysis);
	clear();
	/* Of two owners. */
	RULES("deny out user 1000 port 1 until 2030-01-01T00:00:00Z", "allow out owner 1000 port 1");
	found_nothing();
	RULES("allow out user 1000 port 1", "deny out owner 1000 port 1 until 2030-01-01T00:00:00Z");
	found_nothing();
	RULES("allow out user 1000 port 1", "deny out owner 1000 port 1");
	analyse(NULL);
	ck_assert_uint_eq(analysis.count, 1);
	found(0, SP_FIND_NEVER, 1, 2, "deny out user 1000 to 198.51.100.1 port 1");
	sp_analysis_clear(&analysis);
	clear();
	RULES("deny out user 1000 port 1", "deny out owner 1000 port 1");
	found_nothing();
}
END_TEST

START_TEST(finds_many)
{
	char line[64];

	for (count = 0; count < MANY; count++) {
		snprintf(line, sizeof(line), "allow out port %zu", count / 2 + 1);
		rules[count] = unit_rule(line, count + 1);
	}
	analyse(NULL);
	ck_assert_uint_eq(analysis.count, MANY / 2);
	for (size_t i = 0; i < analysis.count; i++)
		ck_assert_uint_eq(analysis.findings[i].other->id, analysis.findings[i].rule->id + 1);
	sp_analysis_clear(&analysis);
	clear();
}
END_TEST

START_TEST(finds_nothing_where_nothing_is_odd)
{
	RULES("deny out", "allow out program /a", "ask out program /a to 10.0.0.0/8");
	found_nothing();
	/* The floor rule ends before the other. */
	RULES("floor deny out until 2030-01-01T00:00:00Z", "allow out");
	found_nothing();
	/* Its fact may fail; then the other one decides. */
	RULES("floor allow out to lan", "deny out to lan");
	found_nothing();
	/* The names may not be found out; then the older one decides. */
	RULES("deny out to domain example.org", "allow out to domain example.org");
	found_nothing();
	RULES("deny out to a.example", "ask out to a.example");
	found_nothing();
	/* A host in a list is told by kind, not by what is in it. */
	RULES("floor deny out to @l", "allow out to example.org");
	found_nothing();
	RULES("floor deny out to domain example.org", "allow out to 192.0.2.1");
	found_nothing();
	RULES("floor deny in", "allow out");
	found_nothing();
	RULES("allow out until 2030-01-01T00:00:00Z", "deny out port 1", "allow out");
	analyse(NULL);
	ck_assert_uint_eq(analysis.count, 1);	/* the first is a duplicate, it ends earlier */
	found(0, SP_FIND_DUPLICATE, 1, 3, NULL);
	sp_analysis_clear(&analysis);
	clear();
	RULES("allow out", "allow out until 2030-01-01T00:00:00Z");
	found_nothing();
}
END_TEST

START_TEST(finds_what_is_not_used)
{
	static const struct sp_usage_of usage[] = { { 1, 50 }, { 2, 150 } };
	const struct sp_analyse_options options = {
		.unused = 100, .usage = usage, .usage_count = 2,
	};

	RULES("allow out port 1", "allow out port 2", "allow out port 3", "allow out port 4",
	      "disabled allow out port 5");
	rules[3].created = 120;
	analyse(&options);
	ck_assert_uint_eq(analysis.count, 2);
	found(0, SP_FIND_UNUSED, 1, 0, NULL);
	found(1, SP_FIND_UNUSED, 3, 0, NULL);
	sp_analysis_clear(&analysis);
	clear();
}
END_TEST

START_TEST(finds_hosts_of_one_domain)
{
	const struct sp_analyse_options options = { .domain_of = sp_domain_of };

	RULES("allow out program /a to a.example.co.uk", "allow out program /a to b.example.co.uk",
	      "allow out program /a to example.co.uk", "allow out program /b to a.example.co.uk",
	      "allow out program /a to other.co.uk", "deny out program /a to c.example.co.uk",
	      "allow out program /a to co.uk");
	analyse(&options);
	ck_assert_uint_eq(analysis.count, 1);
	found(0, SP_FIND_DOMAIN, 1, 0, "allow out program /a to domain example.co.uk");
	ck_assert_uint_eq(analysis.findings[0].count, 3);
	sp_analysis_clear(&analysis);
	clear();
}
END_TEST

START_TEST(knows_domains)
{
	ck_assert_str_eq(sp_domain_of("www.a.example.co.uk"), "example.co.uk");
	ck_assert_str_eq(sp_domain_of("example.org"), "example.org");
	ck_assert_ptr_null(sp_domain_of("co.uk"));
	ck_assert_ptr_null(sp_domain_of("printer"));
}
END_TEST

/*
 * A rule that is said never to win does not: without it every flow is decided the
 * same. And its example is one that it matches and the other one decides.
 */
START_TEST(what_never_wins_never_does)
{
	static const struct sp_analyse_options none;
	struct unit_random random = { 44 };
	unsigned checked = 0;

	for (unsigned round = 0; round < 4000; round++) {
		struct sp_snapshot *with;

		for (count = 0; count < LINES; count++)
			unit_random_rule(&random, count + 1, &rules[count]);
		ck_assert(sp_analyse(rules, count, &none, &analysis));
		with = analysis.count ? sp_snapshot_new(rules, count, &defaults, 1, 0) : NULL;
		for (size_t i = 0; i < analysis.count; i++) {
			const struct sp_rule *rule = analysis.findings[i].rule;

			checked++;
			for (unsigned n = 0; n < 300; n++) {
				struct unit_world world;
				struct sp_flow any;
				struct sp_facts facts;
				struct sp_decision decision;

				unit_random_flow(&random, &any);
				unit_random_world(&random, &world);
				facts = unit_facts(&world, &any);
				sp_decide(with, &any, &facts, (int64_t)unit_below(&random, UNIT_TIME_MAX + 1),
					  &decision);
				ck_assert_uint_ne(decision.rule, rule->id);
			}
		}
		sp_snapshot_unref(with);
		sp_analysis_clear(&analysis);
		clear();
	}
	ck_assert_uint_gt(checked, 20);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("explain");
	TCase *tcase = tcase_create("explain");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, flows_as_lines);
	tcase_add_loop_test(tcase, refuses_what_is_no_flow, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tcase, tells_winner_and_runners_up);
	tcase_add_test(tcase, tells_of_the_floor);
	tcase_add_test(tcase, tells_what_is_waited_for);
	tcase_add_test(tcase, tells_of_doubt);
	tcase_add_test(tcase, agrees_with_the_decision);
	tcase_add_test(tcase, finds_rules_that_never_win);
	tcase_add_test(tcase, finds_what_is_outdated_or_twice);
	tcase_add_test(tcase, finds_what_is_outdated_by_facts);
	tcase_add_test(tcase, finds_what_is_odd_of_two_owners);
	tcase_add_test(tcase, finds_what_is_odd_about_ends);
	tcase_add_test(tcase, finds_many);
	tcase_add_test(tcase, finds_nothing_where_nothing_is_odd);
	tcase_add_test(tcase, finds_what_is_not_used);
	tcase_add_test(tcase, finds_hosts_of_one_domain);
	tcase_add_test(tcase, knows_domains);
	tcase_add_test(tcase, what_never_wins_never_does);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
