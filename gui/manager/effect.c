/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See effect.h. */
#include "effect.h"

#include <stdlib.h>

#include <glib/gi18n-lib.h>

#include "analyse.h"
#include "copy.h"
#include "replay.h"
#include "sentence.h"

/* Rules that are told of by name. */
#define TOLD 3

/* What the thread works on. */
struct look {
	struct sp_copy *copy;
	guint64 edited;
	struct sp_rule draft;
	GVariant *records;	/* may be NULL */
	struct sp_defaults defaults;
};

static void look_free(gpointer data)
{
	struct look *look = data;

	sp_copy_free(look->copy);
	sp_rule_clear(&look->draft);
	g_clear_pointer(&look->records, g_variant_unref);
	g_free(look);
}

/* The others, and the draft last: it is the newest of them. Shallow copies. */
static GArray *with_draft(const struct look *look)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct sp_rule));
	gsize count;
	const struct sp_rule *rules = sp_copy_rules(look->copy, &count);

	for (gsize i = 0; i < count; i++)
		if (rules[i].id != look->edited)
			g_array_append_val(all, rules[i]);
	g_array_append_val(all, look->draft);
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

static void add_analysis(GString *text, const struct sp_rule *rules, gsize count)
{
	static const struct sp_analyse_options options;
	struct sp_analysis analysis;
	g_autofree char *found = NULL;

	if (!sp_analyse(rules, count, &options, &analysis))
		g_error("no memory");
	found = words(&analysis, &rules[count - 1]);
	sp_analysis_clear(&analysis);
	g_string_append(text, found);
}

static void add_replay(GString *text, const struct look *look, const struct sp_rule_set_of *after)
{
	struct sp_rule_set_of before;
	g_autofree char *found = NULL;

	if (!look->records)
		return;
	before.rules = sp_copy_rules(look->copy, &before.count);
	found = sp_replay_words(look->records, &look->defaults, &before, after);
	if (found)
		g_string_append_printf(text, "%s%s", text->len ? "\n" : "", found);
}

static void run(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
	const struct look *look = data;
	g_autoptr(GArray) all = with_draft(look);
	const struct sp_rule_set_of after = {
		.rules = (const struct sp_rule *)(void *)all->data, .count = all->len,
	};
	GString *text = g_string_new(NULL);

	add_analysis(text, after.rules, after.count);
	add_replay(text, look, &after);
	g_task_return_pointer(task, g_string_free(text, FALSE), g_free);
}

void sp_effect_look(SpRules *rules, guint64 edited, const struct sp_rule *draft, GVariant *records,
		    const struct sp_defaults *defaults, GCancellable *cancellable,
		    GAsyncReadyCallback ready, gpointer data)
{
	g_autoptr(GTask) task = g_task_new(rules, cancellable, ready, data);
	struct look *look = g_new0(struct look, 1);

	look->copy = sp_copy_new(rules, TRUE);
	look->edited = edited;
	if (!sp_rule_copy(&look->draft, draft))
		g_error("no memory");
	look->draft.id = edited ? edited : G_MAXUINT64;
	look->records = records ? g_variant_ref(records) : NULL;
	look->defaults = *defaults;
	g_task_set_task_data(task, look, look_free);
	g_task_run_in_thread(task, run);
}

char *sp_effect_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
