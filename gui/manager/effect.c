/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See effect.h. */
#include "effect.h"

#include <stdlib.h>

#include <glib/gi18n-lib.h>

#include "analyse.h"
#include "sentence.h"

/* Rules that are told of by name. */
#define TOLD 3

/* The others, and the draft last: it is the newest of them. Shallow copies. */
static GArray *gather(SpRules *rules, guint64 edited, const struct sp_rule *draft)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct sp_rule));
	struct sp_rule newest = *draft;

	for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(rules)); i++) {
		g_autoptr(SpRuleItem) item = g_list_model_get_item(G_LIST_MODEL(rules), i);

		if (sp_rule_item_readable(item) && sp_rule_item_id(item) != edited)
			g_array_append_vals(all, sp_rule_item_rule(item), 1);
	}
	newest.id = edited ? edited : G_MAXUINT64;
	g_array_append_val(all, newest);
	return all;
}

static void tell(GString *text, const char *phrase, const struct sp_rule *rule)
{
	char *sentence = sp_sentence(rule);
	g_autoptr(GString) line = g_string_new(phrase);

	g_string_replace(line, "{1}", sentence ? sentence : "", 1);
	g_string_append_printf(text, "%s%s", text->len ? "\n" : "", line->str);
	free(sentence);
}

static void tell_own(GString *text, const struct sp_finding *finding)
{
	/* TRANSLATORS: {1} is a rule as a sentence */
	if (finding->kind == SP_FIND_DUPLICATE)
		tell(text, _("There is one that says the same: {1}"), finding->other);
	else if (finding->other)
		tell(text, _("It would never decide; this one does: {1}"), finding->other);
}

static void tell_other(GString *text, const struct sp_finding *finding)
{
	if (finding->kind == SP_FIND_DUPLICATE)
		tell(text, _("There is one that says the same: {1}"), finding->rule);
	else
		tell(text, _("This one would not decide any more: {1}"), finding->rule);
}

static char *words(const struct sp_analysis *analysis, const struct sp_rule *draft)
{
	GString *text = g_string_new(NULL);
	guint told = 0, more = 0;

	for (size_t i = 0; i < analysis->count; i++) {
		const struct sp_finding *finding = &analysis->findings[i];

		if (finding->rule == draft)
			tell_own(text, finding);
		else if (finding->other == draft && told++ < TOLD)
			tell_other(text, finding);
		else if (finding->other == draft)
			more++;
	}
	if (more)
		g_string_append_printf(text, ngettext("\nand %u more rule", "\nand %u more rules", more),
				       more);
	return g_string_free(text, FALSE);
}

char *sp_effect_words(SpRules *rules, guint64 edited, const struct sp_rule *draft)
{
	static const struct sp_analyse_options options;
	g_autoptr(GArray) all = gather(rules, edited, draft);
	const struct sp_rule *array = (const struct sp_rule *)(void *)all->data;
	struct sp_analysis analysis;
	char *text;

	if (!sp_analyse(array, all->len, &options, &analysis))
		g_error("no memory");
	text = words(&analysis, &array[all->len - 1]);
	sp_analysis_clear(&analysis);
	return text;
}
