/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rule-item.h. Strings point into @dict or @rule; the longer words come when asked for. */
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
}

SpRuleItem *sp_rule_item_new(GVariant *dict)
{
	SpRuleItem *self = g_object_new(SP_TYPE_RULE_ITEM, NULL);
	const char *text = sp_dict_string(dict, "text");
	struct sp_text_error ignored;

	self->dict = g_variant_ref(dict);
	self->readable = sp_text_parse(text, strlen(text), SP_SYSTEM, NULL, &self->rule,
				       &ignored) == 1;
	if (!self->readable)
		sp_rule_init(&self->rule);
	self->rule.id = sp_dict_number(dict, "id");
	self->rule.owner = sp_rule_item_owner(self);
	self->rule.enabled = sp_dict_flag(dict, "enabled");
	self->rule.created = (gint64)sp_dict_number(dict, "created") * 1000;
	self->rule.unconfirmed = !sp_rule_item_confirmed(self);
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
	return sp_dict_string(self->dict, "text");
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
	return sp_dict_string(self->dict, "note");
}

guint32 sp_rule_item_owner(SpRuleItem *self)
{
	guint32 owner = SP_SYSTEM;

	g_variant_lookup(self->dict, "owner", "u", &owner);
	return owner;
}

gint64 sp_rule_item_created(SpRuleItem *self)
{
	return (gint64)sp_dict_number(self->dict, "created");
}

gboolean sp_rule_item_enabled(SpRuleItem *self)
{
	return sp_dict_flag(self->dict, "enabled");
}

gboolean sp_rule_item_confirmed(SpRuleItem *self)
{
	gboolean confirmed = TRUE;

	g_variant_lookup(self->dict, "confirmed", "b", &confirmed);
	return confirmed;
}

gboolean sp_rule_item_in_file(SpRuleItem *self)
{
	return sp_dict_flag(self->dict, "file");
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
	gint64 expires = (gint64)sp_dict_number(self->dict, "expires");
	g_autofree char *end = sp_format_time(expires, g_get_real_time());
	const char *known = whose(sp_rule_item_owner(self));

	g_ptr_array_add(words, NULL);
	add(words, known ? g_strdup(known) : g_strdup_printf(_("Of %s"), owner));
	if (sp_rule_item_in_file(self))
		add(words, g_strdup(_("in the administrator’s files")));
	if (self->rule.floor)
		add(words, g_strdup(_("overrides all others")));
	if (!sp_rule_item_confirmed(self))
		add(words, g_strdup(_("asks until you switch it on again: it was restored from an older copy")));
	if (expires)
		add(words, g_strdup_printf(_("until %s"), end));
	if (*sp_rule_item_note(self))
		add(words, g_strdup_printf("“%s”", sp_rule_item_note(self)));
	return g_strjoinv(" · ", (char **)words->pdata);
}
