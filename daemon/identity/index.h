/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index of packages that is in force: read when it is first wanted, and again
 * when the database has changed. Any thread.
 */
#pragma once

#include <stdint.h>
#include "packages.h"
#include "sallyport.h"

struct sp_index;

struct sp_index *sp_index_new(const char *root);	/* as sp_packages_load() */
struct sp_index *sp_index_ref(struct sp_index *index);
void sp_index_unref(struct sp_index *index);	/* NULL is fine */

/* Changes with each sp_index_void(). Does not wait. */
uint64_t sp_index_generation(struct sp_index *index);
/* The database has changed: what is wanted from now on is read anew. */
void sp_index_void(struct sp_index *index);
/* Reads it if it is to be read, so that nobody waits for that later. */
void sp_index_read(struct sp_index *index);

enum sp_found { SP_FOUND_NONE, SP_FOUND, SP_FOUND_FAILED };

/* Is the file what its package brought? */
enum sp_package_state {
	SP_PACKAGE_UNKNOWN,	/* no sum is kept or known, it is too large, or not the one executed */
	SP_PACKAGE_UNMODIFIED,
	SP_PACKAGE_MODIFIED,
};
/* For showing. Reads the file, up to 32 MiB. */
enum sp_package_state sp_index_state(struct sp_index *index,
				     const struct sallyport_image *image, const char *path);

/*
 * The package that an image's file belongs to: executed by a proven @path that a
 * package has, and that none but root can write to. A file that was replaced after it was
 * executed is judged by its path alone. @name: to be freed with g_free(), if FOUND.
 * Waits for the disk.
 */
enum sp_found sp_index_package(struct sp_index *index, const struct sallyport_image *image,
			       const char *path, char **name);
