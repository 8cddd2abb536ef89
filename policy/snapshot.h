/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot's inside: its rules sorted so that every decision reads few of
 * them. Inside policy/ only.
 *
 * A section is all rules of one level (floor or not), direction and user (any is
 * last), so that nobody meets the rules of somebody else. In it rules
 * are together that are found by the same key: the first that they have of those
 * in enum sp_key. These consist of groups, each of one value; a group of runs, each
 * of one action and one place, the stricter and narrower first; a run is sorted by
 * address or name.
 */
#pragma once

#include <stdatomic.h>
#include "precedence.h"

/* In the order of the fields: a rule with an earlier key goes first (sp_rule_order). */
enum sp_key {
	SP_KEY_PATH,
	SP_KEY_GLOB,		/* by the folder before its first '*' */
	SP_KEY_HASH,
	SP_KEY_PACKAGE,
	SP_KEY_APP,
	SP_KEY_UNIT,
	SP_KEY_SCRIPT,
	SP_KEY_NONE,
	SP_KEY_COUNT,
};

/* What a run's rules have for the other end, the narrower first. */
enum {
	SP_RUN_PREFIX,		/* and 128 less its length; ranges as the prefixes they consist of */
	SP_RUN_HOST = 128,
	SP_RUN_DOMAIN,
	SP_RUN_LIST,
	SP_RUN_CLASS,
	SP_RUN_ANY,
};

/* A rule's key: what it must be looked for by. */
struct sp_key_value {
	const char *text;	/* NULL: SP_KEY_NONE */
	size_t length;
	uint64_t hash;
};

/* What a decision reads of a rule before it follows the pointer. */
struct sp_entry {
	const struct sp_rule *rule;
	uint64_t address[2];	/* of the prefix, in host byte order; else hash of the name, 0 */
	int64_t expires;
	struct sp_key_value key;
	uint32_t user;		/* sp_rule_effective_user() */
	uint32_t fields;	/* sp_rule_fields() */
	uint8_t level;		/* sp_level() */
	uint8_t kind;		/* enum sp_key */
	uint8_t strictness;
	uint8_t place;		/* SP_RUN_ */
	uint8_t inner;		/* shortest prefix that can be narrower */
};

struct sp_entries {
	const struct sp_entry *first, *end;
};

struct sp_run {
	uint8_t strictness, place;
	struct sp_entries entries;
};

struct sp_group {
	struct sp_key_value key;
	const struct sp_run *first, *end;
};

/* All groups of one key. */
struct sp_groups {
	const struct sp_group *first, *end;
	size_t count;		/* entries */
	unsigned facts;		/* that any of their rules looks at */
	uint8_t laxest, strictest;
};

struct sp_section {
	uint32_t user;		/* SP_ANY_USER */
	unsigned facts;		/* that any of its rules looks at */
	uint8_t level;
	struct sp_groups keys[SP_KEY_COUNT];
};

struct sp_snapshot {
	atomic_uint references;
	uint64_t epoch;
	struct sp_defaults defaults;
	int64_t expires;
	size_t count, entry_count;
	struct sp_rule *rules;		/* by id */
	struct sp_entry *entries;
	struct sp_run *runs;
	struct sp_group *groups;
	struct sp_section *sections;	/* by level and user */
	size_t section_count;
	struct sp_list **lists;		/* by name; references */
	size_t list_count;
};

static inline uint8_t sp_level(bool floor, enum sp_direction direction)
{
	return (uint8_t)(2 * floor + (direction == SP_IN));
}

uint64_t sp_text_hash(const char *text, size_t length);
struct sp_key_value sp_key_value(const char *text, size_t length);
/* The orders that everything is sorted by; "any" is last. */
int sp_compare_key(const struct sp_key_value *a, const struct sp_key_value *b);
int sp_compare_section(uint8_t level_a, uint32_t user_a, uint8_t level_b, uint32_t user_b);
static inline int sp_compare_address(const uint64_t a[2], const uint64_t b[2])
{
	if (a[0] != b[0])
		return a[0] < b[0] ? -1 : 1;
	return (a[1] > b[1]) - (a[1] < b[1]);
}

uint64_t sp_address_load(const uint8_t bytes[8]);
/* NULL: there is none. */
const struct sp_group *sp_groups_find(const struct sp_groups *groups,
				      const struct sp_key_value *key);
const struct sp_section *sp_section_find(const struct sp_snapshot *snapshot,
					 uint8_t level, uint32_t user);

/*
 * Goes through those of a run that may match. To begin with all zero but for
 * @run, @flow and @facts.
 */
struct sp_search {
	const struct sp_run *run;
	const struct sp_flow *flow;
	const struct sp_facts *facts;
	const struct sp_entry *next;	/* where blocks of the same name go on */
	const char *suffix;		/* of the current name */
	size_t name;
	bool begun;
};

/*
 * The next of them; false: no more. @look gets what proves that what is left out
 * does not match.
 */
bool sp_search_next(struct sp_search *search, struct sp_look *look,
		    struct sp_entries *entries);
