/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rule_names.h. */
#include <stdlib.h>
#include <string.h>
#include "rule_names.h"

bool sp_rule_names_is(const struct sp_rule *rule)
{
	return rule->action == SP_ALLOW && (rule->remote_kind == SP_REMOTE_HOST ||
					    rule->remote_kind == SP_REMOTE_DOMAIN);
}

static int compare(const void *a, const void *b)
{
	const struct sp_rule_name *first = a, *second = b;

	return first->id < second->id ? -1 : first->id > second->id;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

uint64_t sp_rule_names_since(const struct sp_rule_names *names, uint64_t rule)
{
	const struct sp_rule_name key = { .id = rule };
	const struct sp_rule_name *found = NULL;
	uint64_t since = names->all_since;

	if (names->renumbered && rule >= names->renumbered)
		since = later(since, names->renumbered_since);
	if (names->count)
		found = bsearch(&key, names->rules, names->count, sizeof(key), compare);
	return found ? later(since, found->since) : since;
}

void sp_rule_names_begin(struct sp_rule_names *names, uint64_t first)
{
	names->renumbered = first;
	names->renumbered_since = UINT64_MAX;
}

static bool has_name_of(const struct sp_rule *rule, const struct sp_rule *before)
{
	return before && sp_rule_names_is(before) && before->remote_kind == rule->remote_kind &&
	       !strcmp(before->remote_name, rule->remote_name);
}

/* Into @rules, which has room for all; returns how many. */
static size_t list(const struct sp_rule_names *names, const struct sp_snapshot *old,
		   const struct sp_snapshot *snapshot, struct sp_rule_name *rules)
{
	size_t total = sp_snapshot_count(snapshot), count = 0, i;
	const struct sp_rule *rule = sp_snapshot_rules(snapshot);

	for (i = 0; i < total; i++, rule++) {
		uint64_t since = UINT64_MAX;

		if (!sp_rule_names_is(rule))
			continue;
		if (has_name_of(rule, sp_snapshot_rule(old, rule->id)))
			since = sp_rule_names_since(names, rule->id);
		if (since)
			rules[count++] = (struct sp_rule_name){ rule->id, since };
	}
	return count;
}

void sp_rule_names_change(struct sp_rule_names *names, const struct sp_snapshot *old,
			  const struct sp_snapshot *snapshot)
{
	size_t total = sp_snapshot_count(snapshot), count;
	struct sp_rule_name *rules = calloc(total + 1, sizeof(*rules)), *fitting;

	if (!rules) {
		names->count = 0;
		names->all_since = UINT64_MAX;
		return;
	}
	count = list(names, old, snapshot, rules);
	fitting = reallocarray(rules, count + 1, sizeof(*rules));
	free(names->rules);
	names->rules = fitting ? fitting : rules;
	names->count = count;
}

static void settle(uint64_t *since, uint64_t boot)
{
	if (*since == UINT64_MAX)
		*since = boot;
}

void sp_rule_names_obeyed(struct sp_rule_names *names, uint64_t boot)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		settle(&names->rules[i].since, boot);
	settle(&names->all_since, boot);
	settle(&names->renumbered_since, boot);
}

void sp_rule_names_clear(struct sp_rule_names *names)
{
	free(names->rules);
	*names = (struct sp_rule_names){ 0 };
}
