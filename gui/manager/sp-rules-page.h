/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules: searched, filtered, sorted; by program, or as one list. */
#pragma once

#include <adwaita.h>

#include "changes.h"
#include "rules.h"

#define SP_TYPE_RULES_PAGE (sp_rules_page_get_type())
G_DECLARE_FINAL_TYPE(SpRulesPage, sp_rules_page, SP, RULES_PAGE, AdwBin)

GtkWidget *sp_rules_page_new(SpRules *rules, SpChanges *changes);
/* The focus goes to the search. */
void sp_rules_page_search(SpRulesPage *self);
/* Opens the editor with a new rule: that of the line @text, or an empty one if NULL. */
void sp_rules_page_write(SpRulesPage *self, const char *text);
