/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See opener.h. By its own path: nothing that a person could have put before it is found. */
#include "opener.h"

#include <gio/gio.h>

void sp_open_manager(const char *page, const char *token)
{
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
	g_autoptr(GSubprocess) manager = NULL;
	g_autoptr(GError) error = NULL;

	if (token && *token)
		g_subprocess_launcher_setenv(launcher, "XDG_ACTIVATION_TOKEN", token, TRUE);
	manager = g_subprocess_launcher_spawn(launcher, &error, SALLYPORT_BINDIR "/sallyport-gui",
					      "--page", page, NULL);
	if (!manager)
		g_warning("the rules manager: %s", error->message);
}
