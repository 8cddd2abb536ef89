/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells when dpkg's or rpm's database has changed, a moment after the last of many
 * changes.
 */
#pragma once

struct sp_database;

/* @root: as sp_packages_load()'s. Main loop only. */
struct sp_database *sp_database_watch(const char *root, void (*changed)(void *data),
				      void *data);
void sp_database_free(struct sp_database *database);	/* NULL is fine */
