/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel told about images, by number: for deciding open flows and
 * installed verdicts again, and for the history. A number is never used again
 * and its image never changes, so what is here stays true; it is a small cache
 * all the same. Filled from tags too: the program that a tag was about may be gone
 * when the history wants its path.
 */
#pragma once

#include <stdint.h>
#include "sallyport.h"

#define SP_IMAGES_SLOTS	512

struct sp_image_entry {
	struct sallyport_image info;	/* id 0: free */
	char *path;			/* NULL: none */
};

struct sp_images {
	struct sp_image_entry slots[SP_IMAGES_SLOTS];
};

void sp_images_clear(struct sp_images *images);
/* NULL: not known here. Valid until the next addition. */
const struct sp_image_entry *sp_images_find(const struct sp_images *images,
					    uint64_t id);
/* @path: @length bytes. NULL: no memory. */
const struct sp_image_entry *sp_images_add(struct sp_images *images,
					   const struct sallyport_image *info,
					   const char *path, uint16_t length);
