/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See export.h. */
#include "export.h"

#include <stdlib.h>

#include "text.h"

static void add_line(GString *text, SpRuleItem *item)
{
	char *line = sp_text_print_owned(sp_rule_item_rule(item));

	if (!line)
		g_error("no memory");
	g_string_append_printf(text, "%s\n", line);
	free(line);
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
