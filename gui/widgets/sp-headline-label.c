/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-headline-label.h. Emphasis is by attributes: no text is read as markup. */
#include "sp-headline-label.h"

struct _SpHeadlineLabel {
	GtkWidget parent;
	GtkLabel *label;
};

G_DEFINE_FINAL_TYPE(SpHeadlineLabel, sp_headline_label, GTK_TYPE_WIDGET)

static void sp_headline_label_dispose(GObject *object)
{
	gtk_widget_dispose_template(GTK_WIDGET(object), SP_TYPE_HEADLINE_LABEL);
	G_OBJECT_CLASS(sp_headline_label_parent_class)->dispose(object);
}

static void sp_headline_label_class_init(SpHeadlineLabelClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_headline_label_dispose;
	gtk_widget_class_set_layout_manager_type(widget, GTK_TYPE_BIN_LAYOUT);
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-headline-label.ui");
	gtk_widget_class_bind_template_child(widget, SpHeadlineLabel, label);
}

static void sp_headline_label_init(SpHeadlineLabel *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_headline_label_new(void)
{
	return g_object_new(SP_TYPE_HEADLINE_LABEL, NULL);
}

void sp_headline_label_set(SpHeadlineLabel *self, const struct sp_headline *headline)
{
	g_autoptr(PangoAttrList) attributes = pango_attr_list_new();

	for (guint i = 0; i < headline->count; i++) {
		PangoAttribute *bold = pango_attr_weight_new(PANGO_WEIGHT_BOLD);

		bold->start_index = headline->spans[i].start;
		bold->end_index = headline->spans[i].end;
		pango_attr_list_insert(attributes, bold);
	}
	gtk_label_set_text(self->label, headline->text);
	gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       headline->text, -1);
	gtk_label_set_attributes(self->label, attributes);
}
