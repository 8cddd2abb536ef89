/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pictures FOLDER SUFFIX LOCALEDIR [rtl|large]: the prompt's windows as PNG files
 * FOLDER/NAME-SUFFIX.png, for eyes and for tests of what they look like.
 */
#include <locale.h>
#include <string.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "questions.h"
#include "sp-answer-bar.h"
#include "sp-prompt-window.h"

static const char *folder, *suffix;
static int failures;

static void wait_ms(guint ms)
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

static void save(GtkWidget *window, const char *name)
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

static void show(GtkApplication *application, const char *name, SpProgram *program)
{
	GtkWidget *window = sp_prompt_window_new(application, program);

	sp_prompt_window_appear(SP_PROMPT_WINDOW(window));
	wait_ms(SP_ANSWER_INERT + 200);
	save(window, name);
	gtk_window_destroy(GTK_WINDOW(window));
	g_object_unref(program);
}

static SpProgram *program_of(struct sp_question *question)
{
	SpProgram *program = sp_program_new(question);
	g_autoptr(SpRequest) ask = sp_request_new(question);

	sp_program_add(program, ask);
	return program;
}

static void add(SpProgram *program, guint64 id, const char *remote)
{
	g_autoptr(SpRequest) ask = sp_request_new(gui_question_with(id, "remote", remote));

	sp_program_add(program, ask);
}

static struct sp_question *plain(void)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "host", "s", "shop.test");
	g_variant_dict_insert(&dict, "host-source", "s", "own");
	g_variant_dict_insert(&dict, "past", "(uuu)", 41, 2, 6);
	return gui_question(1, &dict);
}

static struct sp_question *hostile(void)
{
	g_autoptr(GString) path = g_string_new("/home/alice/");
	GVariantDict dict;

	for (int i = 0; i < 40; i++)
		g_string_append(path, "<b>very</b>&amp;/");
	g_string_append(path, "\\xe2\\x80\\xaegnp.exe\\x1b[2J");
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "program", "s", path->str);
	g_variant_dict_insert(&dict, "name", "s", "\\xe2\\x80\\xaegnp.exe\\x1b[2J");
	g_variant_dict_insert(&dict, "lifetime-default", "s", "once");
	return gui_question(2, &dict);
}

static struct sp_question *system_python(void)
{
	const char *const flags[] = { "older", NULL };
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "program", "s", "/usr/bin/python3.11");
	g_variant_dict_insert(&dict, "name", "s", "python3.11");
	g_variant_dict_insert(&dict, "command-line", "s", "python3 /opt/sync/sync.py --all");
	g_variant_dict_insert(&dict, "parent", "s", "/usr/lib/systemd/systemd");
	g_variant_dict_insert(&dict, "user", "u", 4242);
	g_variant_dict_insert(&dict, "user-name", "s", "backup");
	g_variant_dict_insert(&dict, "flags", "^as", flags);
	return gui_question(3, &dict);
}

static void take(GtkApplication *application)
{
	SpProgram *program = program_of(plain());

	show(application, "question", program);
	program = program_of(plain());
	add(program, 11, "198.51.100.7");
	add(program, 12, "2001:db8::1:80");
	show(application, "waiting", program);
	program = program_of(plain());
	for (guint i = 0; i < 12; i++) {
		g_autofree char *remote = g_strdup_printf("198.51.100.%u", i + 1);

		add(program, 100 + i, remote);
	}
	show(application, "flood", program);
	show(application, "hostile", program_of(hostile()));
	show(application, "system", program_of(system_python()));
}

static void load_style(void)
{
	g_autoptr(GtkCssProvider) style = gtk_css_provider_new();

	gtk_css_provider_load_from_resource(style, "/org/sallyport/ui/style.css");
	gtk_style_context_add_provider_for_display(gdk_display_get_default(),
						   GTK_STYLE_PROVIDER(style),
						   GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
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
	load_style();
	g_application_hold(G_APPLICATION(application));
	take(application);
	g_application_release(G_APPLICATION(application));
}

int main(int argc, char **argv)
{
	g_autoptr(AdwApplication) application = NULL;

	if (argc < 4)
		return 2;
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
