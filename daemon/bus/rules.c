/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interface Rules: list and change; undo and the journal are in journal.c. The
 * text of a rule is parsed by a worker (user names may need a directory service).
 */
#include "faces.h"

#include <stdlib.h>
#include <string.h>
#include "errors.h"
#include "history/rule_use.h"
#include "journal.h"
#include "limit.h"
#include "rule_change.h"
#include "rule_import.h"
#include "rule_made.h"
#include "sentence.h"
#include "serve.h"
#include "sp-bus.h"
#include "text.h"

#define IDS_MAX		1000
#define PAGE_BYTES	(4u << 20)	/* of a list or a page of it, or one rule more */

G_STATIC_ASSERT(SP_TEXT_LINE_MAX + 4096 <= SP_BUS_BODY_MAX);
G_STATIC_ASSERT(IDS_MAX * sizeof(guint64) + 4096 <= SP_BUS_BODY_MAX);

static void add(GVariantBuilder *builder, const char *key, GVariant *value)
{
	g_variant_builder_add(builder, "{sv}", key, value);
}

/* Takes @text. */
static void add_text(GVariantBuilder *builder, const char *key, char *text)
{
	add(builder, key, g_variant_new_string(text ? text : ""));
	free(text);
}

/* Since when it is noted, and when it decided last. */
static void add_use(GVariantBuilder *builder, const struct sp_rule_use *use,
		    const struct sp_rule *rule)
{
	gint64 since = MAX(sp_rule_use_since(use), rule->created / 1000);

	add(builder, "noted", g_variant_new_int64(since));
	add(builder, "used", g_variant_new_int64(sp_rule_use_last(use, rule->id)));
}

/* @use NULL: not for who asks. */
static GVariant *describe(const struct sp_rule *rule, const struct sp_rule_use *use)
{
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
	add(&b, "id", g_variant_new_uint64(rule->id));
	add_text(&b, "text", sp_text_print(rule, NULL));
	add_text(&b, "sentence", sp_sentence(rule));
	add(&b, "owner", g_variant_new_uint32(rule->owner));
	add(&b, "enabled", g_variant_new_boolean(rule->enabled));
	add(&b, "confirmed", g_variant_new_boolean(!rule->unconfirmed));
	add(&b, "floor", g_variant_new_boolean(rule->floor));
	add(&b, "file", g_variant_new_boolean(rule->id >= SP_FILE_RULE_ID));
	add(&b, "created", g_variant_new_int64(rule->created / 1000));
	add(&b, "maker", g_variant_new_uint32(rule->maker));
	add(&b, "expires", g_variant_new_int64(rule->expires / 1000));
	add(&b, "note", g_variant_new_string(rule->note ? rule->note : ""));
	if (use && rule->id < SP_FILE_RULE_ID)
		add_use(&b, use, rule);
	return g_variant_builder_end(&b);
}

/* What a reply may still have; @rules 0 or @bytes 0: it is full. It is made in the main loop. */
struct room {
	gsize bytes;
	guint32 rules;
};

static void put(GVariantBuilder *builder, const struct sp_rule *rule,
		const struct sp_rule_use *use, struct room *room)
{
	GVariant *value = describe(rule, use);
	gsize size = g_variant_get_size(value);

	g_variant_builder_add_value(builder, value);
	room->bytes -= MIN(size, room->bytes);
	room->rules--;
}

/* Where among @rules, which are by id, those behind @after begin. */
static gsize behind(const struct sp_rule *rules, gsize count, guint64 after)
{
	gsize low = 0;

	while (count) {
		gsize half = count / 2;

		if (rules[low + half].id > after) {
			count = half;
		} else {
			low += half + 1;
			count -= half + 1;
		}
	}
	return low;
}

/*
 * Of @rules, those behind @after that @call may see, until @room is full. Who uses a
 * system rule is not for everybody.
 */
static void describe_rules(struct sp_call *call, const struct sp_rule_use *use,
			   const struct sp_rule *rules, gsize count, guint64 after,
			   GVariantBuilder *builder, struct room *room)
{
	for (gsize i = behind(rules, count, after); i < count && room->bytes && room->rules; i++) {
		gboolean own = sp_call_all(call) || rules[i].owner == sp_call_uid(call);

		if (own || rules[i].owner == SP_SYSTEM)
			put(builder, &rules[i], own || sp_call_uid(call) == 0 ? use : NULL, room);
	}
}

static void list(struct sp_call *call, void *data)
{
	static const char *const known[] = { "all", "b", "after", "t", "limit", "u", NULL };
	struct room room = { PAGE_BYTES, G_MAXUINT32 };
	struct sp_face *face = data;
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;
	const struct sp_rule *rules;
	GVariantBuilder builder;
	gboolean page, few;
	guint64 after = 0;
	gsize count;

	g_variant_get(sp_call_arguments(call), "(@a{sv})", &options);
	if (!sp_options_check(options, known, &error)) {
		sp_call_fail_with(call, error);
		return;
	}
	page = g_variant_lookup(options, "after", "t", &after);
	few = g_variant_lookup(options, "limit", "u", &room.rules);
	if (few && !room.rules) {
		sp_call_fail(call, SP_ERROR_INVALID_ARGUMENT, "a page of no rules");
		return;
	}
	g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
	rules = sp_policy_rules(face->parts->policy, &count);
	describe_rules(call, face->parts->use, rules, count, after, &builder, &room);
	rules = sp_policy_file_rules(face->parts->policy, &count);
	describe_rules(call, face->parts->use, rules, count, after, &builder, &room);
	if (room.bytes || page || few) {
		sp_call_return(call, g_variant_new("(aa{sv})", &builder));
		return;
	}
	g_variant_builder_clear(&builder);
	sp_call_fail(call, SP_ERROR_LIMIT, "the list is too long: ask for pages, with \"after\"");
}

/* The text of a rule on its way through the parser. */
struct parsing {
	struct sp_call *call;
	const struct sp_parts *parts;
	char *text;
	guint64 id;		/* Edit; 0: Add */
	guint32 owner;
	gint64 lifetime;	/* ns; 0: none given */
	struct sp_rule rule;
	gboolean parsed;
	struct sp_text_error problem;
};

static void parsing_free(struct parsing *parsing)
{
	sp_rule_clear(&parsing->rule);
	g_free(parsing->text);
	g_free(parsing);
}

static void parse_worker(GTask *task, void *source, void *data, GCancellable *cancel)
{
	struct parsing *parsing = data;
	struct sp_rule rule;

	switch (sp_text_parse(parsing->text, strlen(parsing->text), parsing->owner,
			      sp_rule_find_user, &rule, &parsing->problem)) {
	case 1:
		sp_rule_clear(&parsing->rule);
		parsing->rule = rule;
		parsing->parsed = TRUE;
		break;
	case 0:
		g_strlcpy(parsing->problem.message, "there is no rule in this text",
			  sizeof(parsing->problem.message));
		parsing->problem.column = 1;
		break;
	}
	g_task_return_boolean(task, TRUE);
}

static void on_parsed(GObject *source, GAsyncResult *result, void *data)
{
	struct parsing *parsing = data;
	struct sp_change one = { .kind = parsing->id ? SP_CHANGE_REPLACE : SP_CHANGE_ADD };
	const char *fault = NULL;
	GArray *changes;

	if (!parsing->parsed) {
		sp_call_fail(parsing->call, SP_ERROR_INVALID_RULE, "column %u: %s",
			     parsing->problem.column, parsing->problem.message);
	} else if ((fault = sp_rule_made(&parsing->rule, parsing->lifetime,
						 sp_call_uid(parsing->call)))) {
		sp_call_fail(parsing->call, SP_ERROR_INVALID_RULE, "%s", fault);
	} else {
		changes = sp_changes_new();
		one.rule = parsing->rule;
		one.rule.id = parsing->id;
		sp_rule_init(&parsing->rule);
		g_array_append_val(changes, one);
		sp_rule_change(parsing->call, parsing->parts, changes);
	}
	parsing_free(parsing);
}

static gboolean read_options(struct parsing *parsing, GVariant *options,
			     const char *const *known, GError **error)
{
	if (strlen(parsing->text) > SP_TEXT_LINE_MAX) {
		g_set_error(error, SP_ERROR, SP_ERROR_LIMIT, "the text is too long");
		return FALSE;
	}
	if (!sp_options_check(options, known, error))
		return FALSE;
	g_variant_lookup(options, "owner", "u", &parsing->owner);
	return sp_rule_lifetime(options, &parsing->lifetime, error);
}

static void parse(struct parsing *parsing, GVariant *options, const char *const *known)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GTask) task = NULL;

	if (!read_options(parsing, options, known, &error)) {
		sp_call_fail_with(parsing->call, error);
		parsing_free(parsing);
		return;
	}
	task = g_task_new(NULL, NULL, on_parsed, parsing);
	g_task_set_task_data(task, parsing, NULL);
	g_task_run_in_thread(task, parse_worker);
}

static struct parsing *parsing_new(struct sp_call *call, struct sp_face *face)
{
	struct parsing *parsing = g_new0(struct parsing, 1);

	parsing->call = call;
	parsing->parts = face->parts;
	parsing->owner = sp_call_uid(call) ? sp_call_uid(call) : SP_SYSTEM;
	sp_rule_init(&parsing->rule);
	return parsing;
}

static void add_rule(struct sp_call *call, void *data)
{
	static const char *const known[] = { "owner", "u", "lifetime", "s", NULL };
	struct parsing *parsing = parsing_new(call, data);
	g_autoptr(GVariant) options = NULL;

	g_variant_get(sp_call_arguments(call), "(s@a{sv})", &parsing->text, &options);
	parse(parsing, options, known);
}

static void edit_rule(struct sp_call *call, void *data)
{
	static const char *const known[] = { "lifetime", "s", NULL };
	struct parsing *parsing = parsing_new(call, data);
	g_autoptr(GVariant) options = NULL;
	const struct sp_rule *rule;

	g_variant_get(sp_call_arguments(call), "(ts@a{sv})", &parsing->id, &parsing->text,
		      &options);
	rule = sp_policy_find(parsing->parts->policy, parsing->id);
	if (!rule) {
		sp_rule_missing(call, parsing->id);
		parsing_free(parsing);
		return;
	}
	parsing->owner = rule->owner;
	parse(parsing, options, known);
}

static int compare_ids(const void *a, const void *b)
{
	guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;

	return x < y ? -1 : x > y;
}

/* In order, each once. */
static GArray *read_ids(GVariant *array)
{
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(guint64)), *once;
	gsize count;
	const guint64 *values = g_variant_get_fixed_array(array, &count, sizeof(guint64));

	g_array_append_vals(ids, values, count);
	g_array_sort(ids, compare_ids);
	once = g_array_new(FALSE, FALSE, sizeof(guint64));
	for (guint i = 0; i < ids->len; i++)
		if (!i || g_array_index(ids, guint64, i) != g_array_index(ids, guint64, i - 1))
			g_array_append_val(once, g_array_index(ids, guint64, i));
	g_array_unref(ids);
	return once;
}

/* What is to be done with one of the rules that a call names. */
typedef void (*make_change)(const struct sp_rule *rule, struct sp_change *change);

static void make_removal(const struct sp_rule *rule, struct sp_change *change)
{
	change->kind = SP_CHANGE_REMOVE;
	change->rule.id = rule->id;
}

static void make_copy(const struct sp_rule *rule, struct sp_change *change, gboolean enabled)
{
	change->kind = SP_CHANGE_REPLACE;
	if (!sp_rule_copy(&change->rule, rule))
		g_error("no memory");
	change->rule.enabled = enabled;
	change->rule.unconfirmed = FALSE;
}

static void make_enabled(const struct sp_rule *rule, struct sp_change *change)
{
	make_copy(rule, change, TRUE);
}

static void make_disabled(const struct sp_rule *rule, struct sp_change *change)
{
	make_copy(rule, change, FALSE);
}

/* The same with each of the rules in the call's argument: all or none. */
static void change_all(struct sp_call *call, struct sp_face *face, make_change make)
{
	g_autoptr(GVariant) array = g_variant_get_child_value(sp_call_arguments(call), 0);
	g_autoptr(GArray) ids = NULL;
	GArray *changes;

	if (!g_variant_n_children(array) || g_variant_n_children(array) > IDS_MAX) {
		sp_call_fail(call, SP_ERROR_INVALID_ARGUMENT, "give 1 to %d rules", IDS_MAX);
		return;
	}
	ids = read_ids(array);
	changes = sp_changes_new();
	for (guint i = 0; i < ids->len; i++) {
		guint64 id = g_array_index(ids, guint64, i);
		const struct sp_rule *rule = sp_policy_find(face->parts->policy, id);
		struct sp_change one;

		if (!rule) {
			sp_rule_missing(call, id);
			g_array_unref(changes);
			return;
		}
		sp_rule_init(&one.rule);
		make(rule, &one);
		g_array_append_val(changes, one);
	}
	sp_rule_change(call, face->parts, changes);
}

static void remove_rules(struct sp_call *call, void *data)
{
	change_all(call, data, make_removal);
}

static void enable_rules(struct sp_call *call, void *data)
{
	change_all(call, data, make_enabled);
}

static void disable_rules(struct sp_call *call, void *data)
{
	change_all(call, data, make_disabled);
}

static const struct sp_method methods[] = {
	{ "handle-list", list },
	{ "handle-add", add_rule },
	{ "handle-remove", remove_rules },
	{ "handle-edit", edit_rule },
	{ "handle-enable", enable_rules },
	{ "handle-disable", disable_rules },
	{ NULL, NULL },
};

GDBusInterfaceSkeleton *sp_face_rules(struct sp_face *face)
{
	SpBusRules *skeleton = sp_bus_rules_skeleton_new();

	sp_serve(skeleton, face, methods);
	sp_face_journal(skeleton, face);
	sp_face_import(skeleton, face);
	return G_DBUS_INTERFACE_SKELETON(skeleton);
}

void sp_face_rules_changed(GDBusInterfaceSkeleton *rules)
{
	sp_bus_rules_emit_changed(SP_BUS_RULES(rules));
}
