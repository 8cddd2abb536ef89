/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How rules relate to flows and to each other; the words of decide.h's three
 * sentences. Inside policy/ only.
 */
#pragma once

#include "field.h"

/* Bits of the fields that a rule has a value in: 1 << enum sp_field_id. */
unsigned sp_rule_fields(const struct sp_rule *rule);

/* Facts that it looks at in @fields: bits of enum sp_fact. */
unsigned sp_rule_facts(const struct sp_rule *rule, unsigned fields);

static inline bool sp_matched(enum sp_match match)
{
	return match == SP_YES || match == SP_DOUBT;
}

/*
 * Does the rule match in @fields? MAYBE: it would, or be in doubt, but for facts
 * in *@missing that are pending. *@look is what proves the answer, to be added to what has
 * been looked at; a proof that is in @have already is preferred.
 */
enum sp_match sp_rule_match(const struct sp_rule *rule, unsigned fields,
			    const struct sp_flow *flow, const struct sp_facts *facts,
			    const struct sp_look *have, struct sp_look *look,
			    unsigned *missing);

/* Two rules of one direction. Anything but NARROWER and EQUAL may be CROSSING. */
enum sp_relation sp_rule_relate(const struct sp_rule *a, const struct sp_rule *b);

/*
 * Does @a decide wherever both match, whatever the actions? It is narrower, or
 * it says so about the same flows, for the same owner, and is newer. A strict
 * partial order.
 */
bool sp_rule_hides(const struct sp_rule *a, const struct sp_rule *b);

/*
 * A total order in which whatever hides another comes first: field by field,
 * as the table has them, the narrower value; then the newer rule. Names the
 * winner among equally strict rules. < 0: @a is first.
 */
int sp_rule_order(const struct sp_rule *a, const struct sp_rule *b);

static inline void sp_look_add(struct sp_look *look, const struct sp_look *more)
{
	look->fields |= more->fields;
	if (more->length > look->length)
		look->length = more->length;
}

static inline bool sp_look_covers(const struct sp_look *look, const struct sp_look *part)
{
	return !(part->fields & ~look->fields) && part->length <= look->length;
}

/*
 * Could @rule, if it matched after all, change an outcome of strictness
 * @strictness by @winner (NULL: nothing has decided at the rule's level)?
 */
bool sp_rule_dangerous(const struct sp_rule *rule, const struct sp_rule *winner,
		       unsigned strictness);

static inline bool sp_rule_expired(int64_t expires, int64_t now)
{
	return expires && expires <= now;
}
