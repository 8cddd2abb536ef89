/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What takes guarded changes back, told from the journal: each change that they made is
 * undone, each that they undid or did again is what it was before the first of them. What
 * came out as it was takes nothing.
 */
#pragma once

#include <glib.h>
#include "store.h"

struct sp_guard_step {
	guint64 change;
	gboolean redo;	/* else: undo */
};

/*
 * @entries: of the journal, newest first. @how: what the changes are called there. An array
 * of struct sp_guard_step: the newest first, since one may rest on the other.
 */
GArray *sp_guard_steps(const struct sp_journal_entry *entries, gsize count, const char *how);
