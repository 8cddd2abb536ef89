/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the verdict thread was told by its source, by kind and number, and what it
 * has asked for and waits for. Bounded: what was told first goes first, and is asked for
 * again. Not what is waited for, and not what was told in this series of sweeps: each
 * would push out what the last one had asked for, and none would be the last.
 */
#pragma once

#include <stddef.h>
#include <sys/queue.h>
#include "source.h"

#define SP_KNOWN_MAX		4096u		/* of each kind */
#define SP_KNOWN_BUCKETS	1024u
#define SP_KNOWN_RETRY		10000000000ull	/* ns after which a failure is tried again */

struct sp_known_slot {
	LIST_ENTRY(sp_known_slot) chain;
	TAILQ_ENTRY(sp_known_slot) age;
	uint64_t id;
	struct sp_known *known;	/* NULL: asked for */
	uint64_t retry;		/* boottime ns: of a failure; else 0 */
	uint64_t series;	/* in which it was told; 0: in none */
};

struct sp_known_table {
	LIST_HEAD(, sp_known_slot) buckets[SP_KNOWN_KINDS][SP_KNOWN_BUCKETS];
	TAILQ_HEAD(, sp_known_slot) told[SP_KNOWN_KINDS];	/* the first one first */
	size_t count[SP_KNOWN_KINDS];
	size_t under_way;	/* asked for, not answered */
	uint64_t series;	/* of sweeps, that is going on; 0: none is */
};

void sp_known_init(struct sp_known_table *table);
/* As it was then. */
void sp_known_clear(struct sp_known_table *table);

/*
 * NULL: not known, or failed so long ago that it is to be tried again. Valid
 * until the next sp_known_put() or _take().
 */
const struct sp_known_slot *sp_known_find(const struct sp_known_table *table,
					  enum sp_known_kind kind, uint64_t id,
					  uint64_t boot);
bool sp_known_is_wanted(const struct sp_known_table *table, enum sp_known_kind kind,
			uint64_t id);
/* It is asked for. False: there is no room. */
bool sp_known_want(struct sp_known_table *table, enum sp_known_kind kind, uint64_t id);
/* It is not, after all. */
void sp_known_unwant(struct sp_known_table *table, enum sp_known_kind kind, uint64_t id);
/* Takes over @known, which nobody waited for; where there is no room it is forgotten. */
void sp_known_put(struct sp_known_table *table, struct sp_known *known, uint64_t boot);
/* Takes over an answer of the source. */
void sp_known_take(struct sp_known_table *table, struct sp_known *known, uint64_t boot);
