/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rules are shown: a GtkFilter of SpRuleItem. At first all of them. */
#pragma once

#include <gtk/gtk.h>

#include "rule.h"

enum sp_owner_filter {
	SP_OWNER_ANY,
	SP_OWNER_MINE,
	SP_OWNER_SYSTEM,
	SP_OWNER_OTHERS,
};

enum sp_switch_filter {
	SP_SWITCH_ANY,
	SP_SWITCH_ON,
	SP_SWITCH_OFF,
};

#define SP_TYPE_RULE_FILTER (sp_rule_filter_get_type())
G_DECLARE_FINAL_TYPE(SpRuleFilter, sp_rule_filter, SP, RULE_FILTER, GtkFilter)

SpRuleFilter *sp_rule_filter_new(void);
void sp_rule_filter_set_search(SpRuleFilter *self, const char *text);
void sp_rule_filter_set_action(SpRuleFilter *self, guint action);	/* enum sp_action; 0: any */
void sp_rule_filter_set_owner(SpRuleFilter *self, enum sp_owner_filter owner);
void sp_rule_filter_set_switch(SpRuleFilter *self, enum sp_switch_filter state);
/* Is anything but the search set? */
gboolean sp_rule_filter_narrows(SpRuleFilter *self);
