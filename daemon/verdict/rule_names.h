/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Since when rules that allow a host or a domain have had its name: a rule can be edited,
 * and one of a file gets the number of its neighbour. The name of what was allowed before
 * then is not the rule's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "decide.h"

struct sp_rule_name {
	uint64_t id, since;
};

/* All zero to begin with: rules have had their names under an earlier daemon, too. */
struct sp_rule_names {
	struct sp_rule_name *rules;	/* those of the snapshot that have not, by id */
	size_t count;
	uint64_t all_since;		/* there was no memory to say it of each */
	uint64_t renumbered;		/* since then: those with this number or more; 0: none */
	uint64_t renumbered_since;
};

/* Rules from number @first on may have had others under an earlier daemon. */
void sp_rule_names_begin(struct sp_rule_names *names, uint64_t first);
/* Are there such names in what the rule allows? */
bool sp_rule_names_is(const struct sp_rule *rule);
/* @snapshot takes the place of @old. */
void sp_rule_names_change(struct sp_rule_names *names, const struct sp_snapshot *old,
			  const struct sp_snapshot *snapshot);
/* The kernel obeys it from now on: boottime ns. */
void sp_rule_names_obeyed(struct sp_rule_names *names, uint64_t boot);
/* UINT64_MAX: the kernel does not obey it yet. */
uint64_t sp_rule_names_since(const struct sp_rule_names *names, uint64_t rule);
void sp_rule_names_clear(struct sp_rule_names *names);
