/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-ask-row.h. */
#include "sp-ask-row.h"

#include "facts.h"

struct _SpAskRow {
	GtkListBoxRow parent;
	GtkCheckButton *check;
	GtkLabel *host, *service;
	SpAsk *ask;
};

G_DEFINE_FINAL_TYPE(SpAskRow, sp_ask_row, GTK_TYPE_LIST_BOX_ROW)

static void sp_ask_row_dispose(GObject *object)
{
	g_clear_object(&SP_ASK_ROW(object)->ask);
	G_OBJECT_CLASS(sp_ask_row_parent_class)->dispose(object);
}

static void sp_ask_row_class_init(SpAskRowClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_ask_row_dispose;
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-ask-row.ui");
	gtk_widget_class_bind_template_child(widget, SpAskRow, check);
	gtk_widget_class_bind_template_child(widget, SpAskRow, host);
	gtk_widget_class_bind_template_child(widget, SpAskRow, service);
}

static void sp_ask_row_init(SpAskRow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

/* The row's name for a screen reader is all that it shows. */
static void set_name(GtkAccessible *accessible, const char *host, const char *service)
{
	g_autofree char *name = service ? g_strdup_printf("%s, %s", host, service) :
					  g_strdup(host);

	gtk_accessible_update_property(accessible, GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

GtkWidget *sp_ask_row_new(SpAsk *ask, gboolean checkable)
{
	SpAskRow *self = g_object_new(SP_TYPE_ASK_ROW, "activatable", !checkable, NULL);
	const struct sp_question *question = sp_ask_question(ask);
	const char *host = *question->host ? question->host : question->remote;
	g_autofree char *service = sp_facts_service(question);

	self->ask = g_object_ref(ask);
	gtk_label_set_text(self->host, host);
	gtk_label_set_text(self->service, service ? service : "");
	gtk_widget_set_visible(GTK_WIDGET(self->check), checkable);
	set_name(GTK_ACCESSIBLE(self), host, service);
	set_name(GTK_ACCESSIBLE(self->check), host, service);
	g_object_bind_property(ask, "chosen", self->check, "active",
			       G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
	return GTK_WIDGET(self);
}

SpAsk *sp_ask_row_ask(SpAskRow *self)
{
	return self->ask;
}
