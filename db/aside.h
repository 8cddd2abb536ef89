/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of a store in its folder, by name. Inside db/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define SP_ASIDE_NAME 64

/*
 * Renames policy.db and what belongs to it to policy.db.damaged-N (N: the first
 * that is free), whose name is put into @name. Nothing is ever overwritten.
 * False: errno. A log without its database is set aside as well.
 */
bool sp_store_set_aside(int folder, char name[SP_ASIDE_NAME]);

/* The same for the copy. */
bool sp_store_set_copy_aside(int folder, char name[SP_ASIDE_NAME]);

/* Is there a log without a database? */
bool sp_store_stray(int folder);

/* Renames, but never over a file; false: errno. */
bool sp_store_rename(int folder, const char *from, const char *to);

/* Removes the database @name and its log files. */
void sp_store_unlink(int folder, const char *name);
