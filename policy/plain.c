/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decision from the three sentences, rule by rule. Slow and without
 * cleverness: the measure for decide.c.
 */
#include "action.h"
#include "precedence.h"

struct policy {
	const struct sp_rule *rules;
	size_t count;
	const struct sp_flow *flow;
	const struct sp_facts *facts;
	int64_t now;
};

static enum sp_match match(const struct policy *policy, const struct sp_rule *rule,
			   bool floor, unsigned *missing)
{
	const struct sp_look have = { 0, 0 };
	struct sp_look look;

	*missing = 0;
	if (!rule->enabled || sp_rule_expired(rule->expires, policy->now) ||
	    rule->floor != floor || rule->direction != policy->flow->direction)
		return SP_NO;
	return sp_rule_match(rule, sp_rule_fields(rule), policy->flow,
			     policy->facts, &have, &look, missing);
}

/* Does another rule, which matches without doubt, decide in its stead? */
static bool hidden(const struct policy *policy, const struct sp_rule *rule, bool floor)
{
	unsigned missing;

	for (size_t i = 0; i < policy->count; i++)
		if (match(policy, &policy->rules[i], floor, &missing) == SP_YES &&
		    sp_rule_hides(&policy->rules[i], rule))
			return true;
	return false;
}

static bool better(const struct sp_rule *rule, const struct sp_rule *best)
{
	unsigned own = sp_action_strictness(rule->action);

	if (!best || own > sp_action_strictness(best->action))
		return true;
	return rule->action == best->action && sp_rule_order(rule, best) < 0;
}

static const struct sp_rule *winner(const struct policy *policy, bool floor)
{
	const struct sp_rule *best = NULL;
	unsigned missing;

	for (size_t i = 0; i < policy->count; i++) {
		const struct sp_rule *rule = &policy->rules[i];

		if (sp_matched(match(policy, rule, floor, &missing)) &&
		    !hidden(policy, rule, floor) && better(rule, best))
			best = rule;
	}
	return best;
}

/* Facts that rules of one level wait for and that could change the outcome. */
static unsigned needed(const struct policy *policy, bool floor,
		       const struct sp_rule *best, enum sp_action action)
{
	unsigned need = 0, missing;

	for (size_t i = 0; i < policy->count; i++)
		if (match(policy, &policy->rules[i], floor, &missing) == SP_MAYBE &&
		    sp_rule_dangerous(&policy->rules[i], best, sp_action_strictness(action)))
			need |= missing;
	return need;
}

void sp_decide_plain(const struct sp_rule *rules, size_t count,
		     const struct sp_defaults *defaults,
		     const struct sp_flow *flow, const struct sp_facts *facts,
		     int64_t now, struct sp_decision *decision)
{
	const struct policy policy = { rules, count, flow, facts, now };
	const struct sp_rule *floor = winner(&policy, true);
	const struct sp_rule *best = floor ? floor : winner(&policy, false);
	enum sp_action action = flow->direction == SP_OUT ? defaults->out : defaults->in;

	if (best)
		action = best->action;
	*decision = (struct sp_decision){ .action = SP_DENY };
	decision->need = needed(&policy, true, floor, action);
	if (!floor)
		decision->need |= needed(&policy, false, best, action);
	if (decision->need)
		return;
	decision->action = action;
	decision->rule = best ? best->id : 0;
}
