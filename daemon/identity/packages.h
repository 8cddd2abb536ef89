/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which package a path belongs to, by dpkg's database: an index in memory, about
 * ten bytes a file. It never changes; a changed database wants a new index. May be
 * used by several threads.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct sp_packages;

/*
 * @root: "" or where the system's root is, for tests. A machine without dpkg has
 * an empty index. NULL: no memory, or the database can't be read; errno.
 */
struct sp_packages *sp_packages_load(const char *root);
void sp_packages_free(struct sp_packages *packages);	/* NULL is fine */
size_t sp_packages_count(const struct sp_packages *packages);	/* of files */

/* The package's name, or NULL; @path as the kernel says it, absolute. */
const char *sp_packages_find(const struct sp_packages *packages, const char *path);

/* MD5 of the file as it was installed, as dpkg keeps it. False: it keeps none. */
bool sp_packages_sum(const struct sp_packages *packages, const char *path, char sum[33]);
