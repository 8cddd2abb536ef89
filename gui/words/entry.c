/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See entry.h. Of the environment nothing is believed, PATH neither. */
#include "entry.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <gio/gdesktopappinfo.h>

#include "width.h"

#define APPLICATIONS	"/usr/share/applications"
#define SUFFIX		".desktop"

/* An ACL that lets somebody else write shows in the group's bits. */
static gboolean is_roots(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && status.st_uid == 0 &&
	       !(status.st_mode & (S_IWGRP | S_IWOTH));
}

static gboolean is_same_file(const char *place, const char *path)
{
	char *real = realpath(place, NULL);
	gboolean same = real && strcmp(real, path) == 0;

	free(real);
	return same;
}

/* Is @program, as an entry says it, that file? */
static gboolean starts(const char *program, const char *path)
{
	static const char *const places[] = { "/usr/local/bin", "/usr/bin", "/usr/games",
					      "/usr/sbin", "/bin", "/sbin" };

	if (g_path_is_absolute(program))
		return is_same_file(program, path);
	for (gsize i = 0; !strchr(program, '/') && i < G_N_ELEMENTS(places); i++) {
		g_autofree char *place = g_build_filename(places[i], program, NULL);

		if (g_file_test(place, G_FILE_TEST_EXISTS))
			return is_same_file(place, path);
	}
	return FALSE;
}

/* Is it started by itself? Options and what is to be opened may follow. */
static gboolean is_program_of(GDesktopAppInfo *info, const char *path)
{
	g_autofree char *line = g_desktop_app_info_get_string(info, "Exec");
	g_auto(GStrv) words = NULL;

	if (!line || !g_shell_parse_argv(line, NULL, &words, NULL))
		return FALSE;
	for (guint i = 1; words[i]; i++)
		if (words[i][0] != '-' && words[i][0] != '%')
			return FALSE;
	return starts(words[0], path);
}

static struct sp_entry *entry_by(const char *file, const char *path)
{
	g_autoptr(GDesktopAppInfo) info = is_roots(file) ?
		g_desktop_app_info_new_from_filename(file) : NULL;
	struct sp_entry *entry;
	GIcon *icon;

	if (!info || g_desktop_app_info_get_is_hidden(info) || !is_program_of(info, path))
		return NULL;
	entry = g_new0(struct sp_entry, 1);
	entry->name = sp_width_harmless(g_app_info_get_name(G_APP_INFO(info)));
	icon = g_app_info_get_icon(G_APP_INFO(info));
	entry->icon = icon ? g_object_ref(icon) : NULL;
	return entry;
}

/* "firefox-esr" may be in firefox-esr.desktop or org.mozilla.firefox-esr.desktop. */
static gboolean may_be(const char *file, const char *name)
{
	g_autofree char *stem = NULL;
	const char *last;

	if (!g_str_has_suffix(file, SUFFIX))
		return FALSE;
	stem = g_strndup(file, strlen(file) - strlen(SUFFIX));
	last = strrchr(stem, '.');
	return g_ascii_strcasecmp(stem, name) == 0 ||
	       (last && g_ascii_strcasecmp(last + 1, name) == 0);
}

struct sp_entry *sp_entry_in(const char *folder, const char *path)
{
	g_autoptr(GDir) dir = is_roots(folder) && is_roots(path) ? g_dir_open(folder, 0, NULL) : NULL;
	g_autofree char *name = g_path_get_basename(path);
	struct sp_entry *entry = NULL;
	const char *file;

	while (dir && !entry && (file = g_dir_read_name(dir))) {
		g_autofree char *full = g_build_filename(folder, file, NULL);

		if (may_be(file, name))
			entry = entry_by(full, path);
	}
	return entry;
}

struct sp_entry *sp_entry_of(const char *path)
{
	return g_path_is_absolute(path) ? sp_entry_in(APPLICATIONS, path) : NULL;
}

gboolean sp_entry_may_be(const struct sp_question *question)
{
	/* Then the path is another file's here, or may be. */
	static const char *const elsewhere[] = { "foreign", "userns", "private", "deleted",
						 "no-path" };

	for (gsize i = 0; i < G_N_ELEMENTS(elsewhere); i++)
		if (g_strv_contains((const char *const *)question->flags, elsewhere[i]))
			return FALSE;
	return !*question->runs;
}

struct sp_entry *sp_entry_of_question(const struct sp_question *question)
{
	return sp_entry_may_be(question) ? sp_entry_of(question->program) : NULL;
}

void sp_entry_free(struct sp_entry *entry)
{
	if (!entry)
		return;
	g_free(entry->name);
	g_clear_object(&entry->icon);
	g_free(entry);
}
