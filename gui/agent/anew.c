/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See anew.h. */
#include "anew.h"

#include <string.h>
#include <unistd.h>

#include <glib.h>

#define TRIED	"SALLYPORT_AGENT_ANEW"
#define DELETED	" (deleted)"

/* The file of that name now; the link says so where it is another than ours. */
void sp_anew(void)
{
	g_autofree char *path = g_file_read_link("/proc/self/exe", NULL);

	if (!path || g_getenv(TRIED))
		return;
	if (g_str_has_suffix(path, DELETED))
		path[strlen(path) - strlen(DELETED)] = '\0';
	g_setenv(TRIED, "1", TRUE);
	execl(path, path, NULL);
}

void sp_anew_worked(void)
{
	g_unsetenv(TRIED);
}
