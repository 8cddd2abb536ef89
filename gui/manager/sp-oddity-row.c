/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-oddity-row.h. */
#include "sp-oddity-row.h"

struct _SpOddityRow {
	GtkBox parent;
	GtkLabel *title, *text;
	GtkButton *mend;
	SpChanges *changes;
	SpOddity *oddity;
};

G_DEFINE_FINAL_TYPE(SpOddityRow, sp_oddity_row, GTK_TYPE_BOX)

static void remove_rules(SpOddityRow *self, SpOddity *oddity)
{
	gsize count;
	const guint64 *rules = sp_oddity_remove(oddity, &count);

	sp_changes_remove(self->changes, rules, count);
}

struct mending {
	SpOddityRow *row;
	SpOddity *oddity;
};

/* The new rule is in force: nothing is open between it and those that go. */
static void on_added(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autofree struct mending *mending = data;
	g_autoptr(GError) error = NULL;

	if (!mending->row->changes)
		;	/* the window is closed */
	else if (sp_changes_finish(SP_CHANGES(source), result, &error))
		remove_rules(mending->row, mending->oddity);
	else
		sp_changes_tell(SP_CHANGES(source), error);
	g_object_unref(mending->row);
	g_object_unref(mending->oddity);
}

static void on_mend(SpOddityRow *self)
{
	const char *add = sp_oddity_add(self->oddity);
	struct mending *mending;

	if (!add) {
		remove_rules(self, self->oddity);
		return;
	}
	mending = g_new0(struct mending, 1);
	mending->row = g_object_ref(self);
	mending->oddity = g_object_ref(self->oddity);
	sp_changes_save(self->changes, 0, add, sp_oddity_owner(self->oddity), NULL, on_added, mending);
}

static void sp_oddity_row_dispose(GObject *object)
{
	SpOddityRow *self = SP_ODDITY_ROW(object);

	g_clear_object(&self->oddity);
	g_clear_object(&self->changes);
	G_OBJECT_CLASS(sp_oddity_row_parent_class)->dispose(object);
}

static void sp_oddity_row_class_init(SpOddityRowClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_oddity_row_dispose;
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-oddity-row.ui");
	gtk_widget_class_bind_template_child(widget, SpOddityRow, title);
	gtk_widget_class_bind_template_child(widget, SpOddityRow, text);
	gtk_widget_class_bind_template_child(widget, SpOddityRow, mend);
	gtk_widget_class_bind_template_callback(widget, on_mend);
}

static void sp_oddity_row_init(SpOddityRow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_oddity_row_new(SpChanges *changes)
{
	SpOddityRow *self = g_object_new(SP_TYPE_ODDITY_ROW, NULL);

	self->changes = g_object_ref(changes);
	return GTK_WIDGET(self);
}

void sp_oddity_row_set(SpOddityRow *self, SpOddity *oddity)
{
	if (!g_set_object(&self->oddity, oddity) || !oddity)
		return;
	gtk_label_set_text(self->title, sp_oddity_title(oddity));
	gtk_label_set_text(self->text, sp_oddity_text(oddity));
	gtk_button_set_label(self->mend, sp_oddity_mend(oddity));
}
