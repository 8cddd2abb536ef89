/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * On which day each rule of the store decided last, for "unused for N days". Kept in
 * rules.used in the state folder: written by the store's thread, ten minutes after a first
 * decision of a day, and at the end; what is not there is not known, never that a rule was not used.
 */
#pragma once

#include "policy_state.h"
#include "store_thread.h"
#include "verdict.h"

struct sp_rule_use;

/* What @policy has no more is forgotten; both live longer. */
struct sp_rule_use *sp_rule_use_new(const char *folder, struct sp_store_thread *store,
				    const struct sp_policy *policy);
/* What is new is on its way to the disk then. */
void sp_rule_use_free(struct sp_rule_use *use);

void sp_rule_use_add(struct sp_rule_use *use, const struct sp_record *record);
/* Begin of the day in UTC, µs; 0: not since sp_rule_use_since(). */
gint64 sp_rule_use_last(const struct sp_rule_use *use, guint64 rule);
/* Since when it is noted, likewise. */
gint64 sp_rule_use_since(const struct sp_rule_use *use);
