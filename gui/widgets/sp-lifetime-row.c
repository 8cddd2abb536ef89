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

static gboolean all_offer(GListModel *asks, const char *lifetime)
{
	for (guint i = 0; i < g_list_model_get_n_items(asks); i++)
		if (!sp_question_has_lifetime(sp_request_question_at(asks, i), lifetime))
			return FALSE;
	return TRUE;
}

static GStrv common_lifetimes(GListModel *asks)
{
	const struct sp_question *first = sp_request_question_at(asks, 0);
	g_autoptr(GStrvBuilder) common = g_strv_builder_new();

	for (guint i = 0; first->lifetimes[i]; i++)
		if (all_offer(asks, first->lifetimes[i]))
			g_strv_builder_add(common, first->lifetimes[i]);
	return g_strv_builder_end(common);
}

/* FALSE: it is what was offered before, and what was chosen stays. */
static gboolean offer(SpLifetimeRow *self, GListModel *asks)
{
	g_auto(GStrv) lifetimes = common_lifetimes(asks);
	g_autoptr(GtkStringList) words = gtk_string_list_new(NULL);

	if (self->lifetimes && g_strv_equal((const char *const *)self->lifetimes,
					    (const char *const *)lifetimes))
		return FALSE;
	for (guint i = 0; lifetimes[i]; i++) {
		g_autofree char *word = sp_words_lifetime(lifetimes[i]);

		gtk_string_list_append(words, word);
	}
	g_clear_pointer(&self->lifetimes, g_strfreev);	/* nobody is told yet */
	gtk_drop_down_set_model(self->choice, G_LIST_MODEL(words));
	gtk_widget_set_sensitive(GTK_WIDGET(self->choice), g_strv_length(lifetimes) > 1);
	self->lifetimes = g_steal_pointer(&lifetimes);
	return TRUE;
}

/* Where it is not offered, the shortest. */
static void choose(SpLifetimeRow *self, const char *lifetime)
{
	guint selected = 0;

	for (guint i = 0; self->lifetimes[i]; i++)
		if (strcmp(self->lifetimes[i], lifetime) == 0)
			selected = i;
	gtk_drop_down_set_selected(self->choice, selected);
	g_signal_emit(self, changed, 0);
}

void sp_lifetime_row_set(SpLifetimeRow *self, GListModel *asks)
{
	offer(self, asks);
	choose(self, sp_request_question_at(asks, 0)->lifetime_default);
}

void sp_lifetime_row_update(SpLifetimeRow *self, GListModel *asks)
{
	g_autofree char *before = g_strdup(sp_lifetime_row_get(self));

	if (offer(self, asks))
		choose(self, before);
}

const char *sp_lifetime_row_get(SpLifetimeRow *self)
{
	guint selected = gtk_drop_down_get_selected(self->choice);

	if (!self->lifetimes || selected >= g_strv_length(self->lifetimes))
		return "once";
	return self->lifetimes[selected];
}
