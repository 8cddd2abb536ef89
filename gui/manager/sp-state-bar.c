/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-state-bar.h. */
#include "sp-state-bar.h"

struct _SpStateBar {
	AdwBin parent;
	SpStatus *status;
	GtkRevealer *revealer;
	GtkWidget *bar;
	GtkLabel *title;
};

G_DEFINE_FINAL_TYPE(SpStateBar, sp_state_bar, ADW_TYPE_BIN)

static void show(SpStateBar *self)
{
	enum sp_health health = sp_status_health(self->status);

	if (health == SP_HEALTH_NOTE || health == SP_HEALTH_BAD)
		gtk_label_set_text(self->title, sp_status_title(self->status));
	if (health == SP_HEALTH_BAD)
		gtk_widget_add_css_class(self->bar, "bad");
	else
		gtk_widget_remove_css_class(self->bar, "bad");
	gtk_revealer_set_reveal_child(self->revealer,
				      health == SP_HEALTH_NOTE || health == SP_HEALTH_BAD);
}

static void sp_state_bar_dispose(GObject *object)
{
	g_clear_object(&SP_STATE_BAR(object)->status);
	G_OBJECT_CLASS(sp_state_bar_parent_class)->dispose(object);
}

static void sp_state_bar_class_init(SpStateBarClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_state_bar_dispose;
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-state-bar.ui");
	gtk_widget_class_bind_template_child(widget, SpStateBar, revealer);
	gtk_widget_class_bind_template_child(widget, SpStateBar, bar);
	gtk_widget_class_bind_template_child(widget, SpStateBar, title);
}

static void sp_state_bar_init(SpStateBar *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_state_bar_new(void)
{
	return g_object_new(SP_TYPE_STATE_BAR, NULL);
}

void sp_state_bar_set(SpStateBar *self, SpStatus *status)
{
	self->status = g_object_ref(status);
	g_signal_connect_object(status, "changed", G_CALLBACK(show), self, G_CONNECT_SWAPPED);
	show(self);
}
