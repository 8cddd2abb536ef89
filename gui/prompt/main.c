/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport-prompt: the window that asks. Started by sallyport-agent alone. */
#include <fcntl.h>
#include <locale.h>
#include <sys/socket.h>

#include <glib/gi18n.h>

#include "application.h"
#include "private.h"

/* The agent's end is on this descriptor. */
#define PROMPT_FD 3

static gboolean is_socket(int fd)
{
	int type = 0;
	socklen_t length = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM;
}

int main(int argc, char **argv)
{
	g_autoptr(SpApplication) application = NULL;
	g_autoptr(GError) error = NULL;

	sp_private_process();
	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, SALLYPORT_LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	if (argc > 1 || !is_socket(PROMPT_FD)) {
		g_printerr(_("sallyport-prompt is started by sallyport-agent\n"));
		return 2;
	}
	fcntl(PROMPT_FD, F_SETFD, FD_CLOEXEC);
	g_set_prgname("sallyport-prompt");
	g_set_application_name(_("Sallyport"));
	application = sp_application_new(PROMPT_FD, &error);
	if (!application) {
		g_printerr("sallyport-prompt: %s\n", error->message);
		return 1;
	}
	return g_application_run(G_APPLICATION(application), argc, argv);
}
