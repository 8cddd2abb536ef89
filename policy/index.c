/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding what a decision must read. Everything is searched by halves, so that
 * nobody can slow it down by names that fall together in a hash.
 */
#include <endian.h>
#include <string.h>
#include "snapshot.h"

/* Shorter runs are read whole: there a cheaper proof than bits may be found. */
#define SHORT_RUN 8

uint64_t sp_text_hash(const char *text, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)text[i]) * 0x100000001b3u;
	return hash;
}

struct sp_key_value sp_key_value(const char *text, size_t length)
{
	return (struct sp_key_value){ text, length, sp_text_hash(text, length) };
}

uint64_t sp_address_load(const uint8_t bytes[8])
{
	uint64_t number;

	memcpy(&number, bytes, sizeof(number));
	return be64toh(number);
}

int sp_compare_key(const struct sp_key_value *a, const struct sp_key_value *b)
{
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	return a->length ? memcmp(a->text, b->text, a->length) : 0;
}

int sp_compare_section(uint8_t level_a, uint32_t user_a, uint8_t level_b, uint32_t user_b)
{
	if (level_a != level_b)
		return level_a < level_b ? -1 : 1;
	return (user_a > user_b) - (user_a < user_b);
}

const struct sp_group *sp_groups_find(const struct sp_groups *groups,
				      const struct sp_key_value *key)
{
	size_t low = 0, high = (size_t)(groups->end - groups->first);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct sp_group *group = &groups->first[middle];
		int order = sp_compare_key(key, &group->key);

		if (!order)
			return group;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct sp_section *sp_section_find(const struct sp_snapshot *snapshot,
					 uint8_t level, uint32_t user)
{
	size_t low = 0, high = snapshot->section_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct sp_section *section = &snapshot->sections[middle];
		int order = sp_compare_section(level, user, section->level, section->user);

		if (!order)
			return section;
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

/* Mostly there is none: then one search is enough. */
static struct sp_entries find(struct sp_entries entries, const uint64_t address[2])
{
	struct sp_entries found = { bound(entries, address, false), entries.end };

	if (found.first < found.end && !sp_compare_address(found.first->address, address))
		found.end = bound(found, address, true);
	else
		found.end = found.first;
	return found;
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
static bool next_prefix(struct sp_search *search, struct sp_look *look,
			struct sp_entries *found)
{
	const struct sp_entries *all = &search->run->entries;
	const uint8_t *remote = search->flow->remote;
	uint64_t address[2] = { sp_address_load(remote), sp_address_load(remote + 8) };
	struct sp_look bits = { 0, 0 };

	clear_behind(address, 128u - search->run->place);
	*found = find(*all, address);
	if (found->first > all->first)
		bits.length = (uint8_t)(common(found->first[-1].address, address) + 1);
	sp_look_add(look, &bits);
	if (found->end < all->end)
		bits.length = (uint8_t)(common(found->end->address, address) + 1);
	sp_look_add(look, &bits);
	return found->first < found->end;
}

/* The next name to look for: those of the flow, and of each what is behind its dots. */
static const char *next_suffix(struct sp_search *search)
{
	if (search->suffix && search->run->place == SP_RUN_DOMAIN) {
		search->suffix = strchr(search->suffix, '.');
		if (search->suffix)
			return ++search->suffix;
	}
	if (search->name == search->facts->names.count)
		return NULL;
	return search->suffix = search->facts->names.names[search->name++];
}

static bool next_name(struct sp_search *search, struct sp_look *look,
		      struct sp_entries *found)
{
	static const struct sp_look names = { SP_LOOKED_NAMES, 128 };
	const char *name;

	if (!search->begun)
		sp_look_add(look, &names);
	while ((name = next_suffix(search))) {
		const uint64_t key[2] = { sp_text_hash(name, strlen(name)), 0 };

		*found = find(search->run->entries, key);
		if (found->first < found->end)
			return true;
	}
	return false;
}

static bool same_place(const struct sp_entry *a, const struct sp_entry *b)
{
	return !sp_compare_address(a->address, b->address) &&
	       (!a->rule->remote_name || !strcmp(a->rule->remote_name, b->rule->remote_name));
}

/* The next block of rules about the same list or class, if that one matches. */
static bool next_block(struct sp_search *search, struct sp_look *look,
		       struct sp_entries *found)
{
	const struct sp_field *remote = sp_fields[SP_FIELD_REMOTE];

	if (!search->begun)
		search->next = search->run->entries.first;
	while (search->next < search->run->entries.end) {
		struct sp_look one = { 0, 0 };

		found->first = search->next;
		while (search->next < search->run->entries.end &&
		       same_place(search->next, found->first))
			search->next++;
		found->end = search->next;
		if (remote->match(remote, found->first->rule, search->flow, search->facts,
				  &one) != SP_NO)
			return true;
		sp_look_add(look, &one);
	}
	return false;
}

static bool is_whole(const struct sp_search *search)
{
	const struct sp_run *run = search->run;

	if (run->place == SP_RUN_ANY || run->entries.end - run->entries.first <= SHORT_RUN)
		return true;
	return (run->place == SP_RUN_HOST || run->place == SP_RUN_DOMAIN) &&
	       search->facts->names.state != SP_FACT_KNOWN;
}

bool sp_search_next(struct sp_search *search, struct sp_look *look,
		    struct sp_entries *entries)
{
	bool begun = search->begun, found;

	if (is_whole(search)) {
		*entries = search->run->entries;
		found = !begun;
	} else if (search->run->place < SP_RUN_HOST) {
		found = !begun && next_prefix(search, look, entries);
	} else if (search->run->place < SP_RUN_LIST) {
		found = next_name(search, look, entries);
	} else {
		found = next_block(search, look, entries);
	}
	search->begun = true;
	return found;
}
