/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport-gui: the rules manager. */
#include <locale.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "manager.h"

int main(int argc, char **argv)
{
	g_autoptr(SpManager) manager = NULL;

	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, SALLYPORT_LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	if (geteuid() == 0) {
		g_printerr(_("sallyport-gui is not run as root: it asks for a password where one is needed\n"));
		return 2;
	}
	g_set_application_name(_("Sallyport"));
	manager = sp_manager_new();
	return g_application_run(G_APPLICATION(manager), argc, argv);
}
