/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See journal.h. What an undo takes is told from the entries of the change, which
 * never change themselves; that the rules are still as it left them is looked at
 * by the store, in the transaction.
 */
#include "journal.h"

#include <string.h>
#include "access/methods.h"
#include "errors.h"
#include "guarded.h"
#include "serve.h"
#include "text.h"

#define JOURNAL_MAX	1000

static const struct sp_journal_entry *entry_at(const GArray *entries, guint index)
{
	return &g_array_index(entries, struct sp_journal_entry, index);
}

/* A line of the journal; FALSE: there is none, or it is no rule any more. */
static gboolean parse(const char *line, struct sp_rule *rule)
{
	struct sp_text_error ignored;

	sp_rule_init(rule);
	return line && sp_text_parse(line, strlen(line), SP_SYSTEM, NULL, rule, &ignored) == 1;
}

static const char *kind_text(enum sp_change_set_kind kind)
{
	static const char *const texts[] = {
		[SP_SET_CHANGE] = "change", [SP_SET_UNDO] = "undo", [SP_SET_REDO] = "redo",
		[SP_SET_EXPIRY] = "expiry", [SP_SET_RESTORED] = "restored",
	};

	return (guint)kind < G_N_ELEMENTS(texts) ? texts[kind] : "";
}

static void add(GVariantBuilder *builder, const char *key, GVariant *value)
{
	g_variant_builder_add(builder, "{sv}", key, value);
}

static GVariant *describe(const struct sp_journal_entry *entry)
{
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
	add(&b, "change", g_variant_new_uint64(entry->change));
	add(&b, "kind", g_variant_new_string(kind_text(entry->kind)));
	add(&b, "target", g_variant_new_uint64(entry->target));
	add(&b, "undone", g_variant_new_boolean(entry->undone));
	add(&b, "time", g_variant_new_int64(entry->time / 1000));
	add(&b, "maker", g_variant_new_uint32(entry->uid));
	add(&b, "how", g_variant_new_string(entry->how));
	add(&b, "rule", g_variant_new_uint64(entry->rule));
	add(&b, "before", g_variant_new_string(entry->before ? entry->before : ""));
	add(&b, "after", g_variant_new_string(entry->after ? entry->after : ""));
	return g_variant_builder_end(&b);
}

static gboolean may_see_line(const char *line, guint32 reader)
{
	struct sp_rule rule;
	gboolean good = !line || (parse(line, &rule) &&
				  (rule.owner == SP_SYSTEM || rule.owner == reader));

	if (line)
		sp_rule_clear(&rule);
	return good;
}

/* At most JOURNAL_MAX. @reader SP_ANY_USER sees everything. */
static GVariant *describe_all(const GArray *entries, guint32 reader)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < MIN(entries->len, JOURNAL_MAX); i++) {
		const struct sp_journal_entry *entry = entry_at(entries, i);

		if (reader == SP_ANY_USER || (may_see_line(entry->before, reader) &&
					      may_see_line(entry->after, reader)))
			g_variant_builder_add_value(&builder, describe(entry));
	}
	return g_variant_builder_end(&builder);
}

static int error_code(enum sp_store_error error)
{
	return error == SP_STORE_NO_CHANGE ? SP_ERROR_NO_SUCH_CHANGE : SP_ERROR_NOT_READY;
}

static void on_journal(struct sp_store_result *result, void *data)
{
	struct sp_call *call = data;

	if (result->error)
		sp_call_fail(call, error_code(result->error), "%s", result->message);
	else
		sp_call_return(call, g_variant_new("(@aa{sv})", describe_all(result->entries,
				       sp_call_all(call) ? SP_ANY_USER : sp_call_uid(call))));
}

static void busy(struct sp_call *call)
{
	sp_call_fail(call, SP_ERROR_LIMIT, "the store has too much to do");
}

static void journal(struct sp_call *call, void *data)
{
	static const char *const known[] = { "all", "b", NULL };
	struct sp_face *face = data;
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;
	guint32 limit;

	g_variant_get(sp_call_arguments(call), "(u@a{sv})", &limit, &options);
	if (!sp_options_check(options, known, &error))
		sp_call_fail_with(call, error);
	else if (limit > JOURNAL_MAX)
		sp_call_fail(call, SP_ERROR_LIMIT, "at most %d entries at once", JOURNAL_MAX);
	else if (sp_call_look(call) &&
		 !sp_store_thread_journal(face->parts->store, limit, on_journal, call))
		busy(call);
}

/* An undo or redo on its way. */
struct undoing {
	struct sp_call *call;
	const struct sp_parts *parts;
	gboolean redo, dry_run, guarded;
	GArray *entries;
};

static void undoing_free(void *data)
{
	struct undoing *undoing = data;

	g_clear_pointer(&undoing->entries, g_array_unref);
	g_free(undoing);
}

static enum sp_effect effect_of_entry(const struct undoing *undoing,
				      const struct sp_journal_entry *entry)
{
	struct sp_rule before, after;
	gboolean was = parse(undoing->redo ? entry->before : entry->after, &before);
	gboolean will_be = parse(undoing->redo ? entry->after : entry->before, &after);
	enum sp_effect effect = sp_effect_of(was ? &before : NULL, will_be ? &after : NULL,
					     sp_call_uid(undoing->call));

	sp_rule_clear(&before);
	sp_rule_clear(&after);
	return effect;
}

static enum sp_effect effect_of(const struct undoing *undoing)
{
	enum sp_effect effect = SP_EFFECT_NONE;

	for (guint i = 0; i < undoing->entries->len; i++)
		effect = MAX(effect, effect_of_entry(undoing, entry_at(undoing->entries, i)));
	return effect;
}

static void on_undone(const GError *error, const guint64 *ids, gsize count, void *data)
{
	struct undoing *undoing = data;

	if (undoing->guarded)
		sp_guard_made(undoing->parts->guard);
	if (error)
		sp_call_fail_with(undoing->call, error);
	else
		sp_call_return(undoing->call,
			       g_variant_new("(@aa{sv})", describe_all(undoing->entries, SP_ANY_USER)));
	undoing_free(undoing);
}

/* Rules that are to be there again, of @owner; SP_ANY_USER: of anybody. */
static gsize count_new(const struct undoing *undoing, guint32 owner)
{
	gsize count = 0;

	for (guint i = 0; i < undoing->entries->len; i++) {
		const struct sp_journal_entry *entry = entry_at(undoing->entries, i);
		const char *now = undoing->redo ? entry->before : entry->after;
		struct sp_rule rule;

		if (parse(undoing->redo ? entry->after : entry->before, &rule))
			count += !now && (owner == SP_ANY_USER || rule.owner == owner);
		sp_rule_clear(&rule);
	}
	return count;
}

static gboolean has_room(const struct undoing *undoing)
{
	struct sp_policy *policy = undoing->parts->policy;
	guint32 uid = sp_call_uid(undoing->call);
	gsize count;

	sp_policy_rules(policy, &count);
	return count + count_new(undoing, SP_ANY_USER) <= SP_POLICY_RULES_MAX &&
	       sp_policy_count_of(policy, uid) + count_new(undoing, uid) <= SP_POLICY_OWN_MAX;
}

static void on_granted(struct sp_call *call, void *data)
{
	struct undoing *undoing = data;
	const char *how;

	if (!has_room(undoing)) {
		sp_call_fail(call, SP_ERROR_LIMIT, "there would be too many rules");
		undoing_free(undoing);
		return;
	}
	how = sp_call_guarded(call, undoing->parts->guard, undoing->redo ? "redo" : "undo",
			      &undoing->guarded);
	if (!how) {
		undoing_free(undoing);
		return;
	}
	sp_policy_undo(undoing->parts->policy, entry_at(undoing->entries, 0)->change,
		       undoing->redo, sp_call_uid(call), how, on_undone, undoing);
}

/* What it would do, where the caller may see all of it. */
static void on_seen(struct sp_call *call, void *data)
{
	struct undoing *undoing = data;
	guint32 uid = sp_call_uid(call);
	g_autoptr(GVariant) entries = g_variant_ref_sink(
		describe_all(undoing->entries, uid ? uid : SP_ANY_USER));

	if (g_variant_n_children(entries) < MIN(undoing->entries->len, JOURNAL_MAX))
		sp_call_fail(call, SP_ERROR_NOT_AUTHORIZED,
			     "there are rules of other users among those of the change");
	else
		sp_call_return(call, g_variant_new("(@aa{sv})", entries));
	undoing_free(undoing);
}

static void ask_for(struct undoing *undoing, enum sp_effect effect, sp_call_next granted)
{
	g_autofree char *what = NULL;

	what = g_strdup_printf("%s change %" G_GUINT64_FORMAT, undoing->redo ? "redo" : "undo",
			       entry_at(undoing->entries, 0)->change);
	sp_call_effect(undoing->call, effect, what, granted, undoing, undoing_free);
}

static void on_granted_large(struct sp_call *call, void *data)
{
	struct undoing *undoing = data;
	enum sp_effect effect = effect_of(undoing);

	if (effect <= SP_EFFECT_SYSTEM)
		on_granted(call, undoing);
	else
		ask_for(undoing, effect, on_granted);
}

static void on_found(struct sp_store_result *result, void *data)
{
	struct undoing *undoing = data;

	if (result->error) {
		sp_call_fail(undoing->call, error_code(result->error), "%s", result->message);
		undoing_free(undoing);
		return;
	}
	undoing->entries = g_steal_pointer(&result->entries);
	if (undoing->dry_run) {
		sp_call_also(undoing->call, SP_ACTION("observe-own"), NULL, NULL, on_seen, undoing,
			     undoing_free);
		return;
	}
	/* It can't be of one user's rules alone, and is much to read: authority first. */
	if (undoing->entries->len > 2 * SP_POLICY_OWN_MAX)
		ask_for(undoing, SP_EFFECT_SYSTEM, on_granted_large);
	else
		ask_for(undoing, effect_of(undoing), on_granted);
}

static void begin(struct sp_call *call, struct sp_face *face, gboolean redo)
{
	static const char *const known[] = { "change", "t", "dry-run", "b", NULL };
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;
	struct undoing *undoing;
	guint64 change = 0;

	g_variant_get(sp_call_arguments(call), "(@a{sv})", &options);
	if (!sp_options_check(options, known, &error)) {
		sp_call_fail_with(call, error);
		return;
	}
	if (!sp_call_look(call))
		return;
	g_variant_lookup(options, "change", "t", &change);
	undoing = g_new0(struct undoing, 1);
	undoing->call = call;
	undoing->parts = face->parts;
	undoing->redo = redo;
	g_variant_lookup(options, "dry-run", "b", &undoing->dry_run);
	if (sp_store_thread_change(face->parts->store, change, redo, sp_call_uid(call), on_found,
				   undoing))
		return;
	busy(call);
	undoing_free(undoing);
}

static void undo(struct sp_call *call, void *data)
{
	begin(call, data, FALSE);
}

static void redo(struct sp_call *call, void *data)
{
	begin(call, data, TRUE);
}

static const struct sp_method methods[] = {
	{ "handle-undo", undo },
	{ "handle-redo", redo },
	{ "handle-journal", journal },
	{ NULL, NULL },
};

void sp_face_journal(SpBusRules *skeleton, struct sp_face *face)
{
	sp_serve(skeleton, face, methods);
}
