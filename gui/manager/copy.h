/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules as they are at one moment, for a thread: one behind the other, their strings
 * kept alive by the items, which never change.
 */
#pragma once

#include "rules.h"

struct sp_copy {
	GPtrArray *items;
	GArray *rules;		/* struct sp_rule, shallow */
};

/* Those that can be read. @files: the administrator's, too. */
struct sp_copy *sp_copy_new(SpRules *rules, gboolean files);
void sp_copy_free(struct sp_copy *copy);
const struct sp_rule *sp_copy_rules(const struct sp_copy *copy, gsize *count);
