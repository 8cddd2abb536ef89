/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The application that a program is, as its desktop entry presents it. */
#pragma once

#include "question.h"

#include <gio/gio.h>

typedef struct sp_entry {
	char *name;	/* harmless */
	GIcon *icon;	/* NULL: it has none */
} SpEntry;

/*
 * NULL unless an entry in @folder starts exactly the file @path and says nothing that it
 * is to run, and only root can change both: a file named like an application must not
 * look like it, nor an interpreter like what somebody runs with it. A user's own entries
 * don't count.
 */
struct sp_entry *sp_entry_in(const char *folder, const char *path);
/* In the folder of what is installed for everybody. */
struct sp_entry *sp_entry_of(const char *path);
/* Is the path of who asks the executed file's, here, and what it runs its own? */
gboolean sp_entry_may_be(const struct sp_question *question);
/* Of who asks, if it may be one. */
struct sp_entry *sp_entry_of_question(const struct sp_question *question);
void sp_entry_free(struct sp_entry *entry);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpEntry, sp_entry_free)
