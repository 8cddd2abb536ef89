/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See widgets.h. */
#include "widgets.h"

#include <string.h>

void widgets_start(void)
{
	adw_init();
}

void widgets_settle(void)
{
	while (g_main_context_iteration(NULL, FALSE))
		;
}

GtkWidget *widgets_show(GtkWidget *child)
{
	GtkWidget *window = gtk_window_new();

	gtk_window_set_child(GTK_WINDOW(window), child);
	gtk_window_present(GTK_WINDOW(window));
	while (!gtk_widget_get_mapped(child))
		g_main_context_iteration(NULL, TRUE);
	return window;
}

void widgets_freed(GtkWidget *window, gpointer child)
{
	gpointer weak = child;

	g_object_add_weak_pointer(child, &weak);
	gtk_window_destroy(GTK_WINDOW(window));
	widgets_settle();
	ck_assert_msg(!weak, "it is not freed");
}

static const char *button_text(GtkWidget *widget)
{
	if (GTK_IS_CHECK_BUTTON(widget))
		return gtk_check_button_get_label(GTK_CHECK_BUTTON(widget));
	if (GTK_IS_BUTTON(widget))
		return gtk_button_get_label(GTK_BUTTON(widget));
	return NULL;
}

static const char *label_text(GtkWidget *widget)
{
	return GTK_IS_LABEL(widget) ? gtk_label_get_text(GTK_LABEL(widget)) : NULL;
}

static GtkWidget *find(GtkWidget *from, const char *(*text_of)(GtkWidget *), const char *text)
{
	if (!gtk_widget_get_visible(from))
		return NULL;
	if (g_strcmp0(text_of(from), text) == 0)
		return from;
	for (GtkWidget *w = gtk_widget_get_first_child(from); w; w = gtk_widget_get_next_sibling(w)) {
		GtkWidget *found = find(w, text_of, text);

		if (found)
			return found;
	}
	return NULL;
}

GtkWidget *widgets_label(GtkWidget *from, const char *text)
{
	return find(from, label_text, text);
}

GtkWidget *widgets_button(GtkWidget *from, const char *text)
{
	return find(from, button_text, text);
}

GtkWidget *widgets_first(GtkWidget *from, GType type)
{
	if (!gtk_widget_get_mapped(from))
		return NULL;
	if (G_TYPE_CHECK_INSTANCE_TYPE(from, type))
		return from;
	for (GtkWidget *w = gtk_widget_get_first_child(from); w; w = gtk_widget_get_next_sibling(w)) {
		GtkWidget *found = widgets_first(w, type);

		if (found)
			return found;
	}
	return NULL;
}

GtkWidget *widgets_tooltip(GtkWidget *from, const char *text)
{
	if (gtk_widget_get_mapped(from) && g_strcmp0(gtk_widget_get_tooltip_text(from), text) == 0)
		return from;
	for (GtkWidget *w = gtk_widget_get_first_child(from); w; w = gtk_widget_get_next_sibling(w)) {
		GtkWidget *found = widgets_tooltip(w, text);

		if (found)
			return found;
	}
	return NULL;
}

void widgets_press(GtkWidget *button)
{
	ck_assert_ptr_nonnull(button);
	while (!gtk_widget_is_sensitive(button))
		g_main_context_iteration(NULL, TRUE);
	g_signal_emit_by_name(button, "clicked");
}

static void count_up(GClosure *closure, GValue *result, guint values, const GValue *args,
		     gpointer hint, gpointer data)
{
	(*(guint *)closure->data)++;
}

guint *widgets_count(gpointer object, const char *signal)
{
	guint *count = g_new0(guint, 1);
	GClosure *closure = g_closure_new_simple(sizeof(GClosure), count);

	g_closure_set_marshal(closure, count_up);
	g_signal_connect_closure(object, signal, closure, FALSE);
	g_object_set_data_full(object, signal, count, g_free);
	return count;
}
