/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See picture.h. */
#include "picture.h"

#include <locale.h>
#include <string.h>

#include <glib/gi18n.h>

#include "style.h"

static const char *folder, *suffix;
static void (*take)(GtkApplication *application);
static int failures;

void picture_wait(guint ms)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);

	g_timeout_add_once(ms, (GSourceOnceFunc)(void (*)(void))g_main_loop_quit, loop);
	g_main_loop_run(loop);
	g_main_loop_unref(loop);
}

static GskRenderNode *drawn(GtkWidget *window)
{
	g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new(window);
	GtkSnapshot *snapshot = gtk_snapshot_new();

	gdk_paintable_snapshot(paintable, GDK_SNAPSHOT(snapshot),
			       gdk_paintable_get_intrinsic_width(paintable),
			       gdk_paintable_get_intrinsic_height(paintable));
	return gtk_snapshot_free_to_node(snapshot);
}

void picture_save(GtkWidget *window, const char *name)
{
	g_autofree char *path = g_strdup_printf("%s/%s-%s.png", folder, name, suffix);
	GskRenderer *renderer = gtk_native_get_renderer(GTK_NATIVE(window));
	g_autoptr(GskRenderNode) node = NULL;
	g_autoptr(GdkTexture) texture = NULL;

	while (!(node = drawn(window)))
		g_main_context_iteration(NULL, TRUE);
	texture = gsk_renderer_render_texture(renderer, node, NULL);
	if (!gdk_texture_save_to_png(texture, path))
		failures++;
}

/* As a GNOME desktop has it; there is none here to say so. */
static void dress(const char *how)
{
	GtkSettings *settings = gtk_settings_get_default();

	g_object_set(settings, "gtk-font-name", "Cantarell 11",
		     "gtk-decoration-layout", "appmenu:close", NULL);
	if (strcmp(how, "large") == 0)
		g_object_set(settings, "gtk-xft-dpi", 2 * 96 * PANGO_SCALE, NULL);
	if (strcmp(how, "rtl") == 0)
		gtk_widget_set_default_direction(GTK_TEXT_DIR_RTL);
}

static void on_activate(GtkApplication *application, const char *how)
{
	dress(how);
	sp_style_load();
	g_application_hold(G_APPLICATION(application));
	take(application);
	g_application_release(G_APPLICATION(application));
}

int picture_main(int argc, char **argv, void (*pictures)(GtkApplication *application))
{
	g_autoptr(AdwApplication) application = NULL;

	if (argc < 4)
		return 2;
	take = pictures;
	setlocale(LC_ALL, "");
	folder = argv[1];
	suffix = argv[2];
	bindtextdomain(GETTEXT_PACKAGE, argv[3]);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	application = adw_application_new("org.sallyport.Pictures", G_APPLICATION_NON_UNIQUE);
	g_signal_connect(application, "activate", G_CALLBACK(on_activate),
			 argc > 4 ? argv[4] : "");
	g_application_run(G_APPLICATION(application), 0, NULL);
	return failures != 0;
}
