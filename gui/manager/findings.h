/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is odd about the rules: a GListModel of SpOddity, looked for in a thread of its
 * own some time after the rules have changed.
 */
#pragma once

#include "items.h"
#include "rules.h"

#define SP_TYPE_ODDITY (sp_oddity_get_type())
G_DECLARE_FINAL_TYPE(SpOddity, sp_oddity, SP, ODDITY, GObject)

/* "This rule never decides:", with the rule's sentence and why. Plain text. */
const char *sp_oddity_title(SpOddity *self);
const char *sp_oddity_text(SpOddity *self);
/* What its button says: "Remove", "Make One Rule". */
const char *sp_oddity_mend(SpOddity *self);
/* Rules that go; and the one that comes in their place, or NULL. */
const guint64 *sp_oddity_remove(SpOddity *self, gsize *count);
const char *sp_oddity_add(SpOddity *self);
guint32 sp_oddity_owner(SpOddity *self);	/* of that one */

#define SP_TYPE_FINDINGS (sp_findings_get_type())
G_DECLARE_FINAL_TYPE(SpFindings, sp_findings, SP, FINDINGS, SpItems)

SpFindings *sp_findings_new(SpRules *rules);
