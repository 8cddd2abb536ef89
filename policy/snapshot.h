/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot's inside: its rules sorted so that every decision reads few of
 * them. Inside policy/ only.
 *
 * A section is all rules of one level (floor or not) and direction; it consists
 * of groups, each of one program and user (any is last); a group of runs, each
 * of one action and one prefix length, the stricter and longer first; a run is
 * sorted by address.
 */
#pragma once

#include <stdatomic.h>
#include "precedence.h"

/* What a decision reads of a rule before it follows the pointer. */
struct sp_entry {
	const struct sp_rule *rule;
	uint64_t hash;		/* of the program; 0: any */
	uint64_t address[2];	/* of the remote prefix, in host byte order */
	int64_t expires;
	uint16_t fields;	/* sp_rule_fields() */
	uint8_t strictness;
};

struct sp_entries {
	const struct sp_entry *first, *end;
};

struct sp_run {
	uint8_t strictness, length;
	struct sp_entries entries;
};

struct sp_group {
	const char *program;	/* NULL: any */
	uint64_t hash;
	uint32_t user;		/* SP_ANY_USER */
	const struct sp_run *first, *end;
};

struct sp_section {
	const struct sp_group *first, *end;
};

struct sp_snapshot {
	atomic_uint references;
	uint64_t epoch;
	struct sp_defaults defaults;
	int64_t expires;
	size_t count;
	struct sp_rule *rules;		/* by id */
	struct sp_entry *entries;
	struct sp_run *runs;
	struct sp_group *groups;
	struct sp_section sections[2][2];	/* [floor][direction] */
};

uint64_t sp_program_hash(const char *program);
uint64_t sp_address_load(const uint8_t bytes[8]);
/* The orders that everything is sorted by; "any" is last. */
int sp_compare_program(const char *a, uint64_t a_hash, const char *b, uint64_t b_hash);
int sp_compare_user(uint32_t a, uint32_t b);
int sp_compare_address(const uint64_t a[2], const uint64_t b[2]);
/* NULL: there is none. @program may be NULL. */
const struct sp_group *sp_section_find(const struct sp_section *section,
				       const char *program, uint64_t hash, uint32_t user);
/*
 * Those of a run that may match @remote; @look gets what proves that the others
 * do not.
 */
struct sp_entries sp_run_find(const struct sp_run *run, const uint8_t remote[16],
			      struct sp_look *look);
