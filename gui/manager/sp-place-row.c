/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-place-row.h. */
#include "sp-place-row.h"

#include <glib/gi18n-lib.h>

#include "sp-wrap.h"

struct _SpPlaceRow {
	AdwBin parent;
	GtkImage *icon;
	GtkLabel *title, *detail;
	GtkWidget *allow, *deny;
	GtkBox *controls;
	const char *action;	/* of the buttons */
};

G_DEFINE_FINAL_TYPE(SpPlaceRow, sp_place_row, ADW_TYPE_BIN)

static void sp_place_row_class_init(SpPlaceRowClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	g_type_ensure(SP_TYPE_WRAP);
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-place-row.ui");
	gtk_widget_class_bind_template_child(widget, SpPlaceRow, icon);
	gtk_widget_class_bind_template_child(widget, SpPlaceRow, title);
	gtk_widget_class_bind_template_child(widget, SpPlaceRow, detail);
	gtk_widget_class_bind_template_child(widget, SpPlaceRow, controls);
	gtk_widget_class_bind_template_child(widget, SpPlaceRow, allow);
	gtk_widget_class_bind_template_child(widget, SpPlaceRow, deny);
}

static void sp_place_row_init(SpPlaceRow *self)
{
	self->action = "win.write";
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_place_row_new(void)
{
	return g_object_new(SP_TYPE_PLACE_ROW, NULL);
}

static void set_name(GtkWidget *button, const char *name)
{
	gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       name, -1);
}

void sp_place_row_set(SpPlaceRow *self, GIcon *icon, const char *title, const char *detail)
{
	/* TRANSLATORS: names of buttons; %s is what a program did */
	g_autofree char *allow = g_strdup_printf(_("Allow: %s"), title);
	g_autofree char *deny = g_strdup_printf(_("Deny: %s"), title);

	if (icon)
		gtk_image_set_from_gicon(self->icon, icon);
	gtk_widget_set_visible(GTK_WIDGET(self->icon), icon != NULL);
	gtk_label_set_text(self->title, title);
	sp_place_row_set_detail(self, detail);
	set_name(self->allow, allow);
	set_name(self->deny, deny);
}

static void offer(SpPlaceRow *self, GtkWidget *button, struct sp_draft *draft)
{
	g_autofree char *text = draft ? sp_draft_text(draft) : NULL;

	if (text) {
		gtk_actionable_set_action_target(GTK_ACTIONABLE(button), "s", text);
		gtk_actionable_set_action_name(GTK_ACTIONABLE(button), self->action);
	}
	gtk_widget_set_visible(button, text != NULL);
	sp_draft_free(draft);
}

void sp_place_row_offer(SpPlaceRow *self, struct sp_draft *allow, struct sp_draft *deny)
{
	offer(self, self->allow, allow);
	offer(self, self->deny, deny);
}

void sp_place_row_set_detail(SpPlaceRow *self, const char *detail)
{
	gtk_label_set_text(self->detail, detail);
	gtk_widget_set_visible(GTK_WIDGET(self->detail), *detail != '\0');
}

void sp_place_row_add_first(SpPlaceRow *self, GtkWidget *widget)
{
	gtk_box_prepend(self->controls, widget);
}

void sp_place_row_add_last(SpPlaceRow *self, GtkWidget *widget)
{
	gtk_box_append(self->controls, widget);
}

void sp_place_row_act(SpPlaceRow *self, const char *action)
{
	self->action = action;
	gtk_widget_set_tooltip_text(self->allow, _("Allow This"));
	gtk_widget_set_tooltip_text(self->deny, _("Deny This"));
}
