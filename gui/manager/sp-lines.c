/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-lines.h. */
#include "sp-lines.h"

/* As wide as lines are good to read. */
#define WIDTH 860

struct _SpLines {
	AdwBin parent;
	GtkListView *list;
	GtkWidget *(*make)(gpointer owner);
	void (*fill)(GtkWidget *row, gpointer item);
	gpointer owner;
};

G_DEFINE_FINAL_TYPE(SpLines, sp_lines, ADW_TYPE_BIN)

enum { LABEL = 1, ACTIVATABLE };

static guint activated;

static void on_setup(GtkListItemFactory *factory, GtkListItem *line, SpLines *self)
{
	gtk_list_item_set_child(line, self->make(self->owner));
}

static void on_bind(GtkListItemFactory *factory, GtkListItem *line, SpLines *self)
{
	self->fill(gtk_list_item_get_child(line), gtk_list_item_get_item(line));
}

static void on_unbind(GtkListItemFactory *factory, GtkListItem *line, SpLines *self)
{
	self->fill(gtk_list_item_get_child(line), NULL);
}

static void on_activate(SpLines *self, guint position)
{
	GListModel *model = G_LIST_MODEL(gtk_list_view_get_model(self->list));
	g_autoptr(GObject) item = g_list_model_get_item(model, position);

	if (GTK_IS_TREE_LIST_ROW(item) && gtk_tree_list_row_is_expandable(GTK_TREE_LIST_ROW(item)))
		gtk_tree_list_row_set_expanded(GTK_TREE_LIST_ROW(item),
			!gtk_tree_list_row_get_expanded(GTK_TREE_LIST_ROW(item)));
	else
		g_signal_emit(self, activated, 0, item);
}

static void sp_lines_set_property(GObject *object, guint property, const GValue *value,
				  GParamSpec *spec)
{
	SpLines *self = SP_LINES(object);

	switch (property) {
	case LABEL:
		gtk_accessible_update_property(GTK_ACCESSIBLE(self->list),
					       GTK_ACCESSIBLE_PROPERTY_LABEL,
					       g_value_get_string(value), -1);
		break;
	case ACTIVATABLE:
		gtk_list_view_set_single_click_activate(self->list, g_value_get_boolean(value));
		break;
	default:
		G_OBJECT_WARN_INVALID_PROPERTY_ID(object, property, spec);
	}
}

static void sp_lines_class_init(SpLinesClass *class)
{
	GObjectClass *object = G_OBJECT_CLASS(class);

	object->set_property = sp_lines_set_property;
	g_object_class_install_property(object, LABEL,
		g_param_spec_string("label", NULL, NULL, "",
				    G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
	g_object_class_install_property(object, ACTIVATABLE,
		g_param_spec_boolean("activatable", NULL, NULL, FALSE,
				     G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
	activated = g_signal_new("activated", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0, NULL,
				 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_OBJECT);
}

static void sp_lines_init(SpLines *self)
{
	GtkWidget *clamp = adw_clamp_scrollable_new(), *window = gtk_scrolled_window_new();

	self->list = GTK_LIST_VIEW(gtk_list_view_new(NULL, NULL));
	gtk_widget_add_css_class(GTK_WIDGET(self->list), "rows");
	g_signal_connect_swapped(self->list, "activate", G_CALLBACK(on_activate), self);
	adw_clamp_scrollable_set_maximum_size(ADW_CLAMP_SCROLLABLE(clamp), WIDTH);
	adw_clamp_scrollable_set_child(ADW_CLAMP_SCROLLABLE(clamp), GTK_WIDGET(self->list));
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(window), GTK_POLICY_NEVER,
				       GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(window), clamp);
	adw_bin_set_child(ADW_BIN(self), window);
}

GtkWidget *sp_lines_new(void)
{
	return g_object_new(SP_TYPE_LINES, NULL);
}

void sp_lines_make(SpLines *self, GtkWidget *(*make)(gpointer owner),
		   void (*fill)(GtkWidget *row, gpointer item), gpointer owner)
{
	g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new();

	self->make = make;
	self->fill = fill;
	self->owner = owner;
	g_signal_connect_object(factory, "setup", G_CALLBACK(on_setup), self, 0);
	g_signal_connect_object(factory, "bind", G_CALLBACK(on_bind), self, 0);
	g_signal_connect_object(factory, "unbind", G_CALLBACK(on_unbind), self, 0);
	gtk_list_view_set_factory(self->list, factory);
}

void sp_lines_show(SpLines *self, GListModel *model)
{
	GtkNoSelection *selection = model ? gtk_no_selection_new(g_object_ref(model)) : NULL;

	gtk_list_view_set_model(self->list, GTK_SELECTION_MODEL(selection));
	g_clear_object(&selection);
}

gpointer sp_lines_item(gpointer line)
{
	return GTK_IS_TREE_LIST_ROW(line) ? gtk_tree_list_row_get_item(line) : g_object_ref(line);
}

void sp_lines_end(SpLines **lines)
{
	if (*lines)
		sp_lines_show(*lines, NULL);
	*lines = NULL;
}
