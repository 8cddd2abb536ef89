/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as lines of rules and, after a line "--", flows (flow_line.h): the
 * snapshot decides as the three sentences do, also where nothing could be found
 * out, and analyse and explain survive it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "analyse.h"
#include "explain.h"
#include "flow_line.h"

#define RULES_MAX 64
#define FLOWS_MAX 16
#define BOOT "0123456789abcdef0123456789abcdef"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sp_text_context context = { .owner = SP_SYSTEM, .boot = BOOT };
static const struct sp_defaults defaults = { SP_ASK, SP_DENY };

static void must(bool so)
{
	if (!so)
		abort();
}

static void check(const struct sp_rule *rules, size_t count, const struct sp_snapshot *snapshot,
		  const struct sp_flow *flow, const struct sp_facts *facts)
{
	struct sp_decision fast, plain;
	struct sp_explanation explanation;

	sp_decide(snapshot, flow, facts, 1, &fast);
	sp_decide_plain(rules, count, &defaults, flow, facts, 1, &plain);
	must(fast.action == plain.action && fast.need == plain.need && fast.rule == plain.rule);
	must(fast.remote_length <= 128);
	must(sp_explain(rules, count, &defaults, flow, facts, 1, &explanation));
	must(explanation.decision.action == plain.action);
	for (size_t i = 0; i < explanation.count; i++)
		free(sp_explained_text(&explanation.rules[i]));
	sp_explanation_clear(&explanation);
}

static void check_flow(const struct sp_rule *rules, size_t count,
		       const struct sp_snapshot *snapshot, const char *line, size_t length)
{
	struct sp_text_error error;
	struct sp_flow_line flow;

	if (sp_flow_line_read(line, length, &context, &flow, &error) <= 0)
		return;
	check(rules, count, snapshot, &flow.flow, &flow.facts);
	sp_facts_give_up(&flow.facts, SP_FACT_ALL);
	check(rules, count, snapshot, &flow.flow, &flow.facts);
	sp_flow_line_clear(&flow);
}

/* Rules of another boot are none: a snapshot leaves them out. */
static void take(struct sp_rule *rule, size_t *count)
{
	if (rule->boot && strcmp(rule->boot, BOOT))
		sp_rule_clear(rule);
	else
		rule->id = ++*count;
}

/* The rules of @text up to "--"; what is behind that. */
static const char *read_rules(const char *text, const char *end, struct sp_rule *rules,
			      size_t *count)
{
	struct sp_text_error error;

	while (text < end && *count < RULES_MAX) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t length = (size_t)((newline ? newline : end) - text);

		if (length == 2 && !memcmp(text, "--", 2))
			return newline ? newline + 1 : end;
		if (sp_text_read(text, length, &context, &rules[*count], &error) > 0)
			take(&rules[*count], count);
		text = newline ? newline + 1 : end;
	}
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sp_analyse_options options = { .unused = 10 };
	const char *end = (const char *)data + size, *text;
	struct sp_source source = { .defaults = defaults, .boot = BOOT, .epoch = 1 };
	struct sp_analysis analysis;
	struct sp_rule rules[RULES_MAX];
	struct sp_snapshot *snapshot;
	size_t count = 0;

	text = read_rules((const char *)data, end, rules, &count);
	source.rules = rules;
	source.count = count;
	snapshot = sp_snapshot_compile(&source);
	must(snapshot);
	for (unsigned i = 0; text < end && i < FLOWS_MAX; i++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));

		check_flow(rules, count, snapshot, text, (size_t)((newline ? newline : end) - text));
		text = newline ? newline + 1 : end;
	}
	must(sp_analyse(rules, count, &options, &analysis));
	sp_analysis_clear(&analysis);
	sp_snapshot_unref(snapshot);
	while (count)
		sp_rule_clear(&rules[--count]);
	return 0;
}
