/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-scope-chooser.h. */
#include "sp-scope-chooser.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "facts.h"

struct _SpScopeChooser {
	GtkBox parent;
	char *chosen;
};

G_DEFINE_FINAL_TYPE(SpScopeChooser, sp_scope_chooser, GTK_TYPE_BOX)

static guint changed;

static void sp_scope_chooser_finalize(GObject *object)
{
	g_free(SP_SCOPE_CHOOSER(object)->chosen);
	G_OBJECT_CLASS(sp_scope_chooser_parent_class)->finalize(object);
}

static void sp_scope_chooser_class_init(SpScopeChooserClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_scope_chooser_finalize;
	gtk_widget_class_set_template_from_resource(GTK_WIDGET_CLASS(class),
		"/org/sallyport/ui/sp-scope-chooser.ui");
	changed = g_signal_new("changed", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0,
			       NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void sp_scope_chooser_init(SpScopeChooser *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_scope_chooser_new(void)
{
	return g_object_new(SP_TYPE_SCOPE_CHOOSER, NULL);
}

static void on_toggled(GtkCheckButton *button, SpScopeChooser *self)
{
	if (!gtk_check_button_get_active(button))
		return;
	g_free(self->chosen);
	self->chosen = g_strdup(g_object_get_data(G_OBJECT(button), "scope"));
	g_signal_emit(self, changed, 0);
}

static void clear(SpScopeChooser *self)
{
	GtkWidget *child;

	while ((child = gtk_widget_get_first_child(GTK_WIDGET(self))))
		gtk_box_remove(GTK_BOX(self), child);
}

static gboolean all_offer(GListModel *all, const char *name)
{
	for (guint i = 0; i < g_list_model_get_n_items(all); i++) {
		g_autoptr(SpRequest) ask = g_list_model_get_item(all, i);

		if (sp_question_find_scope(sp_request_question(ask), name) < 0)
			return FALSE;
	}
	return TRUE;
}

static char *label_of(const struct sp_question *first, guint scope, gboolean several)
{
	const char *name = sp_question_scope(first, scope)->name;

	if (several && strcmp(name, "this-host-port") == 0)
		return g_strdup(_("Each host and port in the list"));
	if (several && strcmp(name, "this-host") == 0)
		return g_strdup(_("Each host in the list, any port"));
	if (several && strcmp(name, "this-port") == 0)
		return g_strdup(_("Any host, each port in the list"));
	return sp_facts_scope(first, scope);
}

static GtkCheckButton *add(SpScopeChooser *self, const char *name, const char *label,
			   GtkCheckButton *group)
{
	GtkWidget *button = g_object_new(GTK_TYPE_CHECK_BUTTON,
					 "accessible-role", GTK_ACCESSIBLE_ROLE_RADIO,
					 "label", label, NULL);

	g_object_set_data_full(G_OBJECT(button), "scope", g_strdup(name), g_free);
	gtk_check_button_set_group(GTK_CHECK_BUTTON(button), group);
	gtk_box_append(GTK_BOX(self), button);
	return GTK_CHECK_BUTTON(button);
}

void sp_scope_chooser_set(SpScopeChooser *self, const struct sp_question *first,
			  GListModel *all)
{
	gboolean several = g_list_model_get_n_items(all) > 1;
	g_autofree char *before = g_steal_pointer(&self->chosen);
	GtkCheckButton *group = NULL, *active = NULL;

	clear(self);
	for (guint i = 0; i < first->scopes->len; i++) {
		const char *name = sp_question_scope(first, i)->name;
		g_autofree char *label = label_of(first, i, several);
		GtkCheckButton *button;

		/* For what version is asked beside it. */
		if (g_str_has_suffix(name, SP_THIS_VERSION) || (several && !all_offer(all, name)))
			continue;
		button = add(self, name, label, group);
		if (!group)
			group = button;
		if (!active || g_strcmp0(before, name) == 0) {
			active = button;
			g_free(self->chosen);
			self->chosen = g_strdup(name);
		}
	}
	if (active)
		gtk_check_button_set_active(active, TRUE);
	for (GtkWidget *w = gtk_widget_get_first_child(GTK_WIDGET(self)); w;
	     w = gtk_widget_get_next_sibling(w))
		g_signal_connect_object(w, "toggled", G_CALLBACK(on_toggled), self, 0);
	g_signal_emit(self, changed, 0);
}

const char *sp_scope_chooser_get(SpScopeChooser *self)
{
	return self->chosen ? self->chosen : "";
}
