/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From rules to a snapshot: copy, sort, and mark where what begins. */
#include <stdlib.h>
#include <string.h>
#include "action.h"
#include "glob.h"
#include "lists.h"
#include "prefix.h"
#include "snapshot.h"

static int compare_section(const struct sp_entry *a, const struct sp_entry *b)
{
	return sp_compare_section(a->level, a->user, b->level, b->user);
}

static int compare_group(const struct sp_entry *a, const struct sp_entry *b)
{
	int order = (int)a->kind - (int)b->kind;

	return order ? order : sp_compare_key(&a->key, &b->key);
}

static int compare_run(const struct sp_entry *a, const struct sp_entry *b)
{
	if (a->strictness != b->strictness)
		return a->strictness > b->strictness ? -1 : 1;
	return (int)a->place - (int)b->place;
}

/* Names that fall together in the hash are told apart, so that blocks are whole. */
static int compare_name(const struct sp_rule *a, const struct sp_rule *b)
{
	return a->remote_name && b->remote_name ? strcmp(a->remote_name, b->remote_name) : 0;
}

static int compare_entry(const void *a, const void *b)
{
	const struct sp_entry *x = a, *y = b;
	int order = compare_section(x, y);

	if (!order)
		order = compare_group(x, y);
	if (!order)
		order = compare_run(x, y);
	if (!order)
		order = sp_compare_address(x->address, y->address);
	if (!order)
		order = compare_name(x->rule, y->rule);
	return order ? order : sp_rule_order(x->rule, y->rule);
}

static int compare_id(const void *a, const void *b)
{
	const struct sp_rule *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int compare_list(const void *a, const void *b)
{
	const struct sp_list *const *x = a, *const *y = b;

	return strcmp(sp_list_name(*x), sp_list_name(*y));
}

static bool take_lists(struct sp_snapshot *snapshot, const struct sp_source *source)
{
	snapshot->lists = calloc(source->list_count + 1, sizeof(struct sp_list *));
	if (!snapshot->lists)
		return false;
	for (size_t i = 0; i < source->list_count; i++)
		snapshot->lists[snapshot->list_count++] = sp_list_ref(source->lists[i]);
	qsort(snapshot->lists, snapshot->list_count, sizeof(*snapshot->lists), compare_list);
	return true;
}

/* NULL: there is none. */
static const struct sp_list *find_list(const struct sp_snapshot *snapshot, const char *name)
{
	size_t low = 0, high = snapshot->list_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, sp_list_name(snapshot->lists[middle]));

		if (!order)
			return snapshot->lists[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static bool is_alive(const struct sp_source *source, const struct sp_rule *rule)
{
	if (!rule->enabled || sp_rule_expired(rule->expires, source->now))
		return false;
	return rule->bound == SP_BOUND_NONE ||
	       (source->boot && rule->boot && !strcmp(source->boot, rule->boot));
}

static bool copy_rules(struct sp_snapshot *snapshot, const struct sp_source *source)
{
	for (size_t i = 0; i < source->count; i++) {
		struct sp_rule *rule = &snapshot->rules[snapshot->count];

		if (!is_alive(source, &source->rules[i]))
			continue;
		if (!sp_rule_copy(rule, &source->rules[i]))
			return false;
		rule->list = rule->remote_kind == SP_REMOTE_LIST ?
			     find_list(snapshot, rule->remote_name) : NULL;
		if (rule->expires && (!snapshot->expires || rule->expires < snapshot->expires))
			snapshot->expires = rule->expires;
		snapshot->count++;
	}
	qsort(snapshot->rules, snapshot->count, sizeof(*snapshot->rules), compare_id);
	return true;
}

static enum sp_key key_of(const struct sp_rule *rule, struct sp_key_value *value)
{
	const char *const texts[] = {
		[SP_KEY_HASH] = rule->hash, [SP_KEY_PACKAGE] = rule->package,
		[SP_KEY_APP] = rule->app, [SP_KEY_UNIT] = rule->unit,
		[SP_KEY_SCRIPT] = rule->script,
	};

	if (rule->program) {
		*value = sp_key_value(rule->program, rule->program_glob ?
				      sp_glob_fixed(rule->program) : strlen(rule->program));
		return rule->program_glob ? SP_KEY_GLOB : SP_KEY_PATH;
	}
	for (int key = SP_KEY_HASH; key <= SP_KEY_SCRIPT; key++)
		if (texts[key]) {
			*value = sp_key_value(texts[key], strlen(texts[key]));
			return (enum sp_key)key;
		}
	*value = (struct sp_key_value){ 0 };
	return SP_KEY_NONE;
}

static void set_prefix(struct sp_entry *entry, const struct sp_prefix *prefix)
{
	entry->place = (uint8_t)(prefix->length ? 128 - prefix->length : SP_RUN_ANY);
	entry->address[0] = sp_address_load(prefix->address);
	entry->address[1] = sp_address_load(prefix->address + 8);
}

static void set_name(struct sp_entry *entry, uint8_t place, const char *name)
{
	entry->place = place;
	entry->inner = 128;
	entry->address[0] = sp_text_hash(name, strlen(name));
}

static void set_place(struct sp_entry *entry)
{
	const struct sp_rule *rule = entry->rule;

	switch (rule->remote_kind) {
	case SP_REMOTE_PREFIX:
	case SP_REMOTE_RANGE:
		entry->inner = rule->remote.length;
		set_prefix(entry, &rule->remote);
		return;
	case SP_REMOTE_HOST:
		set_name(entry, SP_RUN_HOST, rule->remote_name);
		return;
	case SP_REMOTE_DOMAIN:
		set_name(entry, SP_RUN_DOMAIN, rule->remote_name);
		return;
	case SP_REMOTE_LIST:
		set_name(entry, SP_RUN_LIST, rule->remote_name);
		return;
	case SP_REMOTE_RESOLVER:
	case SP_REMOTE_LOOPBACK:
	case SP_REMOTE_LAN:
	case SP_REMOTE_MULTICAST:
	case SP_REMOTE_INTERNET:
		break;
	}
	entry->place = SP_RUN_CLASS;
	entry->inner = 128;
	entry->address[0] = rule->remote_kind;
}

static struct sp_entry make_entry(const struct sp_rule *rule)
{
	struct sp_entry entry = {
		.rule = rule,
		.expires = rule->expires,
		.user = sp_rule_effective_user(rule),
		.fields = sp_rule_fields(rule),
		.level = sp_level(rule->floor, rule->direction),
		.strictness = (uint8_t)sp_action_strictness(rule->action),
	};

	entry.kind = (uint8_t)key_of(rule, &entry.key);
	set_place(&entry);
	return entry;
}

/*
 * The entries of the rule into @to, if that is not NULL: one, or one for each
 * prefix of a range. How many.
 */
static size_t spread(const struct sp_rule *rule, struct sp_entry *to)
{
	struct sp_prefix prefix;
	struct sp_range range;
	struct sp_entry entry;
	size_t count = 0;
	bool more;

	if (to)
		entry = make_entry(rule);
	if (rule->remote_kind != SP_REMOTE_RANGE) {
		if (to)
			*to = entry;
		return 1;
	}
	memcpy(range.first, rule->remote.address, sizeof(range.first));
	memcpy(range.last, rule->remote_last, sizeof(range.last));
	if (to)
		entry.inner = (uint8_t)sp_prefix_common(range.first, range.last, 128);
	do {
		more = sp_range_cut(&range, &prefix);
		if (to) {
			set_prefix(&entry, &prefix);
			to[count] = entry;
		}
		count++;
	} while (more);
	return count;
}

static bool make_entries(struct sp_snapshot *snapshot)
{
	size_t count = 0;

	for (size_t i = 0; i < snapshot->count; i++)
		count += spread(&snapshot->rules[i], NULL);
	snapshot->entries = calloc(count + 1, sizeof(*snapshot->entries));
	snapshot->runs = calloc(count + 1, sizeof(*snapshot->runs));
	snapshot->groups = calloc(count + 1, sizeof(*snapshot->groups));
	if (!snapshot->entries || !snapshot->runs || !snapshot->groups)
		return false;
	for (size_t i = 0; i < snapshot->count; i++)
		snapshot->entry_count += spread(&snapshot->rules[i],
						snapshot->entries + snapshot->entry_count);
	qsort(snapshot->entries, count, sizeof(*snapshot->entries), compare_entry);
	return true;
}

/* False: the entry begins another run. */
static bool add_to_run(struct sp_run *run, const struct sp_entry *entry)
{
	if (compare_run(run->entries.first, entry))
		return false;
	run->entries.end = entry + 1;
	return true;
}

static struct sp_run *new_run(struct sp_run *run, const struct sp_entry *entry)
{
	run->strictness = entry->strictness;
	run->place = entry->place;
	run->entries = (struct sp_entries){ entry, entry + 1 };
	return run + 1;
}

static struct sp_group *new_group(struct sp_group *group, const struct sp_entry *entry,
				  const struct sp_run *run)
{
	group->key = entry->key;
	group->first = run;
	return group + 1;
}

static void note_in_key(struct sp_groups *groups, const struct sp_entry *entry,
			unsigned facts, const struct sp_group *end)
{
	groups->facts |= facts;
	if (!groups->count || entry->strictness < groups->laxest)
		groups->laxest = entry->strictness;
	if (entry->strictness > groups->strictest)
		groups->strictest = entry->strictness;
	if (!groups->count)
		groups->first = end - 1;
	groups->end = end;
	groups->count++;
}

/* Does the entry begin a section? */
static bool begins(const struct sp_snapshot *snapshot, size_t i)
{
	const struct sp_entry *entry = &snapshot->entries[i];

	return i == 0 || compare_section(entry - 1, entry);
}

static bool allocate_sections(struct sp_snapshot *snapshot)
{
	size_t count = 0;

	for (size_t i = 0; i < snapshot->entry_count; i++)
		count += begins(snapshot, i);
	snapshot->sections = calloc(count + 1, sizeof(*snapshot->sections));
	return snapshot->sections;
}

static struct sp_section *new_section(struct sp_snapshot *snapshot, const struct sp_entry *entry)
{
	struct sp_section *section = &snapshot->sections[snapshot->section_count++];

	section->level = entry->level;
	section->user = entry->user;
	return section;
}

static void make_sections(struct sp_snapshot *snapshot)
{
	struct sp_section *section = NULL;
	struct sp_group *group = snapshot->groups;
	struct sp_run *run = snapshot->runs;

	for (size_t i = 0; i < snapshot->entry_count; i++) {
		const struct sp_entry *entry = &snapshot->entries[i];
		bool other = begins(snapshot, i);
		bool fresh = other || compare_group(entry - 1, entry);
		unsigned facts = sp_rule_facts(entry->rule, entry->fields);

		if (other)
			section = new_section(snapshot, entry);
		section->facts |= facts;
		if (fresh)
			group = new_group(group, entry, run);
		if (fresh || !add_to_run(run - 1, entry))
			run = new_run(run, entry);
		group[-1].end = run;
		note_in_key(&section->keys[entry->kind], entry, facts, group);
	}
}

struct sp_snapshot *sp_snapshot_compile(const struct sp_source *source)
{
	struct sp_snapshot *snapshot = calloc(1, sizeof(*snapshot));

	if (!snapshot)
		return NULL;
	atomic_init(&snapshot->references, 1);
	snapshot->epoch = source->epoch;
	snapshot->defaults = source->defaults;
	snapshot->rules = calloc(source->count + 1, sizeof(*snapshot->rules));
	if (!snapshot->rules || !take_lists(snapshot, source) ||
	    !copy_rules(snapshot, source) || !make_entries(snapshot) ||
	    !allocate_sections(snapshot)) {
		sp_snapshot_unref(snapshot);
		return NULL;
	}
	make_sections(snapshot);
	return snapshot;
}

struct sp_snapshot *sp_snapshot_new(const struct sp_rule *rules, size_t count,
				    const struct sp_defaults *defaults,
				    uint64_t epoch, int64_t now)
{
	const struct sp_source source = {
		.rules = rules, .count = count, .defaults = *defaults,
		.epoch = epoch, .now = now,
	};

	return sp_snapshot_compile(&source);
}

struct sp_snapshot *sp_snapshot_ref(struct sp_snapshot *snapshot)
{
	atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
	return snapshot;
}

void sp_snapshot_unref(struct sp_snapshot *snapshot)
{
	if (!snapshot || atomic_fetch_sub_explicit(&snapshot->references, 1,
						   memory_order_acq_rel) > 1)
		return;
	for (size_t i = 0; i < snapshot->count; i++)
		sp_rule_clear(&snapshot->rules[i]);
	for (size_t i = 0; i < snapshot->list_count; i++)
		sp_list_unref(snapshot->lists[i]);
	free(snapshot->lists);
	free(snapshot->rules);
	free(snapshot->entries);
	free(snapshot->runs);
	free(snapshot->groups);
	free(snapshot->sections);
	free(snapshot);
}

uint64_t sp_snapshot_epoch(const struct sp_snapshot *snapshot)
{
	return snapshot->epoch;
}

const struct sp_rule *sp_snapshot_rules(const struct sp_snapshot *snapshot)
{
	return snapshot->rules;
}

size_t sp_snapshot_count(const struct sp_snapshot *snapshot)
{
	return snapshot->count;
}

const struct sp_rule *sp_snapshot_rule(const struct sp_snapshot *snapshot,
				       uint64_t id)
{
	const struct sp_rule key = { .id = id };

	return bsearch(&key, snapshot->rules, snapshot->count,
		       sizeof(*snapshot->rules), compare_id);
}

int64_t sp_snapshot_expires(const struct sp_snapshot *snapshot)
{
	return snapshot->expires;
}
