/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules by what they are about, for finding those about the same. Inside policy/ only. */
#pragma once

#include <stddef.h>
#include "rule.h"

/* A rule and the line that says which flows it is about, whose it is and if it counts. */
struct sp_match_key {
	const struct sp_rule *rule;
	char *about;		/* without action, log, end and note */
};

/* Sorted by what they are about, then by id, then as they are. NULL: no memory. */
struct sp_match_key *sp_match_keys(const struct sp_rule *rules, size_t count);
void sp_match_keys_free(struct sp_match_key *keys, size_t count);
/* The first of those @about the same; their end in *@end. NULL: none. */
const struct sp_match_key *sp_match_keys_find(const struct sp_match_key *keys, size_t count,
					      const char *about, const struct sp_match_key **end);
/* Its line, for the caller to free; NULL: no memory. */
char *sp_match_about(const struct sp_rule *rule);
