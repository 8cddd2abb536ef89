/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hash set that gives up when it is three quarters full. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "dependents.h"

static const uint8_t unspecified[16];

bool sp_dependents_init(struct sp_dependents *dependents)
{
	memset(dependents, 0, sizeof(*dependents));
	if (getrandom(&dependents->seed, sizeof(dependents->seed), GRND_NONBLOCK) < 0)
		dependents->seed = (uintptr_t)dependents;
	dependents->slots = calloc(SP_DEPENDENTS_SLOTS, sizeof(*dependents->slots));
	return dependents->slots != NULL;
}

void sp_dependents_clear(struct sp_dependents *dependents)
{
	free(dependents->slots);
	dependents->slots = NULL;
}

void sp_dependents_reset(struct sp_dependents *dependents)
{
	if (dependents->count)
		memset(dependents->slots, 0, SP_DEPENDENTS_SLOTS * sizeof(*dependents->slots));
	dependents->count = 0;
	dependents->all = false;
}

static uint8_t *find(const struct sp_dependents *dependents, const uint8_t address[16])
{
	uint64_t halves[2], sum;
	size_t at;

	memcpy(halves, address, sizeof(halves));
	sum = (halves[0] ^ dependents->seed) * 0x9e3779b97f4a7c15u;
	sum = (sum ^ sum >> 29 ^ halves[1]) * 0xd6e8feb86659fd93u;
	at = (size_t)(sum >> 40) % SP_DEPENDENTS_SLOTS;
	while (memcmp(dependents->slots[at], address, 16) &&
	       memcmp(dependents->slots[at], unspecified, 16))
		at = (at + 1) % SP_DEPENDENTS_SLOTS;
	return dependents->slots[at];
}

void sp_dependents_add(struct sp_dependents *dependents, const uint8_t address[16])
{
	uint8_t *slot;

	if (dependents->all)
		return;
	slot = find(dependents, address);
	if (!memcmp(slot, address, 16))
		return;
	if (dependents->count >= SP_DEPENDENTS_SLOTS * 3 / 4) {
		dependents->all = true;
		return;
	}
	memcpy(slot, address, 16);
	dependents->count++;
}

bool sp_dependents_have(const struct sp_dependents *dependents, const uint8_t address[16])
{
	return dependents->all || !memcmp(find(dependents, address), address, 16);
}
