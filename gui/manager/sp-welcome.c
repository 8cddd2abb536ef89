/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-welcome.h. */
#include "sp-welcome.h"

#include <glib/gstdio.h>

struct _SpWelcome {
	AdwWindow parent;
	SpChanges *changes;
	GtkLabel *message;
};

G_DEFINE_FINAL_TYPE(SpWelcome, sp_welcome, ADW_TYPE_WINDOW)

/* An empty file: that it is there is all it says. */
static char *mark_path(void)
{
	return g_build_filename(g_get_user_config_dir(), "sallyport", "welcomed", NULL);
}

gboolean sp_welcome_is_due(void)
{
	g_autofree char *path = mark_path();

	return !g_file_test(path, G_FILE_TEST_EXISTS);
}

/* Where it can't be written it is asked again: no harm. */
static void mark(void)
{
	g_autofree char *path = mark_path(), *folder = g_path_get_dirname(path);
	g_autoptr(GError) error = NULL;

	g_mkdir_with_parents(folder, 0700);
	if (!g_file_set_contents(path, "", 0, &error))
		g_info("%s: %s", path, error->message);
}

static void on_set(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(SpWelcome) self = data;
	g_autoptr(GError) error = NULL;

	if (!self->changes)
		return;		/* closed meanwhile */
	if (sp_changes_finish(SP_CHANGES(source), result, &error)) {
		gtk_window_close(GTK_WINDOW(self));
		return;
	}
	gtk_label_set_text(self->message, error->message);
	gtk_widget_set_visible(GTK_WIDGET(self->message), TRUE);
	gtk_widget_set_sensitive(adw_window_get_content(ADW_WINDOW(self)), TRUE);
}

static void choose(SpWelcome *self, const char *mode)
{
	gtk_widget_set_sensitive(adw_window_get_content(ADW_WINDOW(self)), FALSE);
	sp_changes_mode(self->changes, mode, 0, on_set, g_object_ref(self));
}

/* That is how it begins by itself. */
static void on_ask(SpWelcome *self)
{
	gtk_window_close(GTK_WINDOW(self));
}

static void on_learn(SpWelcome *self)
{
	choose(self, "learn");
}

static void on_lock(SpWelcome *self)
{
	choose(self, "lockdown");
}

static gboolean sp_welcome_close_request(GtkWindow *window)
{
	mark();
	return GTK_WINDOW_CLASS(sp_welcome_parent_class)->close_request(window);
}

static void sp_welcome_dispose(GObject *object)
{
	g_clear_object(&SP_WELCOME(object)->changes);
	G_OBJECT_CLASS(sp_welcome_parent_class)->dispose(object);
}

static void sp_welcome_class_init(SpWelcomeClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_welcome_dispose;
	GTK_WINDOW_CLASS(class)->close_request = sp_welcome_close_request;
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-welcome.ui");
	gtk_widget_class_bind_template_child(widget, SpWelcome, message);
	gtk_widget_class_bind_template_callback(widget, on_ask);
	gtk_widget_class_bind_template_callback(widget, on_learn);
	gtk_widget_class_bind_template_callback(widget, on_lock);
}

static void sp_welcome_init(SpWelcome *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_welcome_new(SpChanges *changes)
{
	SpWelcome *self = g_object_new(SP_TYPE_WELCOME, NULL);

	self->changes = g_object_ref(changes);
	return GTK_WIDGET(self);
}
