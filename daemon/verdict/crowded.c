/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One entry for each hash: the newest has it. */
#include <string.h>
#include "crowded.h"
#include "hash.h"

static struct sp_crowded_place place_of(const struct sallyport_verdict *verdict)
{
	return (struct sp_crowded_place) {
		.image = verdict->image,
		.uid = verdict->uid,
		.match = verdict->match,
		.direction = verdict->direction,
		.remote_length = verdict->remote_length,
	};
}

static size_t index_of(const struct sp_crowded_place *place)
{
	return sp_hash(place, sizeof(*place)) % SP_CROWDED_MAX;
}

void sp_crowded_add(struct sp_crowded *crowded, const struct sallyport_verdict *verdict,
		    uint64_t boot)
{
	struct sp_crowded_place place = place_of(verdict);
	size_t i = index_of(&place);

	crowded->entries[i].place = place;
	crowded->entries[i].until = boot + SP_CROWDED_AGE;
}

bool sp_crowded_has(const struct sp_crowded *crowded,
		    const struct sallyport_verdict *verdict, uint64_t boot)
{
	struct sp_crowded_place place = place_of(verdict);
	size_t i = index_of(&place);

	return crowded->entries[i].until > boot &&
	       !memcmp(&crowded->entries[i].place, &place, sizeof(place));
}
