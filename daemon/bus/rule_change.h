/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A change of rules that a caller wants, on its way through authority and store.
 * What it takes is told from its effect; after polkit's answer it is looked at
 * once more, since the rules may have changed while a person typed a password.
 */
#pragma once

#include "access/call.h"
#include "faces.h"

/*
 * Takes @call and @changes (as of sp_changes_new(), not empty). Answers with the
 * id of the rule that was added, or with nothing where none was.
 */
void sp_rule_change(struct sp_call *call, const struct sp_parts *parts, GArray *changes);
/* The same, all of them added; answers with all their ids. */
void sp_rule_change_many(struct sp_call *call, const struct sp_parts *parts, GArray *changes);

/* Fails the call: there is no such rule. */
void sp_rule_missing(struct sp_call *call, guint64 id);
