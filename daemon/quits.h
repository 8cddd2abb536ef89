/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules until a program quits end with it: the kernel is asked whether anything of it
 * runs, all ten seconds while there are such rules. (Which instances came of one is
 * known to the kernel alone; till the rule is gone it matches nothing any more.)
 */
#pragma once

#include "policy_state.h"

struct sp_quits;

struct sp_quits *sp_quits_new(struct sp_policy *policy, struct sp_link *link);
/* When the link has stopped: no answer may be under way. NULL is fine. */
void sp_quits_free(struct sp_quits *quits);
/* There may be such rules now, or none any more. */
void sp_quits_rules_changed(struct sp_quits *quits);
