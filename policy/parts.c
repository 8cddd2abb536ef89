/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which groups a flow can meet. First those of its program, then by patterns for
 * programs, then the user's by what else is known about the flow, then anybody's:
 * in the order of fields, so that what is found first can't be beaten by what is
 * as strict and comes later.
 */
#include <string.h>
#include "parts.h"

#define BIT(field) (1u << (field))
/* Of a key that costs a look as few are read one by one: cheaper proofs may be found. */
#define FEW 8
/* Folders above a program; deeper ones are searched for patterns one by one. */
#define DEPTH_MAX 20

static const struct {
	enum sp_field_id field;
	size_t fact;
} keys[SP_KEY_COUNT] = {
	[SP_KEY_PATH] = { SP_FIELD_PROGRAM, offsetof(struct sp_facts, program) },
	[SP_KEY_GLOB] = { SP_FIELD_PROGRAM, offsetof(struct sp_facts, program) },
	[SP_KEY_HASH] = { SP_FIELD_HASH, offsetof(struct sp_facts, hash) },
	[SP_KEY_PACKAGE] = { SP_FIELD_PACKAGE, offsetof(struct sp_facts, package) },
	[SP_KEY_APP] = { SP_FIELD_APP, offsetof(struct sp_facts, app) },
	[SP_KEY_UNIT] = { SP_FIELD_UNIT, offsetof(struct sp_facts, unit) },
	[SP_KEY_SCRIPT] = { SP_FIELD_SCRIPT, offsetof(struct sp_facts, script) },
};

/* Who looks. */
struct who {
	struct sp_parts *parts;
	const struct sp_section *section;
	const struct sp_facts *facts;
	enum sp_direction direction;
	uint8_t rank;
};

static void add(struct who *who, enum sp_key key, const struct sp_group *first,
		const struct sp_group *end, uint32_t sure, uint32_t looked)
{
	who->parts->part[who->parts->count++] = (struct sp_part){
		.first = first, .end = end, .key = &who->section->keys[key],
		.kind = (uint8_t)key, .sure = sure | BIT(SP_FIELD_USER),
		.looked = looked, .rank = who->rank,
	};
}

static void add_whole(struct who *who, enum sp_key key)
{
	const struct sp_groups *groups = &who->section->keys[key];

	add(who, key, groups->first, groups->end, 0, 0);
}

/* The group with this value, if there is one. */
static void add_value(struct who *who, enum sp_key key, const char *text)
{
	const struct sp_groups *groups = &who->section->keys[key];
	const struct sp_field *field = sp_fields[keys[key].field];
	const struct sp_group *group = NULL;
	struct sp_key_value value;

	if (text) {
		value = sp_key_value(text, strlen(text));
		group = sp_groups_find(groups, &value);
	}
	add(who, key, group, group ? group + 1 : NULL, BIT(keys[key].field),
	    field->looked[who->direction == SP_IN]);
}

static void add_key(struct who *who, enum sp_key key)
{
	const struct sp_groups *groups = &who->section->keys[key];
	const struct sp_text_fact *fact =
		(const void *)((const char *)who->facts + keys[key].fact);

	if (fact->state != SP_FACT_KNOWN ||
	    (sp_fields[keys[key].field]->looked[0] && groups->count <= FEW))
		add_whole(who, key);
	else
		add_value(who, key, fact->text);
}

static size_t depth(const char *path)
{
	size_t count = 0;

	while ((path = strchr(path, '/'))) {
		path++;
		count++;
	}
	return count;
}

/* Patterns by each folder above the program. */
static void add_globs(struct who *who)
{
	const struct sp_groups *groups = &who->section->keys[SP_KEY_GLOB];
	const char *program = who->facts->program.text, *slash = program;

	if (!groups->count || (who->facts->program.state == SP_FACT_KNOWN && !program))
		return;
	if (who->facts->program.state != SP_FACT_KNOWN || groups->count <= FEW ||
	    depth(program) > DEPTH_MAX) {
		add_whole(who, SP_KEY_GLOB);
		return;
	}
	while ((slash = strchr(slash, '/'))) {
		struct sp_key_value value = sp_key_value(program, (size_t)(++slash - program));
		const struct sp_group *group = sp_groups_find(groups, &value);

		if (group)
			add(who, SP_KEY_GLOB, group, group + 1, 0, 0);
	}
}

static void add_others(struct who *who)
{
	for (int key = SP_KEY_HASH; key <= SP_KEY_SCRIPT; key++, who->rank++)
		if (who->section->keys[key].count)
			add_key(who, (enum sp_key)key);
	if (who->section->keys[SP_KEY_NONE].count)
		add_whole(who, SP_KEY_NONE);
	who->rank++;
}

void sp_parts_choose(struct sp_parts *parts, const struct sp_snapshot *snapshot, bool floor,
		     const struct sp_flow *flow, const struct sp_facts *facts)
{
	struct who who = {
		.parts = parts, .facts = facts, .direction = flow->direction, .rank = 1,
	};
	const uint8_t level = sp_level(floor, flow->direction);
	const struct sp_section *sections[] = {
		sp_section_find(snapshot, level, flow->user),
		sp_section_find(snapshot, level, SP_ANY_USER),
	};
	size_t first = flow->user == SP_ANY_USER;

	parts->count = parts->facts = 0;
	for (size_t i = first; i < 2; i++)
		parts->facts |= sections[i] ? sections[i]->facts : 0;
	for (size_t i = first; i < 2; i++, who.rank++)
		if ((who.section = sections[i]) && sections[i]->keys[SP_KEY_PATH].count)
			add_key(&who, SP_KEY_PATH);
	for (size_t i = first; i < 2; i++)
		if ((who.section = sections[i]))
			add_globs(&who);
	who.rank++;
	for (size_t i = first; i < 2; i++)
		if ((who.section = sections[i]))
			add_others(&who);
}

static bool is_wanted(const struct sp_cursor *cursor, const struct sp_part *part,
		      unsigned laxest, unsigned strictest)
{
	unsigned wanted = cursor->laxest + (cursor->rank && part->rank > cursor->rank);

	return strictest >= wanted && laxest <= cursor->strictest;
}

/* The next part that has groups to be read; adds what proves the rest of its key. */
static bool next_part(struct sp_cursor *cursor)
{
	while (cursor->at < cursor->parts->count) {
		const struct sp_part *part = &cursor->parts->part[cursor->at++];
		const struct sp_look look = { part->looked, 0 };

		if (part->kind > cursor->last_kind ||
		    (cursor->facts && !(part->key->facts & cursor->facts)) ||
		    !is_wanted(cursor, part, part->key->laxest, part->key->strictest))
			continue;
		if (part->looked)
			sp_look_add(cursor->look, &look);
		if (part->first < part->end) {
			cursor->group = part->first;
			return true;
		}
	}
	return false;
}

/* False: the current group has no more. */
static bool next_run(struct sp_cursor *cursor)
{
	return cursor->run && ++cursor->run < cursor->group->end;
}

/* False: the current part has no more. */
static bool next_group(struct sp_cursor *cursor)
{
	return cursor->run && ++cursor->group < sp_cursor_part(cursor)->end;
}

static bool step(struct sp_cursor *cursor)
{
	if (next_run(cursor))
		return true;
	if (!next_group(cursor) && !next_part(cursor))
		return false;
	cursor->run = cursor->group->first;
	return true;
}

bool sp_cursor_next(struct sp_cursor *cursor)
{
	while (step(cursor))
		if (is_wanted(cursor, sp_cursor_part(cursor), cursor->run->strictness,
			      cursor->run->strictness))
			return true;
	return false;
}
