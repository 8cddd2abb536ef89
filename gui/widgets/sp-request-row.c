/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-request-row.h. */
#include "sp-request-row.h"

#include "facts.h"

struct _SpRequestRow {
	GtkListBoxRow parent;
	GtkCheckButton *check;
	GtkLabel *host, *service;
	SpRequest *ask;
};

G_DEFINE_FINAL_TYPE(SpRequestRow, sp_request_row, GTK_TYPE_LIST_BOX_ROW)

static void sp_request_row_dispose(GObject *object)
{
	g_clear_object(&SP_REQUEST_ROW(object)->ask);
	G_OBJECT_CLASS(sp_request_row_parent_class)->dispose(object);
}

static void sp_request_row_class_init(SpRequestRowClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_request_row_dispose;
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-request-row.ui");
	gtk_widget_class_bind_template_child(widget, SpRequestRow, check);
	gtk_widget_class_bind_template_child(widget, SpRequestRow, host);
	gtk_widget_class_bind_template_child(widget, SpRequestRow, service);
}

static void sp_request_row_init(SpRequestRow *self)
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

static void show(SpRequest *ask, SpRequestRow *self)
{
	const struct sp_question *question = sp_request_question(ask);
	const char *host = sp_question_far_end(question);
	g_autofree char *service = sp_facts_service(question);

	gtk_label_set_text(self->host, host);
	gtk_label_set_text(self->service, service ? service : "");
	set_name(GTK_ACCESSIBLE(self), host, service);
	set_name(GTK_ACCESSIBLE(self->check), host, service);
}

GtkWidget *sp_request_row_new(SpRequest *ask, gboolean checkable)
{
	SpRequestRow *self = g_object_new(SP_TYPE_REQUEST_ROW, "activatable", !checkable, NULL);

	self->ask = g_object_ref(ask);
	show(ask, self);
	g_signal_connect_object(ask, "renewed", G_CALLBACK(show), self, 0);
	gtk_widget_set_visible(GTK_WIDGET(self->check), checkable);
	g_object_bind_property(ask, "chosen", self->check, "active",
			       G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
	return GTK_WIDGET(self);
}

SpRequest *sp_request_row_request(SpRequestRow *self)
{
	return self->ask;
}
