/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rule_change.h. */
#include "rule_change.h"

#include <stdlib.h>
#include <string.h>
#include "errors.h"
#include "guarded.h"
#include "sentence.h"
#include "text.h"

#define WORDS_MAX	300	/* characters of a sentence in a dialog */

struct change {
	struct sp_call *call;
	const struct sp_parts *parts;
	GArray *changes;
	GPtrArray *before;	/* the rules' lines when it was asked for; NULL: added */
	enum sp_effect effect;	/* that was granted */
	gboolean guarded, many;
};

static void change_free(struct change *change)
{
	g_clear_pointer(&change->changes, g_array_unref);
	g_ptr_array_unref(change->before);
	g_free(change);
}

static const struct sp_change *change_at(const struct change *change, guint index)
{
	return &g_array_index(change->changes, struct sp_change, index);
}

/* NULL: it is one that is added, or is not there. */
static const struct sp_rule *rule_before(const struct change *change, guint index)
{
	const struct sp_change *one = change_at(change, index);

	return one->kind == SP_CHANGE_ADD ? NULL :
	       sp_policy_find(change->parts->policy, one->rule.id);
}

static enum sp_effect effect_of(const struct change *change)
{
	enum sp_effect effect = SP_EFFECT_NONE;
	guint32 uid = sp_call_uid(change->call);

	for (guint i = 0; i < change->changes->len; i++) {
		const struct sp_change *one = change_at(change, i);
		const struct sp_rule *after = one->kind == SP_CHANGE_REMOVE ? NULL : &one->rule;

		effect = MAX(effect, sp_effect_of(rule_before(change, i), after, uid));
	}
	return effect;
}

/* TRUE: all rules are there that it is about; else the caller was told. */
static gboolean find_rules(struct change *change)
{
	for (guint i = 0; i < change->changes->len; i++) {
		const struct sp_change *one = change_at(change, i);

		if (one->kind == SP_CHANGE_ADD || rule_before(change, i))
			continue;
		sp_rule_missing(change->call, one->rule.id);
		return FALSE;
	}
	return TRUE;
}

static char *line_before(const struct change *change, guint index)
{
	const struct sp_rule *rule = rule_before(change, index);

	return rule ? sp_text_print(rule, NULL) : NULL;
}

/* A rule that is replaced must be what the caller saw; one removed may be stricter. */
static gboolean still_the_same(const struct change *change)
{
	for (guint i = 0; i < change->changes->len; i++) {
		char *line = line_before(change, i);
		gboolean same = !g_strcmp0(line, change->before->pdata[i]);

		free(line);
		if (!same && change_at(change, i)->kind == SP_CHANGE_REPLACE)
			return FALSE;
	}
	return effect_of(change) <= change->effect;
}

/* How many rules each owner gets by it: uid → number. */
static GHashTable *count_new(const struct change *change)
{
	GHashTable *counts = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < change->changes->len; i++) {
		const struct sp_change *one = change_at(change, i);
		const struct sp_rule *before = rule_before(change, i);
		gpointer owner = GUINT_TO_POINTER(one->rule.owner);
		guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, owner));

		if (one->kind != SP_CHANGE_REMOVE && (!before || before->owner != one->rule.owner))
			g_hash_table_insert(counts, owner, GUINT_TO_POINTER(count + 1));
	}
	return counts;
}

static const char *check_room(const struct change *change)
{
	g_autoptr(GHashTable) counts = count_new(change);
	struct sp_policy *policy = change->parts->policy;
	gpointer owner, more;
	GHashTableIter iter;
	gsize count;

	sp_policy_rules(policy, &count);
	g_hash_table_iter_init(&iter, counts);
	while (g_hash_table_iter_next(&iter, &owner, &more)) {
		count += GPOINTER_TO_UINT(more);
		if (count > SP_POLICY_RULES_MAX)
			return "there are too many rules";
		if (GPOINTER_TO_UINT(owner) != SP_SYSTEM &&
		    sp_policy_count_of(policy, GPOINTER_TO_UINT(owner)) + GPOINTER_TO_UINT(more) >
		    SP_POLICY_OWN_MAX)
			return "this user has too many rules";
	}
	return NULL;
}

static void on_changed(const GError *error, const guint64 *ids, gsize count, void *data)
{
	struct change *change = data;

	if (change->guarded)
		sp_guard_made(change->parts->guard);
	if (error)
		sp_call_fail_with(change->call, error);
	else if (change->many)
		sp_call_return(change->call, g_variant_new("(@at)",
			g_variant_new_fixed_array(G_VARIANT_TYPE_UINT64, ids, count, sizeof(*ids))));
	else
		sp_call_return(change->call, count ? g_variant_new("(t)", ids[0]) : NULL);
	change_free(change);
}

static void on_granted(struct sp_call *call, void *data)
{
	struct change *change = data;
	const char *full, *how;

	if (!find_rules(change)) {
		change_free(change);
		return;
	}
	full = check_room(change);
	if (full || !still_the_same(change)) {
		sp_call_fail(call, full ? SP_ERROR_LIMIT : SP_ERROR_NOT_AUTHORIZED, "%s",
			     full ? full : "the rules changed meanwhile");
		change_free(change);
		return;
	}
	how = sp_call_guarded(call, change->parts->guard, "bus", &change->guarded);
	if (!how) {
		change_free(change);
		return;
	}
	sp_policy_change(change->parts->policy, g_steal_pointer(&change->changes),
			 sp_call_uid(call), how, FALSE, on_changed, change);
}

static void on_refused(void *data)
{
	change_free(data);
}

/* The first rule's sentence, as it will be, or as it was; shortened. */
static char *in_words(const struct change *change)
{
	gboolean removed = change_at(change, 0)->kind == SP_CHANGE_REMOVE;
	char *sentence = sp_sentence(removed ? rule_before(change, 0) :
					       &change_at(change, 0)->rule);
	g_autofree char *shown = g_utf8_substring(sentence ? sentence : "", 0,
		MIN(g_utf8_strlen(sentence ? sentence : "", -1), WORDS_MAX));
	g_autoptr(GString) text = g_string_new(removed ? "remove: " : NULL);

	g_string_append(text, shown);
	if (sentence && strlen(shown) < strlen(sentence))
		g_string_append(text, "…");
	if (change->changes->len > 1)
		g_string_append_printf(text, " (and %u more)", change->changes->len - 1);
	free(sentence);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

void sp_rule_missing(struct sp_call *call, guint64 id)
{
	sp_call_fail(call, SP_ERROR_NO_SUCH_RULE, "there is no rule %" G_GUINT64_FORMAT, id);
}

static void begin(struct sp_call *call, const struct sp_parts *parts, GArray *changes,
		  gboolean many)
{
	struct change *change = g_new0(struct change, 1);
	g_autofree char *what = NULL;

	change->call = call;
	change->parts = parts;
	change->changes = changes;
	change->many = many;
	change->before = g_ptr_array_new_with_free_func(free);
	if (!find_rules(change)) {
		change_free(change);
		return;
	}
	for (guint i = 0; i < changes->len; i++)
		g_ptr_array_add(change->before, line_before(change, i));
	change->effect = effect_of(change);
	what = in_words(change);
	sp_call_effect(call, change->effect, what, on_granted, change, on_refused);
}

void sp_rule_change(struct sp_call *call, const struct sp_parts *parts, GArray *changes)
{
	begin(call, parts, changes, FALSE);
}

void sp_rule_change_many(struct sp_call *call, const struct sp_parts *parts, GArray *changes)
{
	begin(call, parts, changes, TRUE);
}
