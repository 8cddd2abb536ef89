/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See policy_effect.h. */
#include "policy_effect.h"

#include "rule_list.h"

static gboolean allows(const struct sp_rule *rule)
{
	return rule->enabled && rule->action == SP_ALLOW && !rule->unconfirmed;
}

static gboolean forbids(const struct sp_rule *rule)
{
	return rule->enabled && (rule->action == SP_DENY || rule->action == SP_DROP);
}

static gboolean tightens(const GArray *rules, const struct sp_change *change)
{
	const struct sp_rule *before = sp_rule_list_find(rules, change->rule.id);

	switch (change->kind) {
	case SP_CHANGE_ADD:
		return forbids(&change->rule);
	case SP_CHANGE_REMOVE:
		return before && allows(before);
	case SP_CHANGE_REPLACE:
		return before && !forbids(before) && (forbids(&change->rule) ||
						      (allows(before) && !change->rule.enabled));
	case SP_CHANGE_PUT_BACK:
		break;
	}
	return FALSE;
}

gboolean sp_changes_tighten(const GArray *rules, const GArray *changes)
{
	for (guint i = 0; i < changes->len; i++)
		if (!tightens(rules, &g_array_index(changes, struct sp_change, i)))
			return FALSE;
	return TRUE;
}

gboolean sp_changes_widen(const GArray *changes, struct sp_widened *widened)
{
	for (guint i = 0; i < changes->len; i++) {
		const struct sp_change *change = &g_array_index(changes, struct sp_change, i);

		if (change->kind == SP_CHANGE_REMOVE || !allows(&change->rule))
			continue;
		widened->owner = !widened->count || widened->owner == change->rule.owner ?
				 change->rule.owner : SP_SYSTEM;
		if (widened->named < G_N_ELEMENTS(widened->rules))
			widened->rules[widened->named++] = &change->rule;
		widened->count++;
	}
	return widened->count > 0;
}
