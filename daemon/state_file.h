/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small key files in the state folder, whole or not at all, and durable when a call
 * returns. The disk is waited for: only for what happens seldom.
 */
#pragma once

#include <glib.h>

/* NULL: there is none. One that can't be read is told in the log, and there is none. */
GKeyFile *sp_state_file_read(const char *path);
gboolean sp_state_file_write(const char *path, GKeyFile *file, GError **error);
gboolean sp_state_file_remove(const char *path, GError **error);
