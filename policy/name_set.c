/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash table of places in one text. A slot has twice the place plus 2, and 1
 * more where the name is a domain. The hash has a secret seed: who writes a list
 * can't make its names fall together.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "name_set.h"

#define SLOTS_FIRST 64
#define TEXT_FIRST 4096
#define TEXT_MAX (UINT32_MAX / 2 - 2)

static size_t hash(const struct sp_name_set *set, const char *name)
{
	uint64_t sum = set->seed;

	for (; *name; name++)
		sum = (sum ^ (uint8_t)*name) * 0x100000001b3u;
	sum ^= sum >> 32;
	sum *= 0xd6e8feb86659fd93u;
	return (size_t)(sum ^ sum >> 32);
}

static const char *name_at(const struct sp_name_set *set, uint32_t slot)
{
	return set->text + slot / 2 - 1;
}

/* The slot that has @name, or the free one where it would be. */
static uint32_t *find(const struct sp_name_set *set, const char *name)
{
	size_t mask = set->slots - 1, at = hash(set, name) & mask;

	while (set->table[at] && strcmp(name_at(set, set->table[at]), name))
		at = (at + 1) & mask;
	return &set->table[at];
}

static bool grow_table(struct sp_name_set *set)
{
	struct sp_name_set larger = *set;

	if (4 * set->count < 3 * set->slots)
		return true;
	if (!set->slots && getrandom(&larger.seed, sizeof(larger.seed), GRND_NONBLOCK) < 0)
		larger.seed = (uintptr_t)set;
	larger.slots = set->slots ? 2 * set->slots : SLOTS_FIRST;
	larger.table = calloc(larger.slots, sizeof(*larger.table));
	if (!larger.table)
		return false;
	for (size_t i = 0; i < set->slots; i++)
		if (set->table[i])
			*find(&larger, name_at(set, set->table[i])) = set->table[i];
	free(set->table);
	*set = larger;
	return true;
}

static bool grow_text(struct sp_name_set *set, size_t length)
{
	size_t size = set->size ? set->size : TEXT_FIRST;
	char *text;

	while (size - set->length < length)
		size += size / 2;
	if (set->length + length > TEXT_MAX)
		return false;
	if (size == set->size)
		return true;
	text = realloc(set->text, size);
	if (!text)
		return false;
	set->text = text;
	set->size = size;
	return true;
}

bool sp_name_set_add(struct sp_name_set *set, const char *name, bool domain)
{
	size_t length = strlen(name) + 1;
	uint32_t *slot;

	if (!grow_table(set) || !grow_text(set, length))
		return false;
	slot = find(set, name);
	if (!*slot) {
		memcpy(set->text + set->length, name, length);
		*slot = (uint32_t)(2 * set->length + 2);
		set->length += length;
		set->count++;
	}
	*slot |= domain;
	return true;
}

void sp_name_set_ready(struct sp_name_set *set)
{
	char *text = set->length ? realloc(set->text, set->length) : NULL;

	if (text) {
		set->text = text;
		set->size = set->length;
	}
}

void sp_name_set_clear(struct sp_name_set *set)
{
	free(set->text);
	free(set->table);
	*set = (struct sp_name_set){ 0 };
}

bool sp_name_set_has(const struct sp_name_set *set, const char *name)
{
	if (!set->count)
		return false;
	if (*find(set, name))
		return true;
	while ((name = strchr(name, '.'))) {
		name++;
		if (*find(set, name) & 1)
			return true;
	}
	return false;
}
