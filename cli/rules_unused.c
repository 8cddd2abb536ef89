/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rules_unused.h. */
#include "rules_unused.h"

#include <string.h>

#include "analyse.h"
#include "calls.h"
#include "text.h"

struct reading {
	GArray *rules;		/* struct sp_rule */
	GArray *usage;		/* struct sp_usage_of, by rule */
};

/* Nothing is known of one that does not say since when: as if it were of today. */
static void take(struct reading *reading, GVariant *dict)
{
	const char *text = sp_dict_string(dict, "text");
	guint64 noted = sp_dict_number(dict, "noted");
	struct sp_usage_of used = {
		.rule = sp_dict_number(dict, "id"),
		.last = (gint64)sp_dict_number(dict, "used") * 1000,
	};
	struct sp_text_error cause;
	struct sp_rule rule;

	if (sp_text_parse(text, strlen(text), SP_SYSTEM, NULL, &rule, &cause) != 1)
		return;
	rule.id = used.rule;
	rule.created = (gint64)(noted ? noted : (guint64)g_get_real_time()) * 1000;
	g_array_append_val(reading->rules, rule);
	if (used.last)
		g_array_append_val(reading->usage, used);
}

/* Numbers of those that are found. */
static GHashTable *find(const struct reading *reading, guint days)
{
	const struct sp_analyse_options options = {
		.unused = (g_get_real_time() - (gint64)days * 86400 * G_USEC_PER_SEC) * 1000,
		.usage = (const struct sp_usage_of *)(void *)reading->usage->data,
		.usage_count = reading->usage->len,
	};
	GHashTable *found = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	struct sp_analysis analysis;

	if (!sp_analyse((const struct sp_rule *)(void *)reading->rules->data, reading->rules->len,
			&options, &analysis))
		g_error("no memory");
	for (size_t i = 0; i < analysis.count; i++)
		if (analysis.findings[i].kind == SP_FIND_UNUSED)
			g_hash_table_add(found, g_memdup2(&analysis.findings[i].rule->id,
							  sizeof(guint64)));
	sp_analysis_clear(&analysis);
	return found;
}

static void clear_rule(gpointer rule)
{
	sp_rule_clear(rule);
}

GVariant *sp_rules_unused(GVariant *rules, guint days)
{
	g_autoptr(GArray) parsed = g_array_new(FALSE, FALSE, sizeof(struct sp_rule));
	g_autoptr(GArray) usage = g_array_new(FALSE, FALSE, sizeof(struct sp_usage_of));
	struct reading reading = { parsed, usage };
	g_autoptr(GHashTable) found = NULL;
	GVariantBuilder builder;
	GVariantIter iter;
	GVariant *dict;

	g_array_set_clear_func(parsed, clear_rule);
	g_variant_iter_init(&iter, rules);
	while ((dict = g_variant_iter_next_value(&iter))) {
		take(&reading, dict);
		g_variant_unref(dict);
	}
	found = find(&reading, days);
	g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
	g_variant_iter_init(&iter, rules);
	while ((dict = g_variant_iter_next_value(&iter))) {
		guint64 id = sp_dict_number(dict, "id");

		if (g_hash_table_contains(found, &id))
			g_variant_builder_add_value(&builder, dict);
		g_variant_unref(dict);
	}
	return g_variant_ref_sink(g_variant_builder_end(&builder));
}
