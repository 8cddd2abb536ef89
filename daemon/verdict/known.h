/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the verdict thread was told by its source, by kind and number, and what it
 * has asked for and waits for. A small cache: what left it is asked for again.
 */
#pragma once

#include <stddef.h>
#include "source.h"

#define SP_KNOWN_SLOTS	1024		/* of each kind */
#define SP_KNOWN_RETRY	10000000000ull	/* ns after which a failure is tried again */

struct sp_known_slot {
	uint64_t id;		/* 0: free */
	struct sp_known *known;	/* NULL: asked for */
	uint64_t retry;		/* boottime ns: of a failure; else 0 */
};

struct sp_known_table {
	struct sp_known_slot slots[SP_KNOWN_KINDS][SP_KNOWN_SLOTS];
	size_t under_way;	/* asked for, not answered */
};

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
/* It was asked for. */
void sp_known_want(struct sp_known_table *table, enum sp_known_kind kind, uint64_t id);
/* Takes over @known, which nobody waited for. */
void sp_known_put(struct sp_known_table *table, struct sp_known *known, uint64_t boot);
/* Takes over an answer of the source. */
void sp_known_take(struct sp_known_table *table, struct sp_known *known, uint64_t boot);
