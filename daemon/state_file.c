/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See state_file.h. */
#include "state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "log.h"

GKeyFile *sp_state_file_read(const char *path)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) error = NULL;

	if (g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &error))
		return g_steal_pointer(&file);
	if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		sp_log_error("%s: %s", path, error->message);
	return NULL;
}

gboolean sp_state_file_write(const char *path, GKeyFile *file, GError **error)
{
	gsize length;
	g_autofree char *text = g_key_file_to_data(file, &length, NULL);

	return g_file_set_contents_full(path, text, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT |
					G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

static int sync_folder(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int problem = fd < 0 || fsync(fd) ? errno : 0;

	if (fd >= 0)
		close(fd);
	return problem;
}

gboolean sp_state_file_remove(const char *path, GError **error)
{
	int problem = unlink(path) && errno != ENOENT ? errno : sync_folder(path);

	if (!problem)
		return TRUE;
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(problem), "%s: %s", path,
		    g_strerror(problem));
	return FALSE;
}
