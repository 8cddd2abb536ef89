/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See export.h. */
#include "export.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

/*
 * The daemon's line names no owner where that is the system; whoever imports it would
 * become the owner.
 */
static void add_line(GString *text, SpRuleItem *item)
{
	const char *line = sp_rule_item_text(item);
	const char *direction = sp_rule_item_rule(item)->direction == SP_OUT ? " out" : " in";
	const char *at = strstr(line, direction);

	if (at && sp_rule_item_owner(item) == SP_SYSTEM) {
		at += strlen(direction);
		g_string_append_len(text, line, at - line);
		g_string_append(text, " owner system");
		line = at;
	}
	g_string_append_printf(text, "%s\n", line);
}

char *sp_export_text(SpRules *rules, SpPicks *picks, guint *count)
{
	GPtrArray *items = sp_items_array(rules);
	g_autoptr(GArray) picked = sp_picks_ids(picks);
	GString *text = g_string_new(NULL);

	*count = 0;
	for (guint i = 0; i < items->len; i++) {
		SpRuleItem *item = items->pdata[i];

		if (sp_rule_item_in_file(item) || (picked->len && !sp_picks_has(picks, item)))
			continue;
		add_line(text, item);
		(*count)++;
	}
	return g_string_free(text, FALSE);
}
