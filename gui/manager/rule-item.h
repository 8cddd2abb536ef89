/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule of the daemon's list, read once. It does not change: another is another item. */
#pragma once

#include <gio/gio.h>

#include "rule.h"

#define SP_TYPE_RULE_ITEM (sp_rule_item_get_type())
G_DECLARE_FINAL_TYPE(SpRuleItem, sp_rule_item, SP, RULE_ITEM, GObject)

SpRuleItem *sp_rule_item_new(GVariant *dict);	/* a{sv} as Rules.List has it */
gboolean sp_rule_item_same(SpRuleItem *self, GVariant *dict);

guint64 sp_rule_item_id(SpRuleItem *self);
/* As it was parsed; where it could not be read, an empty one. */
const struct sp_rule *sp_rule_item_rule(SpRuleItem *self);
gboolean sp_rule_item_readable(SpRuleItem *self);	/* FALSE: this program is older than the rule */
const char *sp_rule_item_text(SpRuleItem *self);
const char *sp_rule_item_sentence(SpRuleItem *self);
const char *sp_rule_item_note(SpRuleItem *self);	/* may be "" */
guint32 sp_rule_item_owner(SpRuleItem *self);
gint64 sp_rule_item_created(SpRuleItem *self);		/* µs */
gboolean sp_rule_item_enabled(SpRuleItem *self);
gboolean sp_rule_item_confirmed(SpRuleItem *self);
gboolean sp_rule_item_in_file(SpRuleItem *self);	/* an administrator's: not to be changed here */
/* What names the program: a path, a package, an application, a unit; "": any program. */
const char *sp_rule_item_program(SpRuleItem *self);
/* @needle: case-folded. In the sentence, the text or the note. */
gboolean sp_rule_item_contains(SpRuleItem *self, const char *needle);
/* "Yours · for everybody on this machine · until 14:00 · note": what is true of it. */
char *sp_rule_item_subtitle(SpRuleItem *self);
