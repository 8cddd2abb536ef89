/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interface Rules: list and change. The text of a rule is parsed by a worker
 * (user names may need a directory service); what the change takes is told
 * from its effect; after polkit's answer it is looked at once more, since the
 * rules may have changed while a person typed a password.
 */
#include "faces.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include "access/call.h"
#include "errors.h"
#include "sentence.h"
#include "sp-bus.h"
#include "text.h"

#define REMOVE_MAX	1000
#define DAYS_MAX	3650

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

static GVariant *describe(const struct sp_rule *rule)
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
	add(&b, "created", g_variant_new_int64(rule->created / 1000));
	add(&b, "maker", g_variant_new_uint32(rule->maker));
	add(&b, "expires", g_variant_new_int64(rule->expires / 1000));
	add(&b, "note", g_variant_new_string(rule->note ? rule->note : ""));
	return g_variant_builder_end(&b);
}

static void list(struct sp_call *call, void *data)
{
	static const char *const known[] = { "all", "b", NULL };
	struct sp_face *face = data;
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;
	const struct sp_rule *rules;
	GVariantBuilder builder;
	gsize count;

	g_variant_get(sp_call_arguments(call), "(@a{sv})", &options);
	if (!sp_options_check(options, known, &error)) {
		sp_call_fail_with(call, error);
		return;
	}
	rules = sp_policy_rules(face->parts->policy, &count);
	g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
	for (gsize i = 0; i < count; i++)
		if (sp_call_all(call) || rules[i].owner == SP_SYSTEM ||
		    rules[i].owner == sp_call_uid(call))
			g_variant_builder_add_value(&builder, describe(&rules[i]));
	sp_call_return(call, g_variant_new("(aa{sv})", &builder));
}

/* A change on its way through parser, polkit and store. */
struct change {
	struct sp_call *call;
	const struct sp_parts *parts;
	char *text;		/* Add */
	guint32 owner;
	gint64 lifetime;	/* ns; 0: none given */
	struct sp_rule rule;
	gboolean parsed;
	struct sp_text_error problem;
	GArray *ids;		/* Remove: guint64 */
	enum sp_effect effect;	/* that was granted */
};

static struct change *change_new(struct sp_call *call, struct sp_face *face)
{
	struct change *change = g_new0(struct change, 1);

	change->call = call;
	change->parts = face->parts;
	sp_rule_init(&change->rule);
	return change;
}

static void change_free(struct change *change)
{
	sp_rule_clear(&change->rule);
	g_clear_pointer(&change->ids, g_array_unref);
	g_free(change->text);
	g_free(change);
}

static void change_fail(struct change *change, int code, const char *message)
{
	sp_call_fail(change->call, code, "%s", message);
	change_free(change);
}

static void on_changed(const GError *error, const guint64 *ids, gsize count, void *data)
{
	struct change *change = data;

	if (error)
		sp_call_fail_with(change->call, error);
	else if (change->ids)
		sp_call_return(change->call, NULL);
	else
		sp_call_return(change->call, g_variant_new("(t)", ids[0]));
	change_free(change);
}

/* "15m", "1h", "2d" in ns; 0: no such time. */
static gint64 parse_lifetime(const char *text)
{
	char *end;
	guint64 number, unit;

	if (!g_ascii_isdigit(text[0]) || strlen(text) > 8)
		return 0;
	number = g_ascii_strtoull(text, &end, 10);
	unit = !strcmp(end, "m") ? 60 : !strcmp(end, "h") ? 3600 : !strcmp(end, "d") ? 86400 : 0;
	if (number * unit > DAYS_MAX * G_GUINT64_CONSTANT(86400))
		return 0;
	return number * unit * 1000000000;
}

static gboolean find_user(const char *name, guint32 *uid)
{
	char text[4096];
	struct passwd entry, *found = NULL;

	if (getpwnam_r(name, &entry, text, sizeof(text), &found) || !found)
		return FALSE;
	*uid = found->pw_uid;
	return TRUE;
}

static bool find_user_for_text(const char *name, uint32_t *uid)
{
	return find_user(name, uid);
}

static void parse_worker(GTask *task, void *source, void *data, GCancellable *cancel)
{
	struct change *change = data;
	struct sp_rule rule;

	switch (sp_text_parse(change->text, strlen(change->text), change->owner,
			      find_user_for_text, &rule, &change->problem)) {
	case 1:
		sp_rule_clear(&change->rule);
		change->rule = rule;
		change->parsed = TRUE;
		break;
	case 0:
		g_strlcpy(change->problem.message, "there is no rule in this text",
			  sizeof(change->problem.message));
		change->problem.column = 1;
		break;
	}
	g_task_return_boolean(task, TRUE);
}

static const char *check_room(const struct sp_parts *parts, guint32 owner)
{
	gsize count;

	sp_policy_rules(parts->policy, &count);
	if (count >= SP_POLICY_RULES_MAX)
		return "there are too many rules";
	if (owner != SP_SYSTEM && sp_policy_count_of(parts->policy, owner) >= SP_POLICY_OWN_MAX)
		return "this user has too many rules";
	return NULL;
}

static void add_granted(struct sp_call *call, void *data)
{
	struct change *change = data;
	struct sp_change one = { .kind = SP_CHANGE_ADD };
	const char *full = check_room(change->parts, change->rule.owner);
	GArray *changes;

	if (full) {
		change_fail(change, SP_ERROR_LIMIT, full);
		return;
	}
	changes = sp_changes_new();
	one.rule = change->rule;
	sp_rule_init(&change->rule);
	g_array_append_val(changes, one);
	sp_policy_change(change->parts->policy, changes, sp_call_uid(call), "bus", on_changed,
			 change);
}

static void on_refused(void *data)
{
	change_free(data);
}

static void authorise(struct change *change, sp_call_next granted)
{
	sp_call_effect(change->call, change->effect, granted, change, on_refused);
}

static void on_parsed(GObject *source, GAsyncResult *result, void *data)
{
	struct change *change = data;
	struct sp_rule *rule = &change->rule;
	gint64 now = g_get_real_time() * 1000;
	g_autofree char *where = NULL;

	if (!change->parsed) {
		where = g_strdup_printf("column %u: %s", change->problem.column,
					change->problem.message);
		change_fail(change, SP_ERROR_INVALID_RULE, where);
		return;
	}
	if (change->lifetime && rule->expires) {
		change_fail(change, SP_ERROR_INVALID_RULE,
			    "it has an \"until\" and a lifetime; give one");
		return;
	}
	if (change->lifetime)
		rule->expires = now + change->lifetime;
	if (rule->expires && rule->expires <= now) {
		change_fail(change, SP_ERROR_INVALID_RULE, "it ends in the past");
		return;
	}
	rule->id = 0;
	rule->created = now;
	rule->maker = sp_call_uid(change->call);
	change->effect = sp_effect_of(NULL, rule, rule->maker);
	authorise(change, add_granted);
}

static gboolean read_add(struct change *change, GError **error)
{
	static const char *const known[] = { "owner", "u", "lifetime", "s", NULL };
	guint32 uid = sp_call_uid(change->call);
	g_autoptr(GVariant) options = NULL;
	const char *lifetime = NULL;

	g_variant_get(sp_call_arguments(change->call), "(s@a{sv})", &change->text, &options);
	if (strlen(change->text) > SP_TEXT_LINE_MAX) {
		g_set_error(error, SP_ERROR, SP_ERROR_LIMIT, "the text is too long");
		return FALSE;
	}
	if (!sp_options_check(options, known, error))
		return FALSE;
	change->owner = uid ? uid : SP_SYSTEM;
	g_variant_lookup(options, "owner", "u", &change->owner);
	if (g_variant_lookup(options, "lifetime", "&s", &lifetime)) {
		change->lifetime = parse_lifetime(lifetime);
		if (!change->lifetime)
			g_set_error(error, SP_ERROR, SP_ERROR_INVALID_ARGUMENT,
				    "a lifetime is a number and m, h or d");
	}
	return !lifetime || change->lifetime;
}

static void add_rule(struct sp_call *call, void *data)
{
	struct change *change = change_new(call, data);
	g_autoptr(GError) error = NULL;
	g_autoptr(GTask) task = NULL;

	if (!read_add(change, &error)) {
		sp_call_fail_with(call, error);
		change_free(change);
		return;
	}
	task = g_task_new(NULL, NULL, on_parsed, change);
	g_task_set_task_data(task, change, NULL);
	g_task_run_in_thread(task, parse_worker);
}

/* What removing them takes now; FALSE: one is not there. */
static gboolean effect_of_removal(const struct change *change, enum sp_effect *effect,
				  guint64 *missing)
{
	*effect = SP_EFFECT_NONE;
	for (guint i = 0; i < change->ids->len; i++) {
		guint64 id = g_array_index(change->ids, guint64, i);
		const struct sp_rule *rule = sp_policy_find(change->parts->policy, id);

		*missing = id;
		if (!rule)
			return FALSE;
		*effect = MAX(*effect, sp_effect_of(rule, NULL, sp_call_uid(change->call)));
	}
	return TRUE;
}

/* TRUE: go on; else the caller was told. */
static gboolean look_again(struct change *change)
{
	enum sp_effect effect;
	guint64 missing = 0;

	if (!effect_of_removal(change, &effect, &missing)) {
		g_autofree char *message = g_strdup_printf("there is no rule %" G_GUINT64_FORMAT,
							   missing);

		change_fail(change, SP_ERROR_NO_SUCH_RULE, message);
		return FALSE;
	}
	if (change->effect && effect > change->effect) {
		change_fail(change, SP_ERROR_NOT_AUTHORIZED, "the rules changed meanwhile");
		return FALSE;
	}
	change->effect = effect;
	return TRUE;
}

static void remove_granted(struct sp_call *call, void *data)
{
	struct change *change = data;
	GArray *changes;

	if (!look_again(change))
		return;
	changes = sp_changes_new();
	for (guint i = 0; i < change->ids->len; i++) {
		struct sp_change one = { .kind = SP_CHANGE_REMOVE };

		sp_rule_init(&one.rule);
		one.rule.id = g_array_index(change->ids, guint64, i);
		g_array_append_val(changes, one);
	}
	sp_policy_change(change->parts->policy, changes, sp_call_uid(call), "bus", on_changed,
			 change);
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

static void remove_rules(struct sp_call *call, void *data)
{
	g_autoptr(GVariant) array = NULL;
	struct change *change;

	array = g_variant_get_child_value(sp_call_arguments(call), 0);
	if (!g_variant_n_children(array) || g_variant_n_children(array) > REMOVE_MAX) {
		sp_call_fail(call, SP_ERROR_INVALID_ARGUMENT, "give 1 to %d rules", REMOVE_MAX);
		return;
	}
	change = change_new(call, data);
	change->ids = read_ids(array);
	if (look_again(change))
		authorise(change, remove_granted);
}

static gboolean on_list(SpBusRules *skeleton, GDBusMethodInvocation *invocation,
			GVariant *options, struct sp_face *face)
{
	sp_call_enter(face->peers, invocation, list, face);
	return TRUE;
}

static gboolean on_add(SpBusRules *skeleton, GDBusMethodInvocation *invocation,
		       const char *text, GVariant *options, struct sp_face *face)
{
	sp_call_enter(face->peers, invocation, add_rule, face);
	return TRUE;
}

static gboolean on_remove(SpBusRules *skeleton, GDBusMethodInvocation *invocation,
			  GVariant *ids, struct sp_face *face)
{
	sp_call_enter(face->peers, invocation, remove_rules, face);
	return TRUE;
}

GDBusInterfaceSkeleton *sp_face_rules(struct sp_face *face)
{
	SpBusRules *skeleton = sp_bus_rules_skeleton_new();

	g_signal_connect(skeleton, "handle-list", G_CALLBACK(on_list), face);
	g_signal_connect(skeleton, "handle-add", G_CALLBACK(on_add), face);
	g_signal_connect(skeleton, "handle-remove", G_CALLBACK(on_remove), face);
	return G_DBUS_INTERFACE_SKELETON(skeleton);
}

void sp_face_rules_changed(GDBusInterfaceSkeleton *rules)
{
	sp_bus_rules_emit_changed(SP_BUS_RULES(rules));
}
