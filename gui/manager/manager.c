/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See manager.h. */
#include "manager.h"

#include <glib/gi18n-lib.h>

#include "link.h"
#include "sp-manager-window.h"
#include "style.h"

struct _SpManager {
	AdwApplication parent;
	SpLink *link;
	SpManagerWindow *window;	/* NULL: none, or closed */
};

G_DEFINE_FINAL_TYPE(SpManager, sp_manager, ADW_TYPE_APPLICATION)

static const GOptionEntry options[] = {
	{ "page", 'p', 0, G_OPTION_ARG_STRING, NULL,
	  N_("Open with this page: connections, rules, history, new, missed, changes, settings"), N_("PAGE") },
	{ "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Print the version"), NULL },
	G_OPTION_ENTRY_NULL
};

static void on_about(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	gtk_show_about_dialog(gtk_application_get_active_window(data),
			      "program-name", _("Sallyport"),
			      "logo-icon-name", "org.sallyport.Sallyport",
			      "version", SALLYPORT_VERSION,
			      "comments", _("A firewall that asks"),
			      "copyright", _("The Sallyport developers"),
			      "license-type", GTK_LICENSE_GPL_2_0,
			      "translator-credits", _("translator-credits"), NULL);
}

static void on_quit(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	g_application_quit(data);
}

static const GActionEntry actions[] = {
	{ .name = "about", .activate = on_about },
	{ .name = "quit", .activate = on_quit },
};

static void sp_manager_startup(GApplication *application)
{
	static const char *const quit_keys[] = { "<Control>q", NULL };
	SpManager *self = SP_MANAGER(application);

	G_APPLICATION_CLASS(sp_manager_parent_class)->startup(application);
	sp_style_load();
	gtk_window_set_default_icon_name("org.sallyport.Sallyport");
	g_action_map_add_action_entries(G_ACTION_MAP(self), actions, G_N_ELEMENTS(actions), self);
	gtk_application_set_accels_for_action(GTK_APPLICATION(self), "app.quit", quit_keys);
	self->link = sp_link_new();
}

static void open_page(SpManager *self, const char *page)
{
	SpManagerWindow *window = self->window;

	if (!window) {
		window = SP_MANAGER_WINDOW(sp_manager_window_new(GTK_APPLICATION(self), self->link));
		g_set_weak_pointer(&self->window, window);
	}
	if (page)
		sp_manager_window_go(window, page);
	gtk_window_present(GTK_WINDOW(window));
	sp_manager_window_welcome(window);
}

static void sp_manager_activate(GApplication *application)
{
	open_page(SP_MANAGER(application), NULL);
}

static int sp_manager_command_line(GApplication *application, GApplicationCommandLine *line)
{
	const char *page = NULL;

	g_variant_dict_lookup(g_application_command_line_get_options_dict(line), "page", "&s", &page);
	open_page(SP_MANAGER(application), page);
	return 0;
}

static int sp_manager_handle_local_options(GApplication *application, GVariantDict *dict)
{
	if (!g_variant_dict_contains(dict, "version"))
		return -1;	/* goes on */
	g_print("sallyport-gui %s\n", SALLYPORT_VERSION);
	return 0;
}

static void sp_manager_finalize(GObject *object)
{
	g_clear_weak_pointer(&SP_MANAGER(object)->window);
	g_clear_object(&SP_MANAGER(object)->link);
	G_OBJECT_CLASS(sp_manager_parent_class)->finalize(object);
}

static void sp_manager_class_init(SpManagerClass *class)
{
	GApplicationClass *application = G_APPLICATION_CLASS(class);

	G_OBJECT_CLASS(class)->finalize = sp_manager_finalize;
	application->startup = sp_manager_startup;
	application->activate = sp_manager_activate;
	application->command_line = sp_manager_command_line;
	application->handle_local_options = sp_manager_handle_local_options;
}

static void sp_manager_init(SpManager *self)
{
	g_application_add_main_option_entries(G_APPLICATION(self), options);
}

SpManager *sp_manager_new(void)
{
	return g_object_new(SP_TYPE_MANAGER, "application-id", "org.sallyport.Sallyport",
			    "flags", G_APPLICATION_HANDLES_COMMAND_LINE, NULL);
}
