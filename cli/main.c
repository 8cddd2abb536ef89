/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport: the firewall from a command line. */
#include <locale.h>

#include <glib/gi18n.h>

#include "command.h"

int main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, SALLYPORT_LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	return sp_cli_main(argc, argv);
}
