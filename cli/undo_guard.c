/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See undo_guard.h. */
#include "undo_guard.h"

#include <string.h>

#include "bus.h"
#include "calls.h"
#include "error.h"
#include "guard.h"
#include "text.h"

#define ENTRIES_MAX	1000u	/* that the daemon tells of one change */

/* An undo as a change that is guarded. */
struct preview {
	GArray *ids;		/* guint64; of rules that are there, and would go or be others */
	GArray *rules;		/* struct sp_rule; that would be there, with their ids */
	gboolean incomplete;
};

static void clear_rule(void *data)
{
	sp_rule_clear(data);
}

static struct preview preview_new(void)
{
	struct preview preview = {
		.ids = g_array_new(FALSE, FALSE, sizeof(guint64)),
		.rules = g_array_new(FALSE, FALSE, sizeof(struct sp_rule)),
	};

	g_array_set_clear_func(preview.rules, clear_rule);
	return preview;
}

static void preview_clear(struct preview *preview)
{
	g_array_unref(preview->ids);
	g_array_unref(preview->rules);
}

static void add_rule(struct preview *preview, guint64 id, const char *line)
{
	struct sp_text_error cause;
	struct sp_rule rule;

	sp_rule_init(&rule);
	if (sp_text_parse(line, strlen(line), SP_SYSTEM, NULL, &rule, &cause) <= 0) {
		preview->incomplete = TRUE;
		return;
	}
	rule.id = id;
	g_array_append_val(preview->rules, rule);
}

static void fill(struct preview *preview, GVariant *entries, gboolean redo)
{
	preview->incomplete = g_variant_n_children(entries) >= ENTRIES_MAX;
	for (gsize i = 0; i < g_variant_n_children(entries); i++) {
		g_autoptr(GVariant) entry = g_variant_get_child_value(entries, i);
		guint64 id = sp_dict_number(entry, "rule");
		const char *then = sp_dict_string(entry, redo ? "after" : "before");

		if (*sp_dict_string(entry, redo ? "before" : "after"))
			g_array_append_val(preview->ids, id);
		if (*then)
			add_rule(preview, id, then);
	}
}

static gboolean begin(GDBusConnection *bus, const struct preview *preview, GError **error)
{
	const struct sp_guarded change = {
		.what = SP_GUARDED_REMOVE,
		.ids = (const guint64 *)(void *)preview->ids->data,
		.id_count = preview->ids->len,
		.rules = (const struct sp_rule *)(void *)preview->rules->data,
		.rule_count = preview->rules->len,
		.unknown = preview->incomplete,
	};

	return sp_guard_begin(bus, &change, error);
}

static guint64 change_of(GVariant *entries, guint64 otherwise)
{
	g_autoptr(GVariant) first = NULL;

	if (!g_variant_n_children(entries))
		return otherwise;
	first = g_variant_get_child_value(entries, 0);
	return sp_dict_number(first, "change");
}

gboolean sp_undo_guard(GDBusConnection *bus, gboolean redo, guint64 *change, GError **error)
{
	static const struct sp_guarded unknown = { .unknown = TRUE };
	g_autoptr(GVariant) entries = NULL;
	g_autoptr(GError) problem = NULL;
	struct preview preview;
	gboolean ok;

	if (sp_guard_looks())
		entries = sp_call_rules_undo(bus, redo, *change, TRUE, &problem);
	if (g_error_matches(problem, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NO_SUCH_CHANGE)) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return FALSE;
	}
	if (!entries)
		return sp_guard_begin(bus, &unknown, error);
	*change = change_of(entries, *change);
	preview = preview_new();
	fill(&preview, entries, redo);
	ok = begin(bus, &preview, error);
	preview_clear(&preview);
	return ok;
}
