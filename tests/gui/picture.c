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

/* FALSE: there is nothing of it yet. */
static gboolean draw(GtkWidget *widget, GtkSnapshot *snapshot)
{
	g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new(widget);
	g_autoptr(GskRenderNode) node = NULL;
	GtkSnapshot *alone = gtk_snapshot_new();

	gdk_paintable_snapshot(paintable, GDK_SNAPSHOT(alone),
			       gdk_paintable_get_intrinsic_width(paintable),
			       gdk_paintable_get_intrinsic_height(paintable));
	node = gtk_snapshot_free_to_node(alone);
	if (node)
		gtk_snapshot_append_node(snapshot, node);
	return node != NULL;
}

/* Where it is in its window: both are behind what surrounds them on their surfaces. */
static graphene_point_t place_of(GtkWidget *popover, GtkWidget *window)
{
	GdkPopup *popup = GDK_POPUP(gtk_native_get_surface(GTK_NATIVE(popover)));
	double x, y, left, top;

	gtk_native_get_surface_transform(GTK_NATIVE(window), &left, &top);
	gtk_native_get_surface_transform(GTK_NATIVE(popover), &x, &y);
	return GRAPHENE_POINT_INIT((float)(gdk_popup_get_position_x(popup) + x - left),
				   (float)(gdk_popup_get_position_y(popup) + y - top));
}

/* What is open over the window is on the screen, but not in it. */
static gboolean draw_popovers(GtkWidget *from, GtkWidget *window, GtkSnapshot *snapshot)
{
	gboolean all = TRUE;

	for (GtkWidget *w = gtk_widget_get_first_child(from); w; w = gtk_widget_get_next_sibling(w)) {
		if (!GTK_IS_POPOVER(w)) {
			all &= draw_popovers(w, window, snapshot);
		} else if (gtk_widget_get_mapped(w)) {
			graphene_point_t place = place_of(w, window);

			gtk_snapshot_save(snapshot);
			gtk_snapshot_translate(snapshot, &place);
			all &= draw(w, snapshot);
			gtk_snapshot_restore(snapshot);
		}
	}
	return all;
}

/* NULL: not all of it yet. */
static GskRenderNode *drawn(GtkWidget *window)
{
	GtkSnapshot *snapshot = gtk_snapshot_new();
	gboolean all = draw(window, snapshot) && draw_popovers(window, window, snapshot);
	g_autoptr(GskRenderNode) node = gtk_snapshot_free_to_node(snapshot);

	return all ? g_steal_pointer(&node) : NULL;
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
