/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our copy of the verdicts installed in the kernel, to decide them again when
 * the policy changes. A verdict's own fields are those that its decision looked
 * at, so it is its own sample; the path of its image the kernel tells.
 *
 * May hold more than the kernel (which drops expired ones by itself), never
 * less: there must be room before a verdict is pushed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sallyport.h"

struct sp_installed_node;
struct sp_installed_chunk;

struct sp_installed {
	size_t max, count, spare;
	size_t mask;
	struct sp_installed_node **buckets;
	struct sp_installed_node *free;
	struct sp_installed_chunk *chunks;
};

bool sp_installed_init(struct sp_installed *installed, size_t max);	/* false: no memory */
void sp_installed_clear(struct sp_installed *installed);

/* Off the packet's path: sees to it that some nodes are spare. */
void sp_installed_prepare(struct sp_installed *installed);
bool sp_installed_has_room(const struct sp_installed *installed);
/*
 * Adds @verdict, in place of one with the same subject, mask and values if there
 * is one. There must be room.
 */
void sp_installed_add(struct sp_installed *installed,
		      const struct sallyport_verdict *verdict);
/* Forgets those for which @fn says so. */
void sp_installed_remove_if(struct sp_installed *installed,
			    bool (*fn)(const struct sallyport_verdict *verdict,
				       void *arg), void *arg);
void sp_installed_expire(struct sp_installed *installed, uint64_t boot);
