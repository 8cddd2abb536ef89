/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules as JSON, beside the rule language and never saying anything else: an
 * object has the language's words as names and its values as strings,
 *
 *	{"action":"allow","direction":"out","program":"/usr/bin/curl",
 *	 "to":"domain example.org","port":"443","note":"why"}
 *
 * and disabled, floor and log as true or false. Ports and users may be numbers.
 * Needs jansson; a library of its own, so that policy/ does not.
 */
#pragma once

#include "text.h"

#define SP_JSON_BYTES_MAX	(64u << 20)
#define SP_JSON_RULES_MAX	100000

/* On one line, for the caller to free; NULL: no memory. */
char *sp_json_rule(const struct sp_rule *rule);
/* An array of them, a rule a line. */
char *sp_json_rules(const struct sp_rule *const *rules, size_t count);

/*
 * Reads an array of rules, or one. @error: its line and column are those of the
 * text where that is no JSON; of a rule that is wrong the line is its number from
 * 1 and the column 0. On failure there is nothing to clear.
 */
bool sp_json_parse(const char *text, size_t length, const struct sp_text_context *context,
		   struct sp_rule **rules, size_t *count, struct sp_text_error *error);
