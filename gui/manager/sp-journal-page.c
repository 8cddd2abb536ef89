/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-journal-page.h. */
#include "sp-journal-page.h"

#include "follow.h"
#include "sp-journal-row.h"
#include "sp-lines.h"

struct _SpJournalPage {
	AdwBin parent;
	SpChanges *changes;
	SpPage *page;
	SpLines *list;
};

G_DEFINE_FINAL_TYPE(SpJournalPage, sp_journal_page, ADW_TYPE_BIN)

static GtkWidget *make_row(gpointer data)
{
	return sp_journal_row_new(SP_JOURNAL_PAGE(data)->changes);
}

static void fill_row(GtkWidget *row, gpointer item)
{
	sp_journal_row_set(SP_JOURNAL_ROW(row), item);
}

static void sp_journal_page_dispose(GObject *object)
{
	SpJournalPage *self = SP_JOURNAL_PAGE(object);

	sp_lines_end(&self->list);
	g_clear_object(&self->changes);
	G_OBJECT_CLASS(sp_journal_page_parent_class)->dispose(object);
}

static void sp_journal_page_class_init(SpJournalPageClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_journal_page_dispose;
	g_type_ensure(SP_TYPE_PAGE);
	g_type_ensure(SP_TYPE_LINES);
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-journal-page.ui");
	gtk_widget_class_bind_template_child(widget, SpJournalPage, page);
	gtk_widget_class_bind_template_child(widget, SpJournalPage, list);
}

static void sp_journal_page_init(SpJournalPage *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_journal_page_new(SpJournal *journal, SpChanges *changes)
{
	SpJournalPage *self = g_object_new(SP_TYPE_JOURNAL_PAGE, NULL);

	self->changes = g_object_ref(changes);
	sp_lines_make(self->list, make_row, fill_row, self);
	sp_lines_show(self->list, G_LIST_MODEL(journal));
	sp_follow(self->page, sp_journal_query(journal), G_LIST_MODEL(journal));
	return GTK_WIDGET(self);
}
