/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-journal-row.h. */
#include "sp-journal-row.h"

#include <glib/gi18n-lib.h>

/* Rules of one change that are told of. */
#define LINES 5

struct _SpJournalRow {
	GtkBox parent;
	GtkLabel *text, *subtitle;
	GtkButton *turn;
	SpChanges *changes;
	SpJournalChange *change;
};

G_DEFINE_FINAL_TYPE(SpJournalRow, sp_journal_row, GTK_TYPE_BOX)

static void on_turn(SpJournalRow *self)
{
	sp_changes_undo(self->changes, sp_journal_change_undone(self->change),
			sp_journal_change_number(self->change));
}

static void sp_journal_row_dispose(GObject *object)
{
	SpJournalRow *self = SP_JOURNAL_ROW(object);

	g_clear_object(&self->change);
	g_clear_object(&self->changes);
	G_OBJECT_CLASS(sp_journal_row_parent_class)->dispose(object);
}

static void sp_journal_row_class_init(SpJournalRowClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_journal_row_dispose;
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-journal-row.ui");
	gtk_widget_class_bind_template_child(widget, SpJournalRow, text);
	gtk_widget_class_bind_template_child(widget, SpJournalRow, subtitle);
	gtk_widget_class_bind_template_child(widget, SpJournalRow, turn);
	gtk_widget_class_bind_template_callback(widget, on_turn);
}

static void sp_journal_row_init(SpJournalRow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_journal_row_new(SpChanges *changes)
{
	SpJournalRow *self = g_object_new(SP_TYPE_JOURNAL_ROW, NULL);

	self->changes = g_object_ref(changes);
	return GTK_WIDGET(self);
}

static void show(SpJournalRow *self)
{
	g_autofree char *text = sp_journal_change_text(self->change, LINES);
	g_autofree char *subtitle = sp_journal_change_subtitle(self->change);
	gboolean undone = sp_journal_change_undone(self->change);
	/* TRANSLATORS: names of a button; %s is what was done */
	g_autofree char *name = g_strdup_printf(undone ? _("Do again: %s") : _("Undo: %s"), text);

	gtk_label_set_text(self->text, text);
	gtk_label_set_text(self->subtitle, subtitle);
	gtk_button_set_label(self->turn, undone ? _("Redo") : _("Undo"));
	gtk_widget_set_visible(GTK_WIDGET(self->turn), sp_journal_change_is_plain(self->change));
	gtk_accessible_update_property(GTK_ACCESSIBLE(self->turn), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       name, -1);
	if (undone)
		gtk_widget_add_css_class(GTK_WIDGET(self->text), "dim-label");
	else
		gtk_widget_remove_css_class(GTK_WIDGET(self->text), "dim-label");
}

void sp_journal_row_set(SpJournalRow *self, SpJournalChange *change)
{
	if (g_set_object(&self->change, change) && change)
		show(self);
}
