/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-program-row.h. */
#include "sp-program-row.h"

#include <glib/gi18n-lib.h>

#include "format.h"
#include "icon.h"

struct _SpProgramRow {
	GtkBox parent;
	GtkImage *icon;
	GtkLabel *name, *path, *detail;
};

G_DEFINE_FINAL_TYPE(SpProgramRow, sp_program_row, GTK_TYPE_BOX)

static void sp_program_row_class_init(SpProgramRowClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-program-row.ui");
	gtk_widget_class_bind_template_child(widget, SpProgramRow, icon);
	gtk_widget_class_bind_template_child(widget, SpProgramRow, name);
	gtk_widget_class_bind_template_child(widget, SpProgramRow, path);
	gtk_widget_class_bind_template_child(widget, SpProgramRow, detail);
}

static void sp_program_row_init(SpProgramRow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_program_row_new(void)
{
	return g_object_new(SP_TYPE_PROGRAM_ROW, NULL);
}

static GIcon *icon_of(const char *program)
{
	return *program == '/' ? sp_icon_of(program) :
	       g_themed_icon_new(*program ? "application-x-executable" : "network-workgroup");
}

void sp_program_row_set(SpProgramRow *self, const char *program, const char *detail)
{
	g_autoptr(GIcon) icon = icon_of(program);

	gtk_image_set_from_gicon(self->icon, icon);
	gtk_label_set_text(self->name, *program ? sp_format_program(program) : _("Any program"));
	gtk_label_set_text(self->path, program);
	gtk_widget_set_visible(GTK_WIDGET(self->path), *program == '/');
	gtk_label_set_text(self->detail, detail);
}
