/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-rule-cell.h. Both kinds of lines are kept: a list that scrolls needs them in turns. */
#include "sp-rule-cell.h"

#include <glib/gi18n-lib.h>

#include "rule-groups.h"
#include "sp-program-row.h"
#include "sp-rule-row.h"

struct _SpRuleCell {
	GtkWidget parent;
	GtkTreeExpander *expander;
	GtkWidget *program, *rule;
};

G_DEFINE_FINAL_TYPE(SpRuleCell, sp_rule_cell, GTK_TYPE_WIDGET)

static void sp_rule_cell_dispose(GObject *object)
{
	SpRuleCell *self = SP_RULE_CELL(object);

	g_clear_pointer((GtkWidget **)&self->expander, gtk_widget_unparent);
	g_clear_object(&self->program);
	g_clear_object(&self->rule);
	G_OBJECT_CLASS(sp_rule_cell_parent_class)->dispose(object);
}

static void sp_rule_cell_class_init(SpRuleCellClass *class)
{
	G_OBJECT_CLASS(class)->dispose = sp_rule_cell_dispose;
	gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
}

static void sp_rule_cell_init(SpRuleCell *self)
{
	self->expander = GTK_TREE_EXPANDER(gtk_tree_expander_new());
	gtk_widget_set_parent(GTK_WIDGET(self->expander), GTK_WIDGET(self));
}

GtkWidget *sp_rule_cell_new(SpChanges *changes)
{
	SpRuleCell *self = g_object_new(SP_TYPE_RULE_CELL, NULL);

	self->program = g_object_ref_sink(sp_program_row_new());
	self->rule = g_object_ref_sink(sp_rule_row_new(changes));
	gtk_widget_set_hexpand(self->rule, TRUE);
	return GTK_WIDGET(self);
}

static void show_group(SpRuleCell *self, SpRuleGroup *group)
{
	guint count = g_list_model_get_n_items(G_LIST_MODEL(group));
	g_autofree char *detail = g_strdup_printf(ngettext("%u rule", "%u rules", count), count);

	sp_program_row_set(SP_PROGRAM_ROW(self->program), sp_rule_group_program(group), detail);
	gtk_tree_expander_set_child(self->expander, self->program);
}

void sp_rule_cell_set(SpRuleCell *self, gpointer item)
{
	GtkTreeListRow *row = GTK_IS_TREE_LIST_ROW(item) ? item : NULL;
	g_autoptr(GObject) inner = row ? gtk_tree_list_row_get_item(row) :
				   item ? g_object_ref(item) : NULL;

	gtk_tree_expander_set_list_row(self->expander, row);
	if (SP_IS_RULE_GROUP(inner)) {
		show_group(self, SP_RULE_GROUP(inner));
	} else {
		sp_rule_row_set(SP_RULE_ROW(self->rule), inner ? SP_RULE_ITEM(inner) : NULL);
		gtk_tree_expander_set_child(self->expander, self->rule);
	}
}
