/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A window that writes a rule: as a form or as a line of the rule language, with the
 * sentence that it means. It closes when the rule is in force.
 */
#pragma once

#include <adwaita.h>

#include "changes.h"
#include "draft.h"
#include "rules.h"

#define SP_TYPE_RULE_EDITOR (sp_rule_editor_get_type())
G_DECLARE_FINAL_TYPE(SpRuleEditor, sp_rule_editor, SP, RULE_EDITOR, AdwWindow)

/* @rule: the number of the one that is edited; 0: a new one. @draft: taken. */
GtkWidget *sp_rule_editor_new(SpRules *rules, SpChanges *changes, guint64 rule,
			      struct sp_draft *draft);
