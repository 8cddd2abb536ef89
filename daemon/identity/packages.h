/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which package a path belongs to, by the databases of dpkg and of rpm: an index in
 * memory, about ten bytes a file. It never changes; a changed database wants a new
 * index. May be used by several threads.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct sp_packages;

/*
 * @root: "" or where the system's root is, for tests. A machine with neither has an
 * empty index. NULL: no memory, or a database can't be read; errno (ENOTSUP: it has
 * rpm's alone, and of another kind than SQLite's).
 */
struct sp_packages *sp_packages_load(const char *root);
void sp_packages_free(struct sp_packages *packages);	/* NULL is fine */
size_t sp_packages_count(const struct sp_packages *packages);	/* of files */

/* The package's name, or NULL; @path as the kernel says it, absolute. */
const char *sp_packages_find(const struct sp_packages *packages, const char *path);

/* Of a file as it was installed. */
struct sp_file_sum {
	GChecksumType type;
	char digits[129];	/* as many as the type has */
};

/* As the database keeps it. False: it keeps none, or none that is known here. */
bool sp_packages_sum(const struct sp_packages *packages, const char *path,
		     struct sp_file_sum *sum);
