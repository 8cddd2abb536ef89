/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A direct-mapped cache: numbers are given in order, so neighbours do not meet. */
#include <stdlib.h>
#include <string.h>
#include "images.h"

void sp_images_clear(struct sp_images *images)
{
	size_t i;

	for (i = 0; i < SP_IMAGES_SLOTS; i++)
		free(images->slots[i].path);
	memset(images, 0, sizeof(*images));
}

const struct sp_image_entry *sp_images_find(const struct sp_images *images,
					    uint64_t id)
{
	const struct sp_image_entry *slot = &images->slots[id % SP_IMAGES_SLOTS];

	return id && slot->info.id == id ? slot : NULL;
}

const struct sp_image_entry *sp_images_add(struct sp_images *images,
					   const struct sallyport_image *info,
					   const char *path, uint16_t length)
{
	struct sp_image_entry *slot;
	char *copy = NULL;

	if (length) {
		copy = strndup(path, length);
		if (!copy)
			return NULL;
	}
	slot = &images->slots[info->id % SP_IMAGES_SLOTS];
	free(slot->path);
	slot->path = copy;
	slot->info = *info;
	return slot;
}
