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

static const char *scope_of(gpointer button)
{
	return g_object_get_data(button, "scope");
}

static void on_toggled(GtkCheckButton *button, SpScopeChooser *self)
{
	if (!gtk_check_button_get_active(button))
		return;
	g_free(self->chosen);
	self->chosen = g_strdup(scope_of(button));
	g_signal_emit(self, changed, 0);
}

static void clear(SpScopeChooser *self)
{
	GtkWidget *child;

	while ((child = gtk_widget_get_first_child(GTK_WIDGET(self))))
		gtk_box_remove(GTK_BOX(self), child);
}

struct choice {
	const char *name;	/* a question's */
	char *label;
};

static void choice_free(gpointer data)
{
	struct choice *choice = data;

	g_free(choice->label);
	g_free(choice);
}

static void add_choice(GPtrArray *choices, const char *name, char *label)
{
	struct choice *choice = g_new(struct choice, 1);

	choice->name = name;
	choice->label = label;
	g_ptr_array_add(choices, choice);
}

static gboolean all_offer(GListModel *asks, const char *name)
{
	for (guint i = 0; i < g_list_model_get_n_items(asks); i++)
		if (sp_question_find_scope(sp_request_question_at(asks, i), name) < 0)
			return FALSE;
	return TRUE;
}

static gboolean all_call_it(GListModel *asks, const char *name, const char *label)
{
	for (guint i = 0; i < g_list_model_get_n_items(asks); i++) {
		const struct sp_question *q = sp_request_question_at(asks, i);
		g_autofree char *own = sp_facts_scope(q, (guint)sp_question_find_scope(q, name));

		if (strcmp(own, label) != 0)
			return FALSE;
	}
	return TRUE;
}

/* Where the same name is another thing for each; NULL: it is not. */
static const char *label_of_each(const char *name)
{
	if (strcmp(name, "this-host-port") == 0)
		return _("Each host and port in the list");
	if (strcmp(name, "this-host") == 0)
		return _("Each host in the list, any port");
	if (strcmp(name, "this-address") == 0)
		return _("Each address in the list, any port");
	if (strcmp(name, "this-port") == 0)
		return _("Any host, each port in the list");
	return NULL;
}

/* What all of them offer; NULL: it can't be said what it is for all. */
static char *label_of(GListModel *asks, guint scope, gboolean several)
{
	const struct sp_question *first = sp_request_question_at(asks, 0);
	const char *name = sp_question_scope(first, scope)->name;
	const char *each = several ? label_of_each(name) : NULL;
	g_autofree char *label = each ? g_strdup(each) : sp_facts_scope(first, scope);

	if (each || all_call_it(asks, name, label))
		return g_steal_pointer(&label);
	if (strcmp(name, "this-domain") == 0)
		return g_strdup(_("Each domain in the list, any port"));
	return NULL;
}

static GPtrArray *choices_of(GListModel *asks, gboolean several)
{
	const struct sp_question *first = sp_request_question_at(asks, 0);
	GPtrArray *choices = g_ptr_array_new_with_free_func(choice_free);

	for (guint i = 0; i < first->scopes->len; i++) {
		const char *name = sp_question_scope(first, i)->name;
		char *label;

		/* For what version is asked beside it. */
		if (g_str_has_suffix(name, SP_THIS_VERSION) || !all_offer(asks, name))
			continue;
		label = label_of(asks, i, several);
		if (label)
			add_choice(choices, name, label);
	}
	if (!choices->len)
		add_choice(choices, "", g_strdup(_("Each connection in the list")));
	return choices;
}

static gboolean are_shown(SpScopeChooser *self, GPtrArray *choices)
{
	GtkWidget *button = gtk_widget_get_first_child(GTK_WIDGET(self));

	for (guint i = 0; i < choices->len; i++) {
		const struct choice *choice = choices->pdata[i];

		if (!button || strcmp(scope_of(button), choice->name) != 0 ||
		    strcmp(gtk_check_button_get_label(GTK_CHECK_BUTTON(button)), choice->label) != 0)
			return FALSE;
		button = gtk_widget_get_next_sibling(button);
	}
	return !button;
}

static GtkCheckButton *add(SpScopeChooser *self, const struct choice *choice,
			   GtkCheckButton *group)
{
	GtkWidget *button = g_object_new(GTK_TYPE_CHECK_BUTTON,
					 "accessible-role", GTK_ACCESSIBLE_ROLE_RADIO,
					 "label", choice->label, NULL);

	g_object_set_data_full(G_OBJECT(button), "scope", g_strdup(choice->name), g_free);
	gtk_check_button_set_group(GTK_CHECK_BUTTON(button), group);
	gtk_box_append(GTK_BOX(self), button);
	return GTK_CHECK_BUTTON(button);
}

static void fill(SpScopeChooser *self, GPtrArray *choices)
{
	g_autofree char *before = g_steal_pointer(&self->chosen);
	GtkCheckButton *group = NULL, *active = NULL;

	clear(self);
	for (guint i = 0; i < choices->len; i++) {
		GtkCheckButton *button = add(self, choices->pdata[i], group);

		if (!group)
			group = button;
		if (!active || g_strcmp0(before, scope_of(button)) == 0)
			active = button;
	}
	self->chosen = g_strdup(scope_of(active));
	gtk_check_button_set_active(active, TRUE);
	for (GtkWidget *w = gtk_widget_get_first_child(GTK_WIDGET(self)); w;
	     w = gtk_widget_get_next_sibling(w))
		g_signal_connect_object(w, "toggled", G_CALLBACK(on_toggled), self, 0);
}

gboolean sp_scope_chooser_set(SpScopeChooser *self, GListModel *asks, gboolean several)
{
	g_autoptr(GPtrArray) choices = choices_of(asks, several);

	if (are_shown(self, choices))
		return FALSE;
	fill(self, choices);
	g_signal_emit(self, changed, 0);
	return TRUE;
}

const char *sp_scope_chooser_get(SpScopeChooser *self)
{
	return self->chosen ? self->chosen : "";
}
