/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sorted array. As none of the prefixes is in another, only the last one that
 * does not begin behind an address can hold it; and as nobody shares more bits
 * with an address than its neighbours, the bit in which they differ tells it from
 * everybody.
 */
#include <stdlib.h>
#include <string.h>
#include "prefix_set.h"

bool sp_prefix_set_add(struct sp_prefix_set *set, const struct sp_prefix *prefix)
{
	if (set->count == set->size) {
		size_t size = set->size ? 2 * set->size : 64;
		struct sp_prefix *more = realloc(set->prefixes, size * sizeof(*more));

		if (!more)
			return false;
		set->prefixes = more;
		set->size = size;
	}
	set->prefixes[set->count++] = *prefix;
	return true;
}

/* A prefix goes before those that are in it. */
static int compare(const void *a, const void *b)
{
	const struct sp_prefix *x = a, *y = b;
	int order = memcmp(x->address, y->address, sizeof(x->address));

	return order ? order : (int)x->length - (int)y->length;
}

static bool holds(const struct sp_prefix *outer, const struct sp_prefix *inner)
{
	return outer->length <= inner->length &&
	       sp_prefix_common(outer->address, inner->address, outer->length) == outer->length;
}

void sp_prefix_set_ready(struct sp_prefix_set *set)
{
	struct sp_prefix *smaller;
	size_t kept = 0;

	if (!set->count)
		return;
	qsort(set->prefixes, set->count, sizeof(*set->prefixes), compare);
	for (size_t i = 0; i < set->count; i++)
		if (!kept || !holds(&set->prefixes[kept - 1], &set->prefixes[i]))
			set->prefixes[kept++] = set->prefixes[i];
	smaller = realloc(set->prefixes, kept * sizeof(*smaller));
	if (smaller)
		set->prefixes = smaller;
	set->count = set->size = kept;
}

void sp_prefix_set_clear(struct sp_prefix_set *set)
{
	free(set->prefixes);
	*set = (struct sp_prefix_set){ 0 };
}

/* How many begin at or before @address. */
static size_t before(const struct sp_prefix_set *set, const uint8_t address[16])
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(set->prefixes[middle].address, address, 16) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool sp_prefix_set_has(const struct sp_prefix_set *set, const uint8_t address[16],
		       uint8_t *length)
{
	size_t index = before(set, address);
	uint8_t bits;

	*length = 0;
	if (index) {
		if (sp_prefix_match(&set->prefixes[index - 1], address, length))
			return true;
	}
	if (index < set->count) {
		(void)sp_prefix_match(&set->prefixes[index], address, &bits);
		if (bits > *length)
			*length = bits;
	}
	return false;
}
