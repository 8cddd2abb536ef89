/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From rules to a snapshot: copy, sort, and mark where what begins. */
#include <stdlib.h>
#include "action.h"
#include "snapshot.h"

static int compare_group(const struct sp_entry *a, const struct sp_entry *b)
{
	int order = sp_compare_program(a->rule->program, a->hash, b->rule->program, b->hash);

	if (order)
		return order;
	return sp_compare_user(sp_rule_effective_user(a->rule), sp_rule_effective_user(b->rule));
}

static int compare_section(const struct sp_entry *a, const struct sp_entry *b)
{
	if (a->rule->floor != b->rule->floor)
		return a->rule->floor ? -1 : 1;
	return (int)a->rule->direction - (int)b->rule->direction;
}

static int compare_run(const struct sp_entry *a, const struct sp_entry *b)
{
	if (a->strictness != b->strictness)
		return a->strictness > b->strictness ? -1 : 1;
	return (int)b->rule->remote.length - (int)a->rule->remote.length;
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
	return order ? order : sp_rule_order(x->rule, y->rule);
}

static int compare_id(const void *a, const void *b)
{
	const struct sp_rule *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static bool copy_rules(struct sp_snapshot *snapshot, const struct sp_rule *rules,
		       size_t count, int64_t now)
{
	for (size_t i = 0; i < count; i++) {
		if (!rules[i].enabled || sp_rule_expired(rules[i].expires, now))
			continue;
		if (!sp_rule_copy(&snapshot->rules[snapshot->count], &rules[i]))
			return false;
		snapshot->count++;
	}
	if (snapshot->count)
		qsort(snapshot->rules, snapshot->count, sizeof(*snapshot->rules), compare_id);
	return true;
}

static void sort_entries(struct sp_snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->count; i++) {
		const struct sp_rule *rule = &snapshot->rules[i];

		snapshot->entries[i] = (struct sp_entry){
			.rule = rule,
			.hash = sp_program_hash(rule->program),
			.address = { sp_address_load(rule->remote.address),
				     sp_address_load(rule->remote.address + 8) },
			.expires = rule->expires,
			.fields = (uint16_t)sp_rule_fields(rule),
			.strictness = (uint8_t)sp_action_strictness(rule->action),
		};
		if (rule->expires && (!snapshot->expires || rule->expires < snapshot->expires))
			snapshot->expires = rule->expires;
	}
	if (snapshot->count)
		qsort(snapshot->entries, snapshot->count, sizeof(*snapshot->entries),
		      compare_entry);
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
	run->length = entry->rule->remote.length;
	run->entries = (struct sp_entries){ entry, entry + 1 };
	return run + 1;
}

static struct sp_group *new_group(struct sp_group *group, const struct sp_entry *entry,
				  const struct sp_run *run)
{
	group->program = entry->rule->program;
	group->hash = entry->hash;
	group->user = sp_rule_effective_user(entry->rule);
	group->first = run;
	return group + 1;
}

static void make_sections(struct sp_snapshot *snapshot)
{
	struct sp_group *group = snapshot->groups;
	struct sp_run *run = snapshot->runs;

	for (size_t i = 0; i < snapshot->count; i++) {
		const struct sp_entry *entry = &snapshot->entries[i], *last = entry - 1;
		struct sp_section *section =
			&snapshot->sections[entry->rule->floor][entry->rule->direction];
		bool fresh = i == 0 || compare_section(last, entry) || compare_group(last, entry);

		if (fresh) {
			if (!section->first)
				section->first = group;
			group = new_group(group, entry, run);
			section->end = group;
		}
		if (fresh || !add_to_run(run - 1, entry))
			run = new_run(run, entry);
		group[-1].end = run;
	}
}

struct sp_snapshot *sp_snapshot_new(const struct sp_rule *rules, size_t count,
				    const struct sp_defaults *defaults,
				    uint64_t epoch, int64_t now)
{
	struct sp_snapshot *snapshot = calloc(1, sizeof(*snapshot));

	if (!snapshot)
		return NULL;
	atomic_init(&snapshot->references, 1);
	snapshot->epoch = epoch;
	snapshot->defaults = *defaults;
	snapshot->rules = calloc(count + 1, sizeof(*snapshot->rules));
	snapshot->entries = calloc(count + 1, sizeof(*snapshot->entries));
	snapshot->runs = calloc(count + 1, sizeof(*snapshot->runs));
	snapshot->groups = calloc(count + 1, sizeof(*snapshot->groups));
	if (!snapshot->rules || !snapshot->entries || !snapshot->runs || !snapshot->groups ||
	    !copy_rules(snapshot, rules, count, now)) {
		sp_snapshot_unref(snapshot);
		return NULL;
	}
	sort_entries(snapshot);
	make_sections(snapshot);
	return snapshot;
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
	free(snapshot->rules);
	free(snapshot->entries);
	free(snapshot->runs);
	free(snapshot->groups);
	free(snapshot);
}

uint64_t sp_snapshot_epoch(const struct sp_snapshot *snapshot)
{
	return snapshot->epoch;
}

size_t sp_snapshot_count(const struct sp_snapshot *snapshot)
{
	return snapshot->count;
}

const struct sp_rule *sp_snapshot_rule(const struct sp_snapshot *snapshot,
				       uint64_t id)
{
	const struct sp_rule key = { .id = id };

	if (!snapshot->count)
		return NULL;
	return bsearch(&key, snapshot->rules, snapshot->count,
		       sizeof(*snapshot->rules), compare_id);
}

int64_t sp_snapshot_expires(const struct sp_snapshot *snapshot)
{
	return snapshot->expires;
}
