/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-lifetime-row.h. */
#include "sp-lifetime-row.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "words.h"

struct _SpLifetimeRow {
	GtkBox parent;
	GtkDropDown *choice;
	GStrv lifetimes;
};

G_DEFINE_FINAL_TYPE(SpLifetimeRow, sp_lifetime_row, GTK_TYPE_BOX)

static guint changed;

/* In GTK 4.8 what has the focus in a drop-down is a button without a name. */
static void name_button(SpLifetimeRow *self)
{
	GtkStringObject *item = gtk_drop_down_get_selected_item(self->choice);
	GtkWidget *button = gtk_widget_get_first_child(GTK_WIDGET(self->choice));
	g_autofree char *name = item ? g_strdup_printf("%s: %s", _("For how long"),
						       gtk_string_object_get_string(item)) : NULL;

	if (button && name)
		gtk_accessible_update_property(GTK_ACCESSIBLE(button),
					       GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void on_selected(SpLifetimeRow *self)
{
	name_button(self);
	if (self->lifetimes)
		g_signal_emit(self, changed, 0);
}

static void sp_lifetime_row_finalize(GObject *object)
{
	g_strfreev(SP_LIFETIME_ROW(object)->lifetimes);
	G_OBJECT_CLASS(sp_lifetime_row_parent_class)->finalize(object);
}

static void sp_lifetime_row_class_init(SpLifetimeRowClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->finalize = sp_lifetime_row_finalize;
	gtk_widget_class_set_template_from_resource(widget,
		"/org/sallyport/ui/sp-lifetime-row.ui");
	gtk_widget_class_bind_template_child(widget, SpLifetimeRow, choice);
	gtk_widget_class_bind_template_callback(widget, on_selected);
	changed = g_signal_new("changed", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0,
			       NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void sp_lifetime_row_init(SpLifetimeRow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_lifetime_row_new(void)
{
	return g_object_new(SP_TYPE_LIFETIME_ROW, NULL);
}

void sp_lifetime_row_set(SpLifetimeRow *self, const struct sp_question *question)
{
	g_autoptr(GtkStringList) words = gtk_string_list_new(NULL);
	guint selected = 0;

	g_clear_pointer(&self->lifetimes, g_strfreev);
	for (guint i = 0; question->lifetimes[i]; i++) {
		g_autofree char *word = sp_words_lifetime(question->lifetimes[i]);

		gtk_string_list_append(words, word);
		if (strcmp(question->lifetimes[i], question->lifetime_default) == 0)
			selected = i;
	}
	gtk_drop_down_set_model(self->choice, G_LIST_MODEL(words));
	gtk_drop_down_set_selected(self->choice, selected);
	self->lifetimes = g_strdupv(question->lifetimes);
	gtk_widget_set_sensitive(GTK_WIDGET(self->choice), question->lifetimes[1] != NULL);
	g_signal_emit(self, changed, 0);
}

void sp_lifetime_row_choose(SpLifetimeRow *self, const char *lifetime)
{
	for (guint i = 0; self->lifetimes && self->lifetimes[i]; i++)
		if (strcmp(self->lifetimes[i], lifetime) == 0)
			gtk_drop_down_set_selected(self->choice, i);
}

const char *sp_lifetime_row_get(SpLifetimeRow *self)
{
	guint selected = gtk_drop_down_get_selected(self->choice);

	if (!self->lifetimes || selected >= g_strv_length(self->lifetimes))
		return "once";
	return self->lifetimes[selected];
}
