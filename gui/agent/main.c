/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport-agent: brings the firewall's questions to a person at a desktop. */
#include <locale.h>
#include <signal.h>

#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gi18n.h>

#include "bus.h"
#include "desk.h"
#include "private.h"

#define SESSION_NAME "org.sallyport.Agent"

static GMainLoop *loop;
static int status;

static gboolean on_signal(gpointer data)
{
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

/* A second agent of the session would ask everything twice. */
static void on_name_lost(GDBusConnection *session, const char *name, gpointer data)
{
	if (session)	/* else there is no session bus, and no second agent by it */
		g_main_loop_quit(loop);
}

static void on_bus_closed(GDBusConnection *bus, gboolean vanished, GError *error, gpointer data)
{
	g_printerr(_("sallyport-agent: the system bus is gone\n"));
	status = 1;
	g_main_loop_quit(loop);
}

static int run(GDBusConnection *bus)
{
	struct sp_desk *desk = sp_desk_new(bus);
	guint name;

	g_signal_connect(bus, "closed", G_CALLBACK(on_bus_closed), NULL);
	name = g_bus_own_name(G_BUS_TYPE_SESSION, SESSION_NAME, G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE,
			      NULL, NULL, on_name_lost, NULL, NULL);
	g_main_loop_run(loop);
	g_bus_unown_name(name);
	sp_desk_free(desk);
	return status;
}

int main(int argc, char **argv)
{
	g_autoptr(GDBusConnection) bus = NULL;
	g_autoptr(GError) error = NULL;

	sp_private_process();
	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, SALLYPORT_LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	if (argc > 1) {
		g_printerr(_("usage: sallyport-agent (it takes no arguments; the session starts it)\n"));
		return 2;
	}
	bus = sp_bus_connect(&error);
	if (!bus) {
		g_printerr("sallyport-agent: %s\n", error->message);
		return 1;
	}
	/* Else what is chosen in a notification while no loop runs is done by its thread. */
	if (!g_main_context_acquire(NULL))
		return 1;
	loop = g_main_loop_new(NULL, FALSE);
	g_unix_signal_add(SIGTERM, on_signal, NULL);
	g_unix_signal_add(SIGINT, on_signal, NULL);
	g_unix_signal_add(SIGHUP, on_signal, NULL);
	status = run(bus);
	g_main_loop_unref(loop);
	return status;
}
