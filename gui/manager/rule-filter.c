/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rule-filter.h. */
#include "rule-filter.h"

#include <unistd.h>

#include "rule-item.h"

struct _SpRuleFilter {
	GtkFilter parent;
	char **words;		/* case-folded; each must be found */
	guint action;
	enum sp_owner_filter owner;
	enum sp_switch_filter state;
};

G_DEFINE_FINAL_TYPE(SpRuleFilter, sp_rule_filter, GTK_TYPE_FILTER)

static gboolean owner_fits(SpRuleFilter *self, guint32 owner)
{
	switch (self->owner) {
	case SP_OWNER_ANY:
		return TRUE;
	case SP_OWNER_MINE:
		return owner == getuid();
	case SP_OWNER_SYSTEM:
		return owner == SP_SYSTEM;
	case SP_OWNER_OTHERS:
		return owner != SP_SYSTEM && owner != getuid();
	}
	return FALSE;
}

static gboolean sp_rule_filter_match(GtkFilter *filter, gpointer data)
{
	SpRuleFilter *self = SP_RULE_FILTER(filter);
	SpRuleItem *item = data;

	if (self->action && sp_rule_item_rule(item)->action != self->action)
		return FALSE;
	if (!owner_fits(self, sp_rule_item_owner(item)))
		return FALSE;
	if (self->state != SP_SWITCH_ANY &&
	    sp_rule_item_enabled(item) != (self->state == SP_SWITCH_ON))
		return FALSE;
	for (char **word = self->words; word && *word; word++)
		if (!sp_rule_item_contains(item, *word))
			return FALSE;
	return TRUE;
}

static GtkFilterMatch sp_rule_filter_get_strictness(GtkFilter *filter)
{
	return GTK_FILTER_MATCH_SOME;
}

static void sp_rule_filter_finalize(GObject *object)
{
	g_strfreev(SP_RULE_FILTER(object)->words);
	G_OBJECT_CLASS(sp_rule_filter_parent_class)->finalize(object);
}

static void sp_rule_filter_class_init(SpRuleFilterClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_rule_filter_finalize;
	GTK_FILTER_CLASS(class)->match = sp_rule_filter_match;
	GTK_FILTER_CLASS(class)->get_strictness = sp_rule_filter_get_strictness;
}

static void sp_rule_filter_init(SpRuleFilter *self)
{
}

SpRuleFilter *sp_rule_filter_new(void)
{
	return g_object_new(SP_TYPE_RULE_FILTER, NULL);
}

static void changed(SpRuleFilter *self)
{
	gtk_filter_changed(GTK_FILTER(self), GTK_FILTER_CHANGE_DIFFERENT);
}

void sp_rule_filter_set_search(SpRuleFilter *self, const char *text)
{
	g_autofree char *folded = g_utf8_casefold(text, -1);

	g_strfreev(self->words);
	self->words = g_strsplit_set(g_strstrip(folded), " ", -1);
	changed(self);
}

void sp_rule_filter_set_action(SpRuleFilter *self, guint action)
{
	self->action = action;
	changed(self);
}

void sp_rule_filter_set_owner(SpRuleFilter *self, enum sp_owner_filter owner)
{
	self->owner = owner;
	changed(self);
}

void sp_rule_filter_set_switch(SpRuleFilter *self, enum sp_switch_filter state)
{
	self->state = state;
	changed(self);
}

gboolean sp_rule_filter_narrows(SpRuleFilter *self)
{
	return self->action || self->owner != SP_OWNER_ANY || self->state != SP_SWITCH_ANY;
}
