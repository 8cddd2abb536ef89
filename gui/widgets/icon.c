/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See icon.h. Only what is installed for everybody counts, not a user's own entries. */
#include "icon.h"

#include <stdlib.h>
#include <string.h>

#include <gio/gdesktopappinfo.h>

#define APPLICATIONS "/usr/share/applications"

/* The entry's program as a path without links, or NULL. */
static char *program_of(GDesktopAppInfo *info)
{
	const char *executable = g_app_info_get_executable(G_APP_INFO(info));
	g_autofree char *found = executable ? g_find_program_in_path(executable) : NULL;
	char *path, *copy;

	if (!found)
		return NULL;
	path = realpath(found, NULL);
	copy = g_strdup(path);
	free(path);
	return copy;
}

static GIcon *icon_for(const char *entry, const char *path)
{
	g_autofree char *file = g_build_filename(APPLICATIONS, entry, NULL);
	g_autoptr(GDesktopAppInfo) info = g_desktop_app_info_new_from_filename(file);
	g_autofree char *program = info ? program_of(info) : NULL;
	GIcon *icon = program && strcmp(program, path) == 0 ?
		      g_app_info_get_icon(G_APP_INFO(info)) : NULL;

	return icon ? g_object_ref(icon) : NULL;
}

/* "firefox-esr" may be in firefox-esr.desktop or org.mozilla.firefox-esr.desktop. */
static gboolean may_be(const char *entry, const char *name)
{
	g_autofree char *stem = g_strndup(entry, strlen(entry) - strlen(".desktop"));
	const char *last = strrchr(stem, '.');

	return g_ascii_strcasecmp(stem, name) == 0 ||
	       (last && g_ascii_strcasecmp(last + 1, name) == 0);
}

GIcon *sp_icon_of(const char *path)
{
	g_autoptr(GDir) folder = NULL;
	g_autofree char *name = g_path_get_basename(path);
	GIcon *icon = NULL;
	const char *entry;

	if (g_str_has_prefix(path, "/usr/"))
		folder = g_dir_open(APPLICATIONS, 0, NULL);
	while (folder && !icon && (entry = g_dir_read_name(folder)))
		if (g_str_has_suffix(entry, ".desktop") && may_be(entry, name))
			icon = icon_for(entry, path);
	return icon ? icon : g_themed_icon_new("application-x-executable");
}
