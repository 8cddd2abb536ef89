/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The groups of a level that a flow can meet, and the way through their runs.
 * Inside policy/ only.
 */
#pragma once

#include "snapshot.h"

/* Groups to be read one after the other. */
struct sp_part {
	const struct sp_group *first, *end;
	const struct sp_groups *key;	/* all of its key */
	uint8_t kind;			/* enum sp_key */
	uint32_t sure;			/* fields in which all their rules match: bits */
	uint32_t looked;		/* what proves that no other group of its key matches: SP_LOOKED_ */
	/*
	 * Rules of a lesser rank go before all of a greater one (sp_rule_order);
	 * among those of one rank nothing is known.
	 */
	uint8_t rank;
};

#define SP_PARTS_MAX 64

struct sp_parts {
	struct sp_part part[SP_PARTS_MAX];
	unsigned count;
	unsigned facts;		/* that any rule there looks at */
};

void sp_parts_choose(struct sp_parts *parts, const struct sp_snapshot *snapshot, bool floor,
		     const struct sp_flow *flow, const struct sp_facts *facts);

/* Goes through the runs. To begin with: what is before rank; the rest zero. */
struct sp_cursor {
	const struct sp_parts *parts;
	unsigned laxest, strictest;	/* of those wanted; may change on the way */
	unsigned last_kind;		/* parts with a later key are passed over */
	unsigned facts;			/* not 0: so are those whose rules look at none of these */
	struct sp_look *look;		/* gets what proves that what is left out is not met */
	unsigned rank;			/* not 0: of it and lesser ones only are as lax as laxest wanted */
	unsigned at;			/* the current part, and 1 */
	const struct sp_group *group;
	const struct sp_run *run;
};

/* The next run; false: no more. */
bool sp_cursor_next(struct sp_cursor *cursor);
static inline const struct sp_part *sp_cursor_part(const struct sp_cursor *cursor)
{
	return &cursor->parts->part[cursor->at - 1];
}
