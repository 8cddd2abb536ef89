/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See plan.h. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "copy.h"
#include "error.h"
#include "files.h"
#include "rule_context.h"
#include "rule_json.h"
#include "sentence.h"

/* What the daemon takes from a user. */
#define TEXT_MAX (4 * 1024 * 1024)

struct _SpPlanLine {
	GObject parent;
	enum sp_import what;
	char *sentence;
};

G_DEFINE_FINAL_TYPE(SpPlanLine, sp_plan_line, G_TYPE_OBJECT)

struct _SpPlan {
	SpItems parent;
	guint count;
	GString *text;
};

G_DEFINE_FINAL_TYPE(SpPlan, sp_plan, SP_TYPE_ITEMS)

static void sp_plan_line_finalize(GObject *object)
{
	g_free(SP_PLAN_LINE(object)->sentence);
	G_OBJECT_CLASS(sp_plan_line_parent_class)->finalize(object);
}

static void sp_plan_line_class_init(SpPlanLineClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_plan_line_finalize;
}

static void sp_plan_line_init(SpPlanLine *self)
{
}

const char *sp_plan_line_sentence(SpPlanLine *self)
{
	return self->sentence;
}

const char *sp_plan_line_icon(SpPlanLine *self)
{
	static const char *const icons[] = {
		[SP_IMPORT_NEW] = "list-add-symbolic", [SP_IMPORT_SAME] = "emblem-ok-symbolic",
		[SP_IMPORT_OTHER] = "dialog-warning-symbolic",
	};

	return icons[self->what];
}

const char *sp_plan_line_effect(SpPlanLine *self)
{
	switch (self->what) {
	case SP_IMPORT_NEW:
		return _("It is added");
	case SP_IMPORT_SAME:
		return _("It is there already: nothing changes");
	case SP_IMPORT_OTHER:
		return _("It is added; another about the same is there, which is older and decides no more");
	}
	return "";
}

static void sp_plan_finalize(GObject *object)
{
	g_string_free(SP_PLAN(object)->text, TRUE);
	G_OBJECT_CLASS(sp_plan_parent_class)->finalize(object);
}

static void sp_plan_class_init(SpPlanClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_plan_finalize;
}

static void sp_plan_init(SpPlan *self)
{
	self->text = g_string_new(NULL);
}

/* Rules of a text. */

static void clear_rule(gpointer rule)
{
	sp_rule_clear(rule);
}

static GArray *rules_new(void)
{
	GArray *rules = g_array_new(FALSE, FALSE, sizeof(struct sp_rule));

	g_array_set_clear_func(rules, clear_rule);
	return rules;
}

/* FALSE: @error. */
static gboolean read_text(GArray *rules, const char *text, gsize length, GError **error)
{
	const struct sp_file_options options = { .context = *sp_rule_text_context(getuid()) };
	struct sp_rule_set set = { 0 };
	struct sp_file_error cause;

	if (!sp_file_read_text("", text, length, &options, &set, &cause)) {
		g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_INVALID_RULE,
			    _("Line %u: %s"), cause.error.line, cause.error.message);
		return FALSE;
	}
	for (size_t i = 0; i < set.count; i++)
		g_array_append_val(rules, set.rules[i].rule);
	set.count = 0;		/* they are @rules' now */
	sp_rule_set_clear(&set);
	return TRUE;
}

static gboolean read_json(GArray *rules, const char *text, gsize length, GError **error)
{
	struct sp_text_error cause = { 0 };
	struct sp_rule *parsed;
	size_t count;

	if (!sp_json_parse(text, length, sp_rule_text_context(getuid()), &parsed, &count, &cause)) {
		g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_INVALID_RULE, cause.column ?
			    _("Line %u: %s") : _("Rule %u: %s"), cause.line, cause.message);
		return FALSE;
	}
	g_array_append_vals(rules, parsed, count);
	free(parsed);
	return TRUE;
}

static gboolean is_json(const char *text, gsize length)
{
	while (length && g_ascii_isspace(*text))
		text++, length--;
	return length && (*text == '[' || *text == '{');
}

static SpPlanLine *line_new(const struct sp_rule *rule, enum sp_import what)
{
	SpPlanLine *line = g_object_new(SP_TYPE_PLAN_LINE, NULL);
	char *sentence = sp_sentence(rule);

	line->what = what;
	line->sentence = g_strdup(sentence ? sentence : "");
	free(sentence);
	return line;
}

static void add_line(SpPlan *self, GPtrArray *lines, const struct sp_rule *rule, enum sp_import what)
{
	char *text = what == SP_IMPORT_SAME ? NULL : sp_text_print(rule, NULL);

	g_ptr_array_add(lines, line_new(rule, what));
	if (!text)
		return;
	/* A system rule's text names no owner. */
	g_string_append_printf(self->text, "%s\n", text);
	self->count++;
	free(text);
}

static void fill(SpPlan *self, SpRules *rules, const GArray *more)
{
	struct sp_copy *there = sp_copy_new(rules, TRUE);
	gsize there_count;
	const struct sp_rule *old = sp_copy_rules(there, &there_count);
	g_autofree enum sp_import *what = g_new0(enum sp_import, more->len + 1);
	g_autofree const struct sp_rule **which = g_new0(const struct sp_rule *, more->len + 1);
	const struct sp_rule *rule = (const struct sp_rule *)(void *)more->data;
	GPtrArray *lines = sp_items_array_new();

	if (!sp_import_try(old, there_count, rule, more->len, what, which))
		g_error("no memory");
	sp_copy_free(there);
	for (guint i = 0; i < more->len; i++)
		add_line(self, lines, &rule[i], what[i]);
	sp_items_set(self, lines);
}

SpPlan *sp_plan_new(SpRules *rules, const char *text, gsize length, GError **error)
{
	g_autoptr(GArray) more = rules_new();
	g_autoptr(SpPlan) self = NULL;

	if (!(is_json(text, length) ? read_json : read_text)(more, text, length, error))
		return NULL;
	self = g_object_new(SP_TYPE_PLAN, NULL);
	fill(self, rules, more);
	if (self->text->len > TEXT_MAX) {
		g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_INVALID_RULE, "%s",
			    _("These are too many rules for one change."));
		return NULL;
	}
	return g_steal_pointer(&self);
}

guint sp_plan_count(SpPlan *self)
{
	return self->count;
}

const char *sp_plan_text(SpPlan *self)
{
	return self->text->str;
}
