/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links of the system's own folders, /bin -> usr/bin and the like: what a package has
 * behind one lies, for the kernel, where the link leads.
 */
#pragma once

#include "span.h"

struct sp_merged {
	unsigned there;		/* bits: which of those that are known */
};

/* @root: as sp_packages_load()'s. */
void sp_merged_read(struct sp_merged *merged, const char *root);
/* Where the path really lies; @buffer may be used for it. */
struct sp_span sp_merged_follow(const struct sp_merged *merged, struct sp_span path, char *buffer,
				size_t size);
