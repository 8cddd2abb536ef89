/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-review.h. */
#include "sp-review.h"

#include "sp-lines.h"
#include "sp-oddity-row.h"
#include "sp-page.h"

struct _SpReview {
	AdwWindow parent;
	SpChanges *changes;
	GListModel *findings;
	SpPage *page;
	SpLines *list;
};

G_DEFINE_FINAL_TYPE(SpReview, sp_review, ADW_TYPE_WINDOW)

static GtkWidget *make_row(gpointer data)
{
	return sp_oddity_row_new(SP_REVIEW(data)->changes);
}

static void fill_row(GtkWidget *row, gpointer item)
{
	sp_oddity_row_set(SP_ODDITY_ROW(row), item);
}

static void show(SpReview *self)
{
	gboolean any = g_list_model_get_n_items(self->findings) > 0;

	sp_page_show(self->page, any ? SP_PAGE_CONTENT : SP_PAGE_EMPTY, NULL);
}

static void sp_review_dispose(GObject *object)
{
	SpReview *self = SP_REVIEW(object);

	sp_lines_end(&self->list);
	g_clear_object(&self->changes);
	g_clear_object(&self->findings);
	G_OBJECT_CLASS(sp_review_parent_class)->dispose(object);
}

static void sp_review_class_init(SpReviewClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_review_dispose;
	g_type_ensure(SP_TYPE_PAGE);
	g_type_ensure(SP_TYPE_LINES);
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-review.ui");
	gtk_widget_class_bind_template_child(widget, SpReview, page);
	gtk_widget_class_bind_template_child(widget, SpReview, list);
	gtk_widget_class_add_binding_action(widget, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void sp_review_init(SpReview *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_review_new(SpFindings *findings, SpChanges *changes)
{
	SpReview *self = g_object_new(SP_TYPE_REVIEW, NULL);

	self->changes = g_object_ref(changes);
	self->findings = G_LIST_MODEL(g_object_ref(findings));
	sp_lines_make(self->list, make_row, fill_row, self);
	sp_lines_show(self->list, self->findings);
	g_signal_connect_object(findings, "items-changed", G_CALLBACK(show), self,
				G_CONNECT_SWAPPED);
	show(self);
	return GTK_WIDGET(self);
}
