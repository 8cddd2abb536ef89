/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-check-list.h. */
#include "sp-check-list.h"

#include <glib/gi18n-lib.h>

#include "mend.h"

struct _SpCheckList {
	AdwBin parent;
	AdwPreferencesGroup *group;
	GPtrArray *rows;	/* of the group, borrowed */
	SpChanges *changes;
};

G_DEFINE_FINAL_TYPE(SpCheckList, sp_check_list, ADW_TYPE_BIN)

static void sp_check_list_finalize(GObject *object)
{
	g_ptr_array_unref(SP_CHECK_LIST(object)->rows);
	g_clear_object(&SP_CHECK_LIST(object)->changes);
	G_OBJECT_CLASS(sp_check_list_parent_class)->finalize(object);
}

static void sp_check_list_class_init(SpCheckListClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->finalize = sp_check_list_finalize;
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-check-list.ui");
	gtk_widget_class_bind_template_child(widget, SpCheckList, group);
}

static void sp_check_list_init(SpCheckList *self)
{
	self->rows = g_ptr_array_new();
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_check_list_new(void)
{
	return g_object_new(SP_TYPE_CHECK_LIST, NULL);
}

static void on_copy(GtkButton *button, const char *command)
{
	gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(button)), command);
}

static void add_copy(AdwActionRow *row, const char *command)
{
	GtkWidget *button = gtk_button_new_from_icon_name("edit-copy-symbolic");
	/* TRANSLATORS: name of a button; %s is a command line */
	g_autofree char *name = g_strdup_printf(_("Copy “%s”"), command);

	gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
	gtk_widget_add_css_class(button, "flat");
	gtk_widget_set_tooltip_text(button, name);
	gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       name, -1);
	g_signal_connect_data(button, "clicked", G_CALLBACK(on_copy), g_strdup(command),
			      (GClosureNotify)(void (*)(void))g_free, 0);
	adw_action_row_add_suffix(row, button);
}

static void on_mend(GtkButton *button, SpCheckList *self)
{
	sp_mend(GPOINTER_TO_INT(g_object_get_data(G_OBJECT(button), "mend")), self->changes);
}

static void add_mend(SpCheckList *self, AdwActionRow *row, const struct sp_finding *finding,
		     enum sp_mend mend)
{
	GtkWidget *button = gtk_button_new_with_label(sp_mend_label(mend));
	/* TRANSLATORS: name of a button: what it does, about what */
	g_autofree char *name = g_strdup_printf(_("%s: %s"), sp_mend_label(mend), finding->what);

	gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
	gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       name, -1);
	g_object_set_data(G_OBJECT(button), "mend", GINT_TO_POINTER(mend));
	g_signal_connect_object(button, "clicked", G_CALLBACK(on_mend), self, 0);
	adw_action_row_add_suffix(row, button);
}

static GtkWidget *icon_of(enum sp_finding_level level)
{
	static const struct {
		const char *icon, *class, *name;
	} looks[] = {
		[SP_FINDING_GOOD] = { "emblem-ok-symbolic", "success", N_("In order") },
		[SP_FINDING_NOTE] = { "dialog-information-symbolic", "warning", N_("To be noted") },
		[SP_FINDING_BAD] = { "dialog-warning-symbolic", "error", N_("Not in order") },
	};
	GtkWidget *image = gtk_image_new_from_icon_name(looks[level].icon);

	gtk_widget_add_css_class(image, looks[level].class);
	gtk_accessible_update_property(GTK_ACCESSIBLE(image), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       _(looks[level].name), -1);
	return image;
}

static void add_row(SpCheckList *self, const struct sp_finding *finding, GVariant *status)
{
	GtkWidget *row = adw_action_row_new();
	enum sp_mend mend = sp_mend_for(finding, status);

	adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
	adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), finding->what);
	adw_action_row_set_subtitle(ADW_ACTION_ROW(row), finding->advice ? finding->advice : "");
	adw_action_row_add_prefix(ADW_ACTION_ROW(row), icon_of(finding->level));
	if (mend != SP_MEND_NOTHING)
		add_mend(self, ADW_ACTION_ROW(row), finding, mend);
	if (finding->command)
		add_copy(ADW_ACTION_ROW(row), finding->command);
	adw_preferences_group_add(self->group, row);
	g_ptr_array_add(self->rows, row);
}

void sp_check_list_set(SpCheckList *self, SpChanges *changes)
{
	self->changes = g_object_ref(changes);
}

void sp_check_list_examine(SpCheckList *self, GVariant *status, const char *problem)
{
	g_autoptr(GPtrArray) findings = sp_doctor_examine("", status, problem);

	for (guint i = 0; i < self->rows->len; i++)
		adw_preferences_group_remove(self->group, self->rows->pdata[i]);
	g_ptr_array_set_size(self->rows, 0);
	for (guint i = 0; i < findings->len; i++)
		add_row(self, findings->pdata[i], status);
}
