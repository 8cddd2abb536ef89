/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What policy costs: compiling, deciding, memory; by numbers of rules, and with
 * lists.
 *
 *	policy [RULES]
 *
 * Rules are of four kinds, a quarter each, as people have them: a program to a
 * port, a program to a domain, anybody to a network, a program to an address.
 * Each decision is about another flow; half of them match a rule. A line for each
 * measurement: what, how many rules, the figure, its unit.
 */
#include <err.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "decide.h"
#include "files.h"
#include "lists.h"

#define DECISIONS 100000
#define ROUNDS 5
#define NAMES 1000000
#define PREFIXES 500000

static const struct sp_defaults defaults = { SP_ASK, SP_ASK };
static struct sp_list *lists[2];
static unsigned seed = 1;

static unsigned below(unsigned limit)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % limit;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double heap(void)
{
	struct mallinfo2 info = mallinfo2();

	return (double)(info.uordblks + info.hblkhd) / (1 << 20);
}

static void report(const char *what, size_t rules, double figure, const char *unit)
{
	printf("%s\t%zu\t%.3f\t%s\n", what, rules, figure, unit);
	fflush(stdout);
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *figures)
{
	qsort(figures, ROUNDS, sizeof(*figures), compare);
	return figures[ROUNDS / 2];
}

static void write_rule(FILE *out, unsigned i)
{
	static const char *const actions[] = { "allow", "deny", "ask" };
	const char *action = actions[i / 4 % 3];

	switch (i % 4) {
	case 0:
		fprintf(out, "%s out program /usr/bin/p%u protocol tcp port 443\n", action, i);
		break;
	case 1:
		fprintf(out, "%s out program /usr/bin/p%u to domain d%u.example\n", action, i - 1, i);
		break;
	case 2:
		fprintf(out, "%s out to 10.%u.%u.0/24\n", action, i / 1024 % 256, i / 4 % 256);
		break;
	case 3:
		fprintf(out, "%s out program /usr/bin/p%u to 192.0.%u.%u\n", action, i - 3, i / 256 % 256, i % 256);
		break;
	}
}

static char *write_rules(size_t count, size_t *length)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, length);

	for (unsigned i = 0; i < count; i++)
		write_rule(out, i);
	fclose(out);
	return text;
}

static void read_rules(const char *text, size_t length, struct sp_rule_set *set)
{
	const struct sp_file_options options = { .context = { .owner = SP_SYSTEM } };
	struct sp_file_error error;

	if (!sp_file_read_text("rules", text, length, &options, set, &error))
		errx(1, "%u:%u: %s", error.error.line, error.error.column, error.error.message);
}

static struct sp_rule *array_of(const struct sp_rule_set *set)
{
	struct sp_rule *rules = calloc(set->count + 1, sizeof(*rules));

	if (!rules)
		err(1, "rules");
	for (size_t i = 0; i < set->count; i++) {
		rules[i] = set->rules[i].rule;
		rules[i].id = i + 1;
	}
	return rules;
}

struct question {
	struct sp_flow flow;
	char program[32], host[40];
	const char *name;
};

static void ask(struct question *question, size_t rules)
{
	unsigned which = below(rules ? 2 * (unsigned)rules : 2) / 4 * 4;
	struct sp_flow flow = {
		.image = which + 16, .user = 1000, .protocol = 6,
		.remote_port = (uint16_t)(below(2) ? 443 : 80), .ifindex = 2,
		.remote = { [10] = 0xff, 0xff, 10, (uint8_t)below(256), (uint8_t)below(256), 1 },
	};

	question->flow = flow;
	snprintf(question->program, sizeof(question->program), "/usr/bin/p%u", which);
	snprintf(question->host, sizeof(question->host), "www.d%u.example", below(2) ? which + 1 : 1);
	question->name = question->host;
}

static void measure_decisions(const struct sp_snapshot *snapshot, const char *what, size_t rules)
{
	struct question *questions = calloc(DECISIONS, sizeof(*questions));
	double figures[ROUNDS];
	volatile unsigned sum = 0;

	if (!questions)
		err(1, "questions");
	for (size_t i = 0; i < DECISIONS; i++)
		ask(&questions[i], rules);
	for (unsigned round = 0; round < ROUNDS; round++) {
		double start = now();

		for (size_t i = 0; i < DECISIONS; i++) {
			struct sp_decision decision;
			struct sp_facts facts;

			sp_facts_init(&facts);
			facts.program = (struct sp_text_fact){ SP_FACT_KNOWN, questions[i].program };
			facts.interface = (struct sp_text_fact){ SP_FACT_KNOWN, "eth0" };
			facts.names.state = SP_FACT_KNOWN;
			facts.names.names = &questions[i].name;
			facts.names.count = 1;
			sp_decide(snapshot, &questions[i].flow, &facts, 1, &decision);
			sum += decision.action;
		}
		figures[round] = (now() - start) / DECISIONS * 1e6;
	}
	report(what, rules, median(figures), "us");
	free(questions);
}

static void measure(size_t count)
{
	size_t length;
	char *text = write_rules(count, &length);
	double load[ROUNDS], compile[ROUNDS], before = heap();
	struct sp_rule_set set = { 0 };
	struct sp_snapshot *snapshot = NULL;
	struct sp_rule *rules;

	for (unsigned i = 0; i < ROUNDS; i++) {
		double start = now();

		sp_rule_set_clear(&set);
		read_rules(text, length, &set);
		load[i] = (now() - start) * 1e3;
	}
	rules = array_of(&set);
	for (unsigned i = 0; i < ROUNDS; i++) {
		double start = now();

		sp_snapshot_unref(snapshot);
		before = heap();
		snapshot = sp_snapshot_new(rules, count, &defaults, 1, 1);
		compile[i] = (now() - start) * 1e3;
	}
	report("load", count, median(load), "ms");
	report("compile", count, median(compile), "ms");
	report("memory", count, heap() - before, "MB");
	measure_decisions(snapshot, "decide", count);
	sp_snapshot_unref(snapshot);
	sp_rule_set_clear(&set);
	free(rules);
	free(text);
}

static struct sp_list *read_list(const char *name, FILE *file)
{
	struct sp_text_error error;
	double before = heap(), start = now();
	struct sp_list *list;

	rewind(file);
	list = sp_list_read(name, file, &error);
	if (!list)
		errx(1, "%u:%u: %s", error.line, error.column, error.message);
	fclose(file);
	report(name, 0, (now() - start) * 1e3, "ms");
	report(name, 0, heap() - before, "MB");
	return list;
}

static void make_lists(void)
{
	FILE *names = tmpfile(), *prefixes = tmpfile();

	if (!names || !prefixes)
		err(1, "tmpfile");
	for (unsigned i = 0; i < NAMES; i++)
		fprintf(names, "host%07u.ads%02u.test\n", i, i % 100);
	for (unsigned i = 0; i < PREFIXES; i++)
		fprintf(prefixes, "2001:%x:%x::/64\n", i >> 12, i & 0xfff);
	lists[0] = read_list("names", names);
	lists[1] = read_list("prefixes", prefixes);
}

static void measure_lists(void)
{
	static const char text[] = "deny out to @names\ndeny out to @prefixes\nallow out port 443\n";
	struct sp_rule_set set = { 0 };
	struct sp_source source = {
		.count = 3, .defaults = defaults, .lists = lists, .list_count = 2, .epoch = 1,
	};
	struct sp_snapshot *snapshot;
	struct sp_rule *rules;

	make_lists();
	read_rules(text, sizeof(text) - 1, &set);
	source.rules = rules = array_of(&set);
	snapshot = sp_snapshot_compile(&source);
	measure_decisions(snapshot, "decide-lists", 3);
	sp_snapshot_unref(snapshot);
	sp_list_unref(lists[0]);
	sp_list_unref(lists[1]);
	sp_rule_set_clear(&set);
	free(rules);
}

int main(int argc, char **argv)
{
	static const size_t counts[] = { 0, 1000, 10000, 100000 };

	if (argc > 1) {
		measure(strtoul(argv[1], NULL, 10));
		return 0;
	}
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		measure(counts[i]);
	measure_lists();
	return 0;
}
