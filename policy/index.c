/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding what a decision must read. Everything is searched by halves, so that
 * nobody can slow it down by names that fall together in a hash.
 */
#include <string.h>
#include "snapshot.h"

/* Shorter runs are read whole: there a cheaper proof than bits may be found. */
#define SHORT_RUN 8

uint64_t sp_program_hash(const char *program)
{
	uint64_t hash = 0xcbf29ce484222325u;

	if (!program)
		return 0;
	while (*program)
		hash = (hash ^ (uint8_t)*program++) * 0x100000001b3u;
	return hash;
}

uint64_t sp_address_load(const uint8_t bytes[8])
{
	uint64_t number = 0;

	for (size_t i = 0; i < 8; i++)
		number = number << 8 | bytes[i];
	return number;
}

int sp_compare_program(const char *a, uint64_t a_hash, const char *b, uint64_t b_hash)
{
	if (!a || !b)
		return !a - !b;
	if (a_hash != b_hash)
		return a_hash < b_hash ? -1 : 1;
	return strcmp(a, b);
}

int sp_compare_user(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

int sp_compare_address(const uint64_t a[2], const uint64_t b[2])
{
	if (a[0] != b[0])
		return a[0] < b[0] ? -1 : 1;
	return (a[1] > b[1]) - (a[1] < b[1]);
}

const struct sp_group *sp_section_find(const struct sp_section *section,
				       const char *program, uint64_t hash, uint32_t user)
{
	size_t low = 0, high = (size_t)(section->end - section->first);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct sp_group *group = &section->first[middle];
		int order = sp_compare_program(program, hash, group->program, group->hash);

		if (!order)
			order = sp_compare_user(user, group->user);
		if (!order)
			return group;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* The first entry that is not less than (@behind: that is greater than) @address. */
static const struct sp_entry *bound(struct sp_entries entries, const uint64_t address[2],
				    bool behind)
{
	size_t low = 0, high = (size_t)(entries.end - entries.first);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = sp_compare_address(entries.first[middle].address, address);

		if (order < 0 || (behind && order == 0))
			low = middle + 1;
		else
			high = middle;
	}
	return entries.first + low;
}

/* How many leading bits are the same; the addresses differ. */
static unsigned common(const uint64_t a[2], const uint64_t b[2])
{
	if (a[0] != b[0])
		return (unsigned)__builtin_clzll(a[0] ^ b[0]);
	return 64 + (unsigned)__builtin_clzll(a[1] ^ b[1]);
}

static void clear_behind(uint64_t address[2], unsigned length)
{
	if (length <= 64)
		address[1] = 0;
	else
		address[1] &= UINT64_MAX << (128 - length);
	if (length < 64)
		address[0] &= UINT64_MAX << (64 - length);
}

/*
 * In a sorted run nobody shares more bits with an address than its neighbours:
 * the bit in which they differ tells it from everybody.
 */
struct sp_entries sp_run_find(const struct sp_run *run, const uint8_t remote[16],
			      struct sp_look *look)
{
	uint64_t address[2] = { sp_address_load(remote), sp_address_load(remote + 8) };
	struct sp_entries found;
	struct sp_look bits = { 0, 0 };

	if (!run->length || run->entries.end - run->entries.first <= SHORT_RUN)
		return run->entries;
	clear_behind(address, run->length);
	found.first = bound(run->entries, address, false);
	found.end = bound(run->entries, address, true);
	if (found.first > run->entries.first)
		bits.length = (uint8_t)(common(found.first[-1].address, address) + 1);
	sp_look_add(look, &bits);
	if (found.end < run->entries.end)
		bits.length = (uint8_t)(common(found.end->address, address) + 1);
	sp_look_add(look, &bits);
	return found;
}
