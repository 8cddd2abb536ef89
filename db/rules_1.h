/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules as version 1 of the store kept them. Inside db/ only. */
#pragma once

#include <sqlite3.h>

/*
 * Makes rule_1_text(…) known to @db: a row's values, in the order of
 * migrations/002-text.sql, as a line of the rule language. A row that is no rule
 * is an error that begins with SP_RULES_1_DAMAGED.
 */
#define SP_RULES_1_DAMAGED "damaged rule: "

int sp_rules_1_register(sqlite3 *db);
