/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decisions of rules that say "log", to the system's log, with fields. Bounded a
 * minute at a time, for each rule and for each user's rules together; what is left
 * out is told, with its number, when the minute is over. Nothing runs while nothing
 * is logged.
 */
#pragma once

#include <glib.h>
#include "policy_state.h"
#include "verdict.h"

#define SP_RULE_LOG_OF_RULE	20u	/* decisions of one rule in a minute */
#define SP_RULE_LOG_OF_USER	100u	/* … of all rules of a user */
#define SP_RULE_LOG_OF_SYSTEM	1000u	/* … of all rules of the system */

struct sp_rule_log;

/* @policy says which rules are to be logged; it lives longer. */
struct sp_rule_log *sp_rule_log_new(const struct sp_policy *policy);
/* What is still to be told is told. */
void sp_rule_log_free(struct sp_rule_log *log);

void sp_rule_log_add(struct sp_rule_log *log, const struct sp_record *record);
