/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See sp-rule-cell.h. A list makes two hundred of them at once: each kind of line is made
 * when it is first needed, and kept, since one that scrolls needs them in turns.
 */
#include "sp-rule-cell.h"

#include <glib/gi18n-lib.h>

#include "rule-groups.h"
#include "sp-lines.h"
#include "sp-program-row.h"
#include "sp-rule-row.h"

struct _SpRuleCell {
	GtkWidget parent;
	SpChanges *changes;
	SpPicks *picks;
	GtkCheckButton *pick;
	GtkTreeExpander *expander;
	GtkWidget *program, *rule;
	gulong handler;		/* of the picks, while there is an item */
	GObject *item;		/* SpRuleGroup, SpRuleItem; NULL */
	gboolean filling;
};

G_DEFINE_FINAL_TYPE(SpRuleCell, sp_rule_cell, GTK_TYPE_WIDGET)

static void on_pick(SpRuleCell *self)
{
	gboolean picked = gtk_check_button_get_active(self->pick);

	if (self->filling)
		return;
	if (SP_IS_RULE_GROUP(self->item))
		sp_picks_set(self->picks, G_LIST_MODEL(self->item), picked);
	else
		sp_picks_set_one(self->picks, SP_RULE_ITEM(self->item), picked);
}

static void count(SpRuleCell *self, guint *can, guint *are)
{
	if (SP_IS_RULE_GROUP(self->item)) {
		sp_picks_count(self->picks, G_LIST_MODEL(self->item), can, are);
		return;
	}
	*can = sp_picks_can(self->picks, SP_RULE_ITEM(self->item));
	*are = sp_picks_has(self->picks, SP_RULE_ITEM(self->item));
}

static void show_pick(SpRuleCell *self)
{
	guint can, are;

	gtk_widget_set_visible(GTK_WIDGET(self->pick), sp_picks_on(self->picks));
	if (!sp_picks_on(self->picks))
		return;
	count(self, &can, &are);
	self->filling = TRUE;
	gtk_check_button_set_active(self->pick, are > 0 && are == can);
	gtk_check_button_set_inconsistent(self->pick, are > 0 && are < can);
	self->filling = FALSE;
	gtk_widget_set_sensitive(GTK_WIDGET(self->pick), can > 0);
}

static void let_go(SpRuleCell *self)
{
	g_clear_signal_handler(&self->handler, self->picks);
	g_clear_object(&self->item);
}

static void sp_rule_cell_dispose(GObject *object)
{
	SpRuleCell *self = SP_RULE_CELL(object);

	if (self->picks)
		let_go(self);
	g_clear_object(&self->picks);
	g_clear_object(&self->changes);
	g_clear_pointer((GtkWidget **)&self->pick, gtk_widget_unparent);
	g_clear_pointer((GtkWidget **)&self->expander, gtk_widget_unparent);
	g_clear_object(&self->program);
	g_clear_object(&self->rule);
	G_OBJECT_CLASS(sp_rule_cell_parent_class)->dispose(object);
}

static void sp_rule_cell_class_init(SpRuleCellClass *class)
{
	G_OBJECT_CLASS(class)->dispose = sp_rule_cell_dispose;
	gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BOX_LAYOUT);
}

static void sp_rule_cell_init(SpRuleCell *self)
{
	self->pick = GTK_CHECK_BUTTON(gtk_check_button_new());
	gtk_widget_set_valign(GTK_WIDGET(self->pick), GTK_ALIGN_CENTER);
	gtk_widget_set_parent(GTK_WIDGET(self->pick), GTK_WIDGET(self));
	g_signal_connect_swapped(self->pick, "toggled", G_CALLBACK(on_pick), self);
	self->expander = GTK_TREE_EXPANDER(gtk_tree_expander_new());
	gtk_widget_set_hexpand(GTK_WIDGET(self->expander), TRUE);
	gtk_widget_set_parent(GTK_WIDGET(self->expander), GTK_WIDGET(self));
}

GtkWidget *sp_rule_cell_new(SpChanges *changes, SpPicks *picks)
{
	SpRuleCell *self = g_object_new(SP_TYPE_RULE_CELL, NULL);

	self->changes = g_object_ref(changes);
	self->picks = g_object_ref(picks);
	return GTK_WIDGET(self);
}

static const char *show_group(SpRuleCell *self, SpRuleGroup *group)
{
	guint count = g_list_model_get_n_items(G_LIST_MODEL(group));
	g_autofree char *detail = g_strdup_printf(ngettext("%u rule", "%u rules", count), count);

	if (!self->program)
		self->program = g_object_ref_sink(sp_program_row_new());
	sp_program_row_set(SP_PROGRAM_ROW(self->program), sp_rule_group_program(group), detail);
	gtk_tree_expander_set_child(self->expander, self->program);
	return sp_rule_group_program(group);
}

static const char *show_rule(SpRuleCell *self, SpRuleItem *item)
{
	if (!self->rule) {
		self->rule = g_object_ref_sink(sp_rule_row_new(self->changes));
		gtk_widget_set_hexpand(self->rule, TRUE);
	}
	sp_rule_row_set(SP_RULE_ROW(self->rule), item);
	gtk_tree_expander_set_child(self->expander, self->rule);
	return sp_rule_item_sentence(item);
}

static void name_pick(SpRuleCell *self, const char *of)
{
	/* TRANSLATORS: name of a check mark; %s is a rule as a sentence, or a program */
	g_autofree char *name = g_strdup_printf(_("Pick: %s"), *of ? of : _("Any program"));

	gtk_accessible_update_property(GTK_ACCESSIBLE(self->pick), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       name, -1);
}

void sp_rule_cell_set(SpRuleCell *self, gpointer item)
{
	let_go(self);
	gtk_tree_expander_set_list_row(self->expander, GTK_IS_TREE_LIST_ROW(item) ? item : NULL);
	if (!item && self->rule)
		sp_rule_row_set(SP_RULE_ROW(self->rule), NULL);
	if (!item)
		return;
	self->item = sp_lines_item(item);
	self->handler = g_signal_connect_swapped(self->picks, "changed", G_CALLBACK(show_pick), self);
	name_pick(self, SP_IS_RULE_GROUP(self->item) ?
		  show_group(self, SP_RULE_GROUP(self->item)) :
		  show_rule(self, SP_RULE_ITEM(self->item)));
	show_pick(self);
}
