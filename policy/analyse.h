/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is odd about a set of rules. */
#pragma once

#include "decide.h"

enum sp_finding_kind {
	SP_FIND_NEVER,		/* @rule can never win: @other decides wherever it matches */
	SP_FIND_OUTDATED,	/* the same, for @other is newer about the same */
	SP_FIND_DUPLICATE,	/* @other is newer and says the same */
	SP_FIND_UNUSED,		/* not used for the time that was asked about */
	SP_FIND_DOMAIN,		/* @rule and others are about hosts of one domain; see text */
};

struct sp_finding {
	enum sp_finding_kind kind;
	const struct sp_rule *rule;
	const struct sp_rule *other;	/* or NULL */
	size_t count;			/* DOMAIN: how many rules */
	/*
	 * NEVER and OUTDATED: an example, a flow (flow_line.h) that @rule matches
	 * and @other decides. DOMAIN: the rule that says as much as all of them.
	 */
	char *text;
};

struct sp_analysis {
	struct sp_finding *findings;
	size_t count, size;
};

/* When a rule was last used. */
struct sp_usage_of {
	uint64_t rule;
	int64_t last;		/* ns of CLOCK_REALTIME; 0: never */
};

struct sp_analyse_options {
	/* Rules made before and not used since @unused are findings; 0: don't look. */
	int64_t unused;
	const struct sp_usage_of *usage;	/* by id; a rule that is not there: never */
	size_t usage_count;
	/*
	 * The domain that somebody registered a host under ("example.co.uk"), a
	 * part of @host, or NULL (sp_domain_of() of domain.h); NULL: don't look.
	 */
	const char *(*domain_of)(const char *host);
};

#define SP_DOMAIN_HOSTS_MIN 3	/* so many hosts of one domain are a finding */

/* The rules must outlive it; those that are switched off say nothing. False: no memory. */
bool sp_analyse(const struct sp_rule *rules, size_t count,
		const struct sp_analyse_options *options, struct sp_analysis *analysis);
void sp_analysis_clear(struct sp_analysis *analysis);
/* Are all flows that @inner matches matched by @outer too? False also if in doubt. */
bool sp_rule_covers(const struct sp_rule *outer, const struct sp_rule *inner);
