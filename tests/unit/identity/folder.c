/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "folder.h"

#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>

void folder_put(const char *root, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(root, name, NULL);
	g_autofree char *folder = g_path_get_dirname(path);

	ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
	ck_assert(g_file_set_contents(path, text, -1, NULL));
}

void folder_remove(const char *path)
{
	GDir *folder = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL :
		       g_dir_open(path, 0, NULL);
	const char *name;

	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *inner = g_build_filename(path, name, NULL);

		folder_remove(inner);
	}
	if (folder)
		g_dir_close(folder);
	g_remove(path);
}
