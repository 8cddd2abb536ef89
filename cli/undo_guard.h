/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an undo or redo would change, for the guard (guard.h). */
#pragma once

#include <gio/gio.h>

/*
 * Has the undo, or redo, of *@change guarded where it is to be. *@change 0: the latest, and
 * where that was looked at *@change is its number, so that it is no other that is undone.
 */
gboolean sp_undo_guard(GDBusConnection *bus, gboolean redo, guint64 *change, GError **error);
