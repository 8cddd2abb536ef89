/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a flow is decided as it is: the rules that match it, and what became of each. */
#pragma once

#include "decide.h"

enum sp_verdict_of_rule {
	SP_EXPLAIN_WINS,
	SP_EXPLAIN_NOT_WINNING,	/* the same action as the winner, which is named first */
	SP_EXPLAIN_LAXER,	/* @by is stricter, and neither is narrower */
	SP_EXPLAIN_HIDDEN,	/* @by is narrower */
	SP_EXPLAIN_OLDER,	/* @by says something newer about the same */
	SP_EXPLAIN_FLOOR,	/* @by is a floor rule */
	SP_EXPLAIN_WAITS,	/* it would match, or not: depends on facts */
};

struct sp_explained {
	const struct sp_rule *rule;
	enum sp_verdict_of_rule what;
	const struct sp_rule *by;	/* NULL: nobody */
	bool doubt;			/* it matches for lack of a fact, or by a claim */
	unsigned waits;			/* enum sp_fact */
};

struct sp_explanation {
	struct sp_decision decision;	/* as sp_decide_plain() has it */
	struct sp_explained *rules;	/* the winner first, then by strictness and order */
	size_t count;
};

/* The rules must outlive it. False: no memory. */
bool sp_explain(const struct sp_rule *rules, size_t count,
		const struct sp_defaults *defaults, const struct sp_flow *flow,
		const struct sp_facts *facts, int64_t now,
		struct sp_explanation *explanation);
void sp_explanation_clear(struct sp_explanation *explanation);

/*
 * In plain words, translated: "It decides.", "Rule 7 is narrower.", … For the
 * caller to free; NULL: no memory.
 */
char *sp_explained_text(const struct sp_explained *explained);
/* "the program's package"; NULL: no such fact. One bit of enum sp_fact. */
const char *sp_fact_text(unsigned fact);
