/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matching, narrowness and order of rules, by the table of fields. */
#include <limits.h>
#include "action.h"
#include "precedence.h"

unsigned sp_rule_fields(const struct sp_rule *rule)
{
	unsigned fields = 0;

	for (size_t i = 0; i < SP_FIELD_COUNT; i++)
		if (sp_fields[i]->narrowness && sp_fields[i]->narrowness(sp_fields[i], rule))
			fields |= 1u << i;
	return fields;
}

unsigned sp_rule_facts(const struct sp_rule *rule, unsigned fields)
{
	unsigned facts = 0;

	for (; fields; fields &= fields - 1) {
		const struct sp_field *field = sp_fields[__builtin_ctz(fields)];

		facts |= field->fact_of ? field->fact_of(rule) : field->fact;
	}
	return facts;
}

enum sp_match sp_rule_match(const struct sp_rule *rule, unsigned fields,
			    const struct sp_flow *flow, const struct sp_facts *facts,
			    const struct sp_look *have, struct sp_look *look,
			    unsigned *missing)
{
	struct sp_look waits = { 0, 0 }, fails = { 0, 0 };
	unsigned price = UINT_MAX;
	bool doubt = false;

	*look = waits;
	*missing = 0;
	for (; fields; fields &= fields - 1) {
		const struct sp_field *field = sp_fields[__builtin_ctz(fields)];
		struct sp_look one = { field->looked[flow->direction == SP_IN], 0 };

		switch (field->match(field, rule, flow, facts, &one)) {
		case SP_DOUBT:
			doubt = true;
			sp_look_add(look, &one);
			break;
		case SP_YES:
			sp_look_add(look, &one);
			break;
		case SP_MAYBE:
			*missing |= field->fact_of ? field->fact_of(rule) : field->fact;
			sp_look_add(&waits, &one);
			break;
		case SP_NO:
			if (sp_look_covers(have, &one)) {
				*look = (struct sp_look){ 0, 0 };
				return SP_NO;
			}
			if (field->price[flow->direction == SP_IN] < price) {
				price = field->price[flow->direction == SP_IN];
				fails = one;
			}
			break;
		}
	}
	if (price < UINT_MAX) {
		*look = fails;
		return SP_NO;
	}
	if (!*missing)
		return doubt ? SP_DOUBT : SP_YES;
	*look = waits;
	return SP_MAYBE;
}

enum sp_relation sp_rule_relate(const struct sp_rule *a, const struct sp_rule *b)
{
	bool narrower = false;

	for (size_t i = 0; i < SP_FIELD_COUNT; i++) {
		if (!sp_fields[i]->relate)
			continue;
		switch (sp_fields[i]->relate(sp_fields[i], a, b)) {
		case SP_EQUAL:
			break;
		case SP_NARROWER:
			narrower = true;
			break;
		case SP_WIDER:
		case SP_CROSSING:
		case SP_DISJOINT:
			return SP_CROSSING;
		}
	}
	return narrower ? SP_NARROWER : SP_EQUAL;
}

bool sp_rule_hides(const struct sp_rule *a, const struct sp_rule *b)
{
	enum sp_relation relation = sp_rule_relate(a, b);

	if (relation == SP_EQUAL)
		return a->owner == b->owner && a->id > b->id;
	return relation == SP_NARROWER;
}

int sp_rule_order(const struct sp_rule *a, const struct sp_rule *b)
{
	for (size_t i = 0; i < SP_FIELD_COUNT; i++) {
		uint32_t x, y;
		int result;

		if (!sp_fields[i]->narrowness)
			continue;
		x = sp_fields[i]->narrowness(sp_fields[i], a);
		y = sp_fields[i]->narrowness(sp_fields[i], b);
		if (x != y)
			return x > y ? -1 : 1;
		result = sp_fields[i]->order ? sp_fields[i]->order(a, b) : 0;
		if (result)
			return result;
	}
	if (a->id != b->id)
		return a->id > b->id ? -1 : 1;
	return 0;
}

/*
 * A rule that is stricter always could. One that is laxer must hide the winner:
 * as long as the winner stands, nothing laxer decides. One that is as strict
 * can't: what it hides it replaces by the same.
 */
bool sp_rule_dangerous(const struct sp_rule *rule, const struct sp_rule *winner,
		       unsigned strictness)
{
	unsigned own = sp_action_strictness(rule->action);

	if (own == strictness)
		return false;
	return !winner || own > strictness || sp_rule_hides(rule, winner);
}
