/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that can never win, duplicates, what nobody uses, hosts of one domain.
 * Two rules about the same are found by sorting; a floor rule over others by
 * looking at each pair, for there are few floor rules.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "action.h"
#include "analyse.h"
#include "match_key.h"
#include "precedence.h"
#include "prefix.h"
#include "text.h"

struct work {
	const struct sp_rule *rules;
	size_t count;
	const struct sp_analyse_options *options;
	struct sp_analysis *analysis;
};

/* Takes @text. */
static bool add(struct work *work, enum sp_finding_kind kind, const struct sp_rule *rule,
		const struct sp_rule *other, size_t count, char *text)
{
	struct sp_analysis *analysis = work->analysis;

	if (analysis->count == analysis->size) {
		size_t size = analysis->size ? 2 * analysis->size : 16;
		struct sp_finding *more = realloc(analysis->findings, size * sizeof(*more));

		if (!more) {
			free(text);
			return false;
		}
		analysis->findings = more;
		analysis->size = size;
	}
	analysis->findings[analysis->count++] = (struct sp_finding){ kind, rule, other, count, text };
	return true;
}

/* Is the place of @inner all in that of @outer, whatever names stand for? */
static bool place_covers(const struct sp_rule *outer, const struct sp_rule *inner)
{
	const struct sp_field *field = sp_fields[SP_FIELD_REMOTE];
	enum sp_relation relation = field->relate(field, inner, outer);

	if (relation == SP_EQUAL || field->any(field, outer))
		return true;
	if (relation != SP_NARROWER)
		return false;
	switch (outer->remote_kind) {
	case SP_REMOTE_PREFIX:
	case SP_REMOTE_RANGE:
	case SP_REMOTE_DOMAIN:
		return inner->remote_kind != SP_REMOTE_PREFIX ||
		       outer->remote_kind != SP_REMOTE_DOMAIN;
	default:
		return false;
	}
}

bool sp_rule_covers(const struct sp_rule *outer, const struct sp_rule *inner)
{
	if (outer->direction != inner->direction || !place_covers(outer, inner))
		return false;
	for (size_t i = 0; i < SP_FIELD_COUNT; i++) {
		enum sp_relation relation;

		if (!sp_fields[i]->relate || i == SP_FIELD_REMOTE)
			continue;
		relation = sp_fields[i]->relate(sp_fields[i], inner, outer);
		if (relation != SP_EQUAL && relation != SP_NARROWER)
			return false;
	}
	return true;
}

/* Does the rule hold as long as @other does? */
static bool outlives(const struct sp_rule *rule, const struct sp_rule *other)
{
	if (rule->bound != SP_BOUND_NONE)
		return false;
	return !rule->expires || (other->expires && other->expires <= rule->expires);
}

static bool looks_at_facts(const struct sp_rule *rule)
{
	return sp_rule_facts(rule, sp_rule_fields(rule));
}

/* Where a fact has failed an allow does not match, and what is stricter does. */
static bool always_with(const struct sp_rule *outer, const struct sp_rule *inner)
{
	return outer->action != SP_ALLOW || inner->action == SP_ALLOW || !looks_at_facts(outer);
}

/* What matches for lack of a fact hides nothing: then the stricter decides. */
static bool always_hides(const struct sp_rule *newer, const struct sp_rule *older)
{
	return always_with(newer, older) &&
	       (!looks_at_facts(newer) || older->action == SP_ALLOW ||
		sp_action_strictness(newer->action) >= sp_action_strictness(older->action));
}

/* One address of the place, as well as it can be told without looking names up. */
static void one_address(const struct sp_rule *rule, struct sp_rule *flow)
{
	static const char *const samples[] = {
		[SP_REMOTE_PREFIX] = "198.51.100.1", [SP_REMOTE_RESOLVER] = "192.0.2.53",
		[SP_REMOTE_LOOPBACK] = "127.0.0.1", [SP_REMOTE_LAN] = "169.254.1.1",
		[SP_REMOTE_MULTICAST] = "224.0.0.251", [SP_REMOTE_INTERNET] = "198.51.100.1",
		[SP_REMOTE_HOST] = "198.51.100.1", [SP_REMOTE_DOMAIN] = "198.51.100.1",
		[SP_REMOTE_LIST] = "198.51.100.1", [SP_REMOTE_RANGE] = NULL,
	};

	if (!rule->remote.length)
		sp_address_parse(samples[rule->remote_kind], flow->remote.address);
	flow->remote_kind = SP_REMOTE_PREFIX;
	flow->remote.length = 128;
	flow->remote_name = NULL;
}

static void one_port(struct sp_ports *ports)
{
	if (ports->last - ports->first < UINT16_MAX)
		ports->last = ports->first;
}

/* Any text that the pattern matches: its stars stand for nothing. */
static char *without_stars(const char *glob)
{
	char *text = strdup(glob), *to = text;

	if (!text)
		return NULL;
	for (; *glob; glob++)
		if (*glob != '*')
			*to++ = *glob;
	*to = '\0';
	return text;
}

/* A flow that the rule matches, as a line; NULL: no memory. */
static char *example(const struct sp_rule *rule, enum sp_action action)
{
	bool named = rule->remote_kind == SP_REMOTE_HOST || rule->remote_kind == SP_REMOTE_DOMAIN;
	struct sp_rule flow = *rule;	/* borrows the strings */
	char *line, *whole, *program = NULL;

	if (rule->program_glob) {
		flow.program = program = without_stars(rule->program);
		if (!program)
			return NULL;
	}
	flow.program_glob = flow.floor = flow.log = false;
	flow.enabled = true;
	flow.action = action;
	flow.note = NULL;
	flow.expires = 0;
	one_port(&flow.remote_port);
	one_port(&flow.local_port);
	if (flow.owner != SP_SYSTEM)
		flow.user = flow.owner;
	flow.owner = SP_SYSTEM;
	one_address(rule, &flow);
	line = sp_text_print(&flow, NULL);
	if (line && named) {
		int length = asprintf(&whole, "%s called %s", line, rule->remote_name);

		free(line);
		line = length < 0 ? NULL : whole;
	}
	free(program);
	return line;
}

static bool add_never(struct work *work, enum sp_finding_kind kind,
		      const struct sp_rule *rule, const struct sp_rule *other)
{
	char *text = example(rule, other->action);

	return text && add(work, kind, rule, other, 1, text);
}

/* "allow out owner 1000" and "allow out user 1000" are about the same. */
static char *about(const struct sp_rule *rule)
{
	struct sp_rule same = *rule;

	if (same.owner != SP_SYSTEM)
		same.user = same.owner;
	same.owner = SP_SYSTEM;
	same.enabled = true;
	return sp_match_about(&same);
}

struct about {
	const struct sp_rule *rule;
	char *text;
};

static int compare_about(const void *a, const void *b)
{
	const struct about *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	if (order)
		return order;
	return (x->rule->id > y->rule->id) - (x->rule->id < y->rule->id);
}

/* Rules about the same, the newest last; of the system and of one user. */
struct group {
	const struct about *first, *end;
};

/* The newest of the same owner that always decides in the stead of @about's; or NULL. */
static const struct sp_rule *find_newer(const struct group *group, const struct about *about)
{
	const struct about *newer = group->end;

	while (--newer > about)
		if (newer->rule->owner == about->rule->owner &&
		    outlives(newer->rule, about->rule) &&
		    (newer->rule->action == about->rule->action ||
		     always_hides(newer->rule, about->rule)))
			return newer->rule;
	return NULL;
}

/* What the other owner says by now, if that is stricter as long as @rule holds; or NULL. */
static const struct sp_rule *find_stricter(const struct group *group, const struct sp_rule *rule)
{
	const struct about *other = group->end;

	while (other > group->first)
		if ((--other)->rule->owner != rule->owner)
			return sp_action_strictness(other->rule->action) >
			       sp_action_strictness(rule->action) &&
			       outlives(other->rule, rule) ? other->rule : NULL;
	return NULL;
}

static bool judge_same(struct work *work, const struct group *group, const struct about *about)
{
	const struct sp_rule *rule = about->rule, *other = find_newer(group, about);

	if (other && other->action == rule->action)
		return add(work, SP_FIND_DUPLICATE, rule, other, 1, NULL);
	if (other)
		return add_never(work, SP_FIND_OUTDATED, rule, other);
	other = find_stricter(group, rule);
	return !other || add_never(work, SP_FIND_NEVER, rule, other);
}

static bool judge_group(struct work *work, const struct group *group)
{
	for (const struct about *about = group->first; about < group->end; about++)
		if (!judge_same(work, group, about))
			return false;
	return true;
}

static bool find_same(struct work *work)
{
	struct about *all = calloc(work->count + 1, sizeof(*all));
	bool good = all;
	size_t count = 0;

	for (size_t i = 0; good && i < work->count; i++)
		if (work->rules[i].enabled) {
			all[count] = (struct about){ &work->rules[i], about(&work->rules[i]) };
			good = all[count++].text;
		}
	if (good)
		qsort(all, count, sizeof(*all), compare_about);
	for (size_t first = 0, i = 1; good && i <= count; i++)
		if (i == count || strcmp(all[first].text, all[i].text)) {
			good = judge_group(work, &(struct group){ &all[first], &all[i] });
			first = i;
		}
	while (count)
		free(all[--count].text);
	free(all);
	return good;
}

static bool find_under_floor(struct work *work)
{
	for (size_t i = 0; i < work->count; i++) {
		const struct sp_rule *floor = &work->rules[i];

		if (!floor->enabled || !floor->floor)
			continue;
		for (size_t j = 0; j < work->count; j++) {
			const struct sp_rule *rule = &work->rules[j];

			if (rule->enabled && !rule->floor && outlives(floor, rule) &&
			    always_with(floor, rule) && sp_rule_covers(floor, rule) &&
			    !add_never(work, SP_FIND_NEVER, rule, floor))
				return false;
		}
	}
	return true;
}

static int compare_usage(const void *a, const void *b)
{
	const struct sp_usage_of *x = a, *y = b;

	return (x->rule > y->rule) - (x->rule < y->rule);
}

static bool find_unused(struct work *work)
{
	const struct sp_analyse_options *options = work->options;

	for (size_t i = 0; options->unused && i < work->count; i++) {
		const struct sp_rule *rule = &work->rules[i];
		const struct sp_usage_of key = { .rule = rule->id }, *usage = NULL;

		if (options->usage_count)
			usage = bsearch(&key, options->usage, options->usage_count,
					sizeof(*options->usage), compare_usage);
		if (rule->enabled && rule->created < options->unused &&
		    (!usage || usage->last < options->unused) &&
		    !add(work, SP_FIND_UNUSED, rule, NULL, 1, NULL))
			return false;
	}
	return true;
}

/* The rule as it would be about all of @domain, as a line; NULL: no memory. */
static char *about_domain(const struct sp_rule *rule, const char *domain)
{
	struct sp_rule wider = *rule;
	char *name = strdup(domain), *line;

	wider.remote_kind = SP_REMOTE_DOMAIN;
	wider.remote_name = name;
	wider.note = NULL;
	line = name ? sp_text_print(&wider, NULL) : NULL;
	free(name);
	return line;
}

static bool collect_hosts(struct work *work, struct about *all, size_t *count)
{
	for (size_t i = 0; i < work->count; i++) {
		const struct sp_rule *rule = &work->rules[i];
		const char *domain = NULL;

		if (rule->enabled && rule->remote_kind == SP_REMOTE_HOST)
			domain = work->options->domain_of(rule->remote_name);
		if (!domain)
			continue;
		all[*count] = (struct about){ rule, about_domain(rule, domain) };
		if (!all[(*count)++].text)
			return false;
	}
	return true;
}

static bool add_domain(struct work *work, const struct about *first, size_t count)
{
	char *text;

	if (count < SP_DOMAIN_HOSTS_MIN)
		return true;
	text = strdup(first->text);
	return text && add(work, SP_FIND_DOMAIN, first->rule, NULL, count, text);
}

static bool find_domains(struct work *work)
{
	struct about *all = calloc(work->count + 1, sizeof(*all));
	size_t count = 0, first = 0;
	bool good = all && collect_hosts(work, all, &count);

	if (good)
		qsort(all, count, sizeof(*all), compare_about);
	for (size_t i = 1; good && i <= count; i++)
		if (i == count || strcmp(all[first].text, all[i].text)) {
			good = add_domain(work, &all[first], i - first);
			first = i;
		}
	while (count)
		free(all[--count].text);
	free(all);
	return good;
}

bool sp_analyse(const struct sp_rule *rules, size_t count,
		const struct sp_analyse_options *options, struct sp_analysis *analysis)
{
	struct work work = { rules, count, options, analysis };

	*analysis = (struct sp_analysis){ 0 };
	if (find_same(&work) && find_under_floor(&work) && find_unused(&work) &&
	    (!options->domain_of || find_domains(&work)))
		return true;
	sp_analysis_clear(analysis);
	return false;
}

void sp_analysis_clear(struct sp_analysis *analysis)
{
	for (size_t i = 0; i < analysis->count; i++)
		free(analysis->findings[i].text);
	free(analysis->findings);
	*analysis = (struct sp_analysis){ 0 };
}
