/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See copy.h. */
#include "copy.h"

struct sp_copy *sp_copy_new(SpRules *rules, gboolean files)
{
	struct sp_copy *copy = g_new0(struct sp_copy, 1);
	GPtrArray *items = sp_items_array(rules);

	copy->items = sp_items_array_new();
	copy->rules = g_array_sized_new(FALSE, FALSE, sizeof(struct sp_rule), items->len);
	for (guint i = 0; i < items->len; i++) {
		SpRuleItem *item = items->pdata[i];

		if (!sp_rule_item_readable(item) || (!files && sp_rule_item_in_file(item)))
			continue;
		g_ptr_array_add(copy->items, g_object_ref(item));
		g_array_append_vals(copy->rules, sp_rule_item_rule(item), 1);
	}
	return copy;
}

void sp_copy_free(struct sp_copy *copy)
{
	g_ptr_array_unref(copy->items);
	g_array_unref(copy->rules);
	g_free(copy);
}

const struct sp_rule *sp_copy_rules(const struct sp_copy *copy, gsize *count)
{
	*count = copy->rules->len;
	return (const struct sp_rule *)(void *)copy->rules->data;
}
