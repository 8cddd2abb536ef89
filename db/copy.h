/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.rules, the copy of all rules as text. Inside db/ only.
 *
 * Lines of the rule language, each after a comment with what the language does
 * not say (id, when and by whom it was made); a head that says which change it
 * is of; an end with the number of rules and a checksum of all that is before.
 */
#pragma once

#include "internal.h"

struct sp_copy {
	struct sp_stamp stamp;	/* as of this change */
	struct sp_rule *rules;
	size_t count;
};

enum sp_copy_state {
	SP_COPY_GOOD,
	SP_COPY_NONE,		/* there is no such file */
	SP_COPY_DAMAGED,	/* or can't be read; the store's message says why */
};

enum sp_copy_state sp_copy_read(struct sp_store *store, struct sp_copy *copy);
/* Is it whole, and of the last change? Its rules are not looked at. */
bool sp_copy_current(struct sp_store *store);
void sp_copy_clear(struct sp_copy *copy);
