/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-mode-chooser.h. The buttons show what is in force, and go back if it stays so. */
#include "sp-mode-chooser.h"

#include <string.h>

struct _SpModeChooser {
	AdwBin parent;
	SpStatus *status;
	SpChanges *changes;
	GtkCheckButton *normal, *learn, *lockdown, *off;
	AdwComboRow *span;
	gboolean filling;
};

G_DEFINE_FINAL_TYPE(SpModeChooser, sp_mode_chooser, ADW_TYPE_BIN)

static void show(SpModeChooser *self)
{
	const char *mode = sp_status_mode(self->status);

	self->filling = TRUE;
	gtk_check_button_set_active(self->normal, strcmp(mode, "normal") == 0);
	gtk_check_button_set_active(self->learn, strcmp(mode, "learn") == 0);
	gtk_check_button_set_active(self->lockdown, strcmp(mode, "lockdown") == 0);
	gtk_check_button_set_active(self->off, strcmp(mode, "off") == 0);
	self->filling = FALSE;
	gtk_widget_set_sensitive(GTK_WIDGET(self), *mode != '\0');
}

static void on_set(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(SpModeChooser) self = data;

	if (self->status)
		show(self);
}

/* As the template lists them; seconds. */
static guint span_of(SpModeChooser *self)
{
	static const guint spans[] = { 15 * 60, 3600, 8 * 3600, 0 };
	guint selected = adw_combo_row_get_selected(self->span);

	return selected < G_N_ELEMENTS(spans) ? spans[selected] : 0;
}

static const char *mode_of(SpModeChooser *self, GtkCheckButton *button)
{
	if (button == self->normal)
		return "normal";
	if (button == self->learn)
		return "learn";
	return button == self->lockdown ? "lockdown" : "off";
}

static void on_chosen(SpModeChooser *self, GtkCheckButton *button)
{
	gboolean pauses = button == self->lockdown || button == self->off;

	if (self->filling || !gtk_check_button_get_active(button))
		return;
	gtk_widget_set_sensitive(GTK_WIDGET(self), FALSE);
	sp_changes_mode(self->changes, mode_of(self, button), pauses ? span_of(self) : 0, on_set,
			g_object_ref(self));
}

static void sp_mode_chooser_dispose(GObject *object)
{
	SpModeChooser *self = SP_MODE_CHOOSER(object);

	g_clear_object(&self->status);
	g_clear_object(&self->changes);
	G_OBJECT_CLASS(sp_mode_chooser_parent_class)->dispose(object);
}

static void sp_mode_chooser_class_init(SpModeChooserClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_mode_chooser_dispose;
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-mode-chooser.ui");
	gtk_widget_class_bind_template_child(widget, SpModeChooser, normal);
	gtk_widget_class_bind_template_child(widget, SpModeChooser, learn);
	gtk_widget_class_bind_template_child(widget, SpModeChooser, lockdown);
	gtk_widget_class_bind_template_child(widget, SpModeChooser, off);
	gtk_widget_class_bind_template_child(widget, SpModeChooser, span);
	gtk_widget_class_bind_template_callback(widget, on_chosen);
}

static void sp_mode_chooser_init(SpModeChooser *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_mode_chooser_new(void)
{
	return g_object_new(SP_TYPE_MODE_CHOOSER, NULL);
}

void sp_mode_chooser_set(SpModeChooser *self, SpStatus *status, SpChanges *changes)
{
	self->status = g_object_ref(status);
	self->changes = g_object_ref(changes);
	g_signal_connect_object(status, "changed", G_CALLBACK(show), self, G_CONNECT_SWAPPED);
	show(self);
}
