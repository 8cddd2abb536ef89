/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-journal-page.h. */
#include "sp-journal-page.h"

#include "follow.h"
#include "sp-journal-row.h"

struct _SpJournalPage {
	AdwBin parent;
	SpChanges *changes;
	SpPage *page;
	GtkListView *list;
};

G_DEFINE_FINAL_TYPE(SpJournalPage, sp_journal_page, ADW_TYPE_BIN)

static void on_setup(GtkListItemFactory *factory, GtkListItem *line, SpJournalPage *self)
{
	gtk_list_item_set_activatable(line, FALSE);
	gtk_list_item_set_child(line, sp_journal_row_new(self->changes));
}

static void on_bind(GtkListItemFactory *factory, GtkListItem *line, SpJournalPage *self)
{
	sp_journal_row_set(SP_JOURNAL_ROW(gtk_list_item_get_child(line)),
			   gtk_list_item_get_item(line));
}

static void on_unbind(GtkListItemFactory *factory, GtkListItem *line, SpJournalPage *self)
{
	sp_journal_row_set(SP_JOURNAL_ROW(gtk_list_item_get_child(line)), NULL);
}

static void sp_journal_page_dispose(GObject *object)
{
	SpJournalPage *self = SP_JOURNAL_PAGE(object);

	if (self->list)
		gtk_list_view_set_model(self->list, NULL);
	self->list = NULL;
	g_clear_object(&self->changes);
	G_OBJECT_CLASS(sp_journal_page_parent_class)->dispose(object);
}

static void sp_journal_page_class_init(SpJournalPageClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_journal_page_dispose;
	g_type_ensure(SP_TYPE_PAGE);
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
	g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new();
	GtkNoSelection *selection = gtk_no_selection_new(G_LIST_MODEL(g_object_ref(journal)));

	self->changes = g_object_ref(changes);
	g_signal_connect_object(factory, "setup", G_CALLBACK(on_setup), self, 0);
	g_signal_connect_object(factory, "bind", G_CALLBACK(on_bind), self, 0);
	g_signal_connect_object(factory, "unbind", G_CALLBACK(on_unbind), self, 0);
	gtk_list_view_set_factory(self->list, factory);
	gtk_list_view_set_model(self->list, GTK_SELECTION_MODEL(selection));
	g_object_unref(selection);
	sp_follow(self->page, sp_journal_query(journal), G_LIST_MODEL(journal));
	return GTK_WIDGET(self);
}
