/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rule-item.h. Strings point into @dict or @rule; the longer words come when asked for.
 * What lists ask again and again is read once: to look into a dictionary takes long. */
#include "rule-item.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "calls.h"
#include "format.h"
#include "sentence.h"
#include "text.h"

struct _SpRuleItem {
	GObject parent;
	GVariant *dict;
	const char *text, *note;
	guint32 owner;
	gint64 created, expires;
	gboolean enabled, confirmed, in_file;
	struct sp_rule rule;
	gboolean readable;
	char *sentence, *folded;
};

G_DEFINE_FINAL_TYPE(SpRuleItem, sp_rule_item, G_TYPE_OBJECT)

static void sp_rule_item_finalize(GObject *object)
{
	SpRuleItem *self = SP_RULE_ITEM(object);

	g_variant_unref(self->dict);
	sp_rule_clear(&self->rule);
	free(self->sentence);
	g_free(self->folded);
	G_OBJECT_CLASS(sp_rule_item_parent_class)->finalize(object);
}

static void sp_rule_item_class_init(SpRuleItemClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_rule_item_finalize;
}

static void sp_rule_item_init(SpRuleItem *self)
{
	self->text = self->note = "";
	self->owner = SP_SYSTEM;
	self->confirmed = TRUE;
}

/* What has another type than it should is as if it were not there. */
static void read_entry(SpRuleItem *self, const char *key, GVariant *value)
{
	const struct {
		const char *key, *type;
		gpointer to;
	} fields[] = {
		{ "id", "t", &self->rule.id }, { "text", "&s", &self->text },
		{ "note", "&s", &self->note }, { "owner", "u", &self->owner },
		{ "enabled", "b", &self->enabled }, { "confirmed", "b", &self->confirmed },
		{ "file", "b", &self->in_file }, { "created", "x", &self->created },
		{ "expires", "x", &self->expires },
	};

	for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
		if (strcmp(fields[i].key, key) == 0 &&
		    g_variant_check_format_string(value, fields[i].type, FALSE))
			g_variant_get(value, fields[i].type, fields[i].to);
}

static void read_dict(SpRuleItem *self)
{
	GVariantIter iter;
	const char *key;
	GVariant *value;

	g_variant_iter_init(&iter, self->dict);
	while (g_variant_iter_loop(&iter, "{&sv}", &key, &value))
		read_entry(self, key, value);
}

SpRuleItem *sp_rule_item_new(GVariant *dict)
{
	SpRuleItem *self = g_object_new(SP_TYPE_RULE_ITEM, NULL);
	struct sp_text_error ignored;
	guint64 id;

	self->dict = g_variant_ref(dict);
	read_dict(self);
	id = self->rule.id;
	self->readable = sp_text_parse(self->text, strlen(self->text), SP_SYSTEM, NULL,
				       &self->rule, &ignored) == 1;
	if (!self->readable)
		sp_rule_init(&self->rule);
	self->rule.id = id;
	self->rule.owner = self->owner;
	self->rule.enabled = self->enabled;
	self->rule.created = self->created * 1000;
	self->rule.unconfirmed = !self->confirmed;
	return self;
}

gboolean sp_rule_item_same(SpRuleItem *self, GVariant *dict)
{
	return g_variant_equal(self->dict, dict);
}

guint64 sp_rule_item_id(SpRuleItem *self)
{
	return self->rule.id;
}

const struct sp_rule *sp_rule_item_rule(SpRuleItem *self)
{
	return &self->rule;
}

gboolean sp_rule_item_readable(SpRuleItem *self)
{
	return self->readable;
}

const char *sp_rule_item_text(SpRuleItem *self)
{
	return self->text;
}

/* In this person's language, which is not the daemon's. */
const char *sp_rule_item_sentence(SpRuleItem *self)
{
	if (!self->sentence && self->readable)
		self->sentence = sp_sentence(&self->rule);
	return self->sentence ? self->sentence : sp_dict_string(self->dict, "sentence");
}

const char *sp_rule_item_note(SpRuleItem *self)
{
	return self->note;
}

guint32 sp_rule_item_owner(SpRuleItem *self)
{
	return self->owner;
}

gint64 sp_rule_item_created(SpRuleItem *self)
{
	return self->created;
}

gboolean sp_rule_item_enabled(SpRuleItem *self)
{
	return self->enabled;
}

gboolean sp_rule_item_confirmed(SpRuleItem *self)
{
	return self->confirmed;
}

gboolean sp_rule_item_in_file(SpRuleItem *self)
{
	return self->in_file;
}

const char *sp_rule_item_program(SpRuleItem *self)
{
	const struct sp_rule *rule = &self->rule;
	const char *const names[] = { rule->program, rule->app, rule->package, rule->unit,
				      rule->script };

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (names[i])
			return names[i];
	return "";
}

gboolean sp_rule_item_contains(SpRuleItem *self, const char *needle)
{
	if (!self->folded) {
		g_autofree char *all = g_strjoin("\n", sp_rule_item_sentence(self),
						 sp_rule_item_text(self),
						 sp_rule_item_note(self), NULL);

		self->folded = g_utf8_casefold(all, -1);
	}
	return strstr(self->folded, needle) != NULL;
}

static const char *whose(guint32 owner)
{
	if (owner == SP_SYSTEM)
		return _("For everybody");
	return owner == getuid() ? _("Yours") : NULL;
}

static void add(GPtrArray *words, char *word)
{
	g_ptr_array_insert(words, (int)words->len - 1, word);
}

char *sp_rule_item_subtitle(SpRuleItem *self)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *owner = sp_format_owner(sp_rule_item_owner(self));
	g_autofree char *end = sp_format_time(self->expires, g_get_real_time());
	const char *known = whose(sp_rule_item_owner(self));

	g_ptr_array_add(words, NULL);
	add(words, known ? g_strdup(known) : g_strdup_printf(_("Of %s"), owner));
	if (sp_rule_item_in_file(self))
		add(words, g_strdup(_("in the administrator’s files")));
	if (self->rule.floor)
		add(words, g_strdup(_("overrides all others")));
	if (!sp_rule_item_confirmed(self))
		add(words, g_strdup(_("asks until you switch it on again: it was restored from an older copy")));
	if (self->expires)
		add(words, g_strdup_printf(_("until %s"), end));
	if (*sp_rule_item_note(self))
		add(words, g_strdup_printf("“%s”", sp_rule_item_note(self)));
	return g_strjoinv(" · ", (char **)words->pdata);
}
