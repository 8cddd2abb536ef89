/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decision, fast, and with what it looked at.
 *
 * Rules are met in any order; the best so far is one that matches and that no
 * laxer rule hides. (What a stricter or equally strict rule hides need not be
 * known: whoever hides it will be met and beat it.) What is added to the look
 * proves, for every flow that agrees in it, all that the outcome rests on:
 *
 * - that the winner matches;
 * - of each rule that would beat the winner, that it does not match, or that a
 *   laxer one, which matches, hides it;
 * - of each laxer rule that would hide the winner, that it does not match.
 *
 * Rules that could not beat the best so far are not looked at.
 */
#include "action.h"
#include "snapshot.h"

#define BIT(field) (1u << (field))
#define PARTS_MAX 4

/* Groups to be read one after the other. */
struct part {
	const struct sp_group *first, *end;
};

struct scan {
	const struct sp_snapshot *snapshot;
	const struct sp_flow *flow;
	const struct sp_facts *facts;
	int64_t now;
	bool whole;		/* reads whole sections: the program is not known */
	uint64_t hash;		/* of the program, if it is known */

	/* Of one level, the narrower in program and user first. */
	struct part part[PARTS_MAX];
	unsigned parts;
	unsigned sure;		/* fields in which all their rules match: bits */
	const struct sp_entry *best;	/* NULL: none matches */
	const struct sp_group *best_group;

	struct sp_look look;
	int64_t expires;
};

/* Goes through the runs of the current level. */
struct cursor {
	unsigned part;
	const struct sp_group *group;
	const struct sp_run *run;
};

static const struct sp_run *next_run(const struct scan *scan, struct cursor *cursor)
{
	if (cursor->group && ++cursor->run < cursor->group->end)
		return cursor->run;
	if (cursor->group && ++cursor->group < scan->part[cursor->part - 1].end)
		return cursor->run = cursor->group->first;
	if (cursor->part == scan->parts)
		return NULL;
	cursor->group = scan->part[cursor->part++].first;
	return cursor->run = cursor->group->first;
}

static void depend_on(struct scan *scan, const struct sp_entry *entry)
{
	if (entry->expires && (!scan->expires || entry->expires < scan->expires))
		scan->expires = entry->expires;
}

static enum sp_match match(const struct scan *scan, const struct sp_entry *entry,
			   const struct sp_look *have, struct sp_look *look,
			   unsigned *missing)
{
	*look = (struct sp_look){ 0, 0 };
	*missing = 0;
	if (sp_rule_expired(entry->expires, scan->now))
		return SP_NO;
	return sp_rule_match(entry->rule, entry->fields & ~scan->sure, scan->flow,
			     scan->facts, have, look, missing);
}

static bool hides(const struct sp_entry *a, const struct sp_entry *b)
{
	return !(b->fields & ~a->fields) && sp_rule_hides(a->rule, b->rule);
}

static bool could_win(const struct scan *scan, const struct sp_entry *entry)
{
	if (!scan->best || entry->strictness > scan->best->strictness)
		return true;
	return entry->strictness == scan->best->strictness &&
	       sp_rule_order(entry->rule, scan->best->rule) < 0;
}

/* Could any rule of the run? One that is as strict and in a later group can't. */
static bool run_could_win(const struct scan *scan, const struct cursor *cursor)
{
	if (!scan->best || cursor->run->strictness > scan->best->strictness)
		return true;
	return cursor->run->strictness == scan->best->strictness &&
	       (scan->whole || cursor->group == scan->best_group);
}

/* find_hider() in one run; @look has what was looked at in those before. */
static const struct sp_entry *find_in_run(const struct scan *scan,
					  const struct sp_run *run,
					  const struct sp_entry *entry,
					  struct sp_look *look)
{
	struct sp_entries entries = sp_run_find(run, scan->flow->remote, look);
	struct sp_look have, one;
	unsigned missing;

	for (const struct sp_entry *other = entries.first; other < entries.end; other++) {
		if (!hides(other, entry))
			continue;
		have = scan->look;
		sp_look_add(&have, look);
		if (match(scan, other, &have, &one, &missing) == SP_YES) {
			*look = one;
			return other;
		}
		sp_look_add(look, &one);
	}
	return NULL;
}

/*
 * A laxer rule that matches and hides @entry, with the proof that it matches in
 * @look; else NULL, with the proof that there is none.
 */
static const struct sp_entry *find_hider(const struct scan *scan,
					 const struct sp_entry *entry,
					 struct sp_look *look)
{
	struct cursor cursor = { 0 };
	const struct sp_run *run;

	*look = (struct sp_look){ 0, 0 };
	while ((run = next_run(scan, &cursor))) {
		const struct sp_entry *hider;

		if (run->strictness >= entry->strictness ||
		    run->length < entry->rule->remote.length)
			continue;
		hider = find_in_run(scan, run, entry, look);
		if (hider)
			return hider;
	}
	return NULL;
}

static void consider(struct scan *scan, const struct sp_group *group,
		     const struct sp_entry *entry)
{
	struct sp_look look, proof;
	const struct sp_entry *hider;
	unsigned missing;

	if (!could_win(scan, entry))
		return;
	if (scan->best && hides(scan->best, entry)) {
		depend_on(scan, scan->best);
		return;
	}
	if (match(scan, entry, &scan->look, &look, &missing) != SP_YES) {
		sp_look_add(&scan->look, &look);
		return;
	}
	hider = find_hider(scan, entry, &proof);
	sp_look_add(&scan->look, &proof);
	if (hider) {
		depend_on(scan, hider);
		return;
	}
	sp_look_add(&scan->look, &look);
	scan->best = entry;
	scan->best_group = group;
}

static void add_group(struct scan *scan, const struct sp_group *group)
{
	if (group)
		scan->part[scan->parts++] = (struct part){ group, group + 1 };
}

static void add_groups(struct scan *scan, const struct sp_section *section)
{
	const char *program = scan->facts->program;
	uint32_t user = scan->flow->user;

	if (program && user != SP_ANY_USER)
		add_group(scan, sp_section_find(section, program, scan->hash, user));
	if (program)
		add_group(scan, sp_section_find(section, program, scan->hash, SP_ANY_USER));
	if (user != SP_ANY_USER)
		add_group(scan, sp_section_find(section, NULL, 0, user));
	add_group(scan, sp_section_find(section, NULL, 0, SP_ANY_USER));
	scan->sure = BIT(SP_FIELD_PROGRAM) | BIT(SP_FIELD_USER);
}

static void choose_parts(struct scan *scan, bool floor)
{
	const struct sp_section *section =
		&scan->snapshot->sections[floor][scan->flow->direction == SP_IN];

	scan->parts = 0;
	scan->sure = 0;
	if (section->first == section->end)
		return;
	if (scan->whole)
		scan->part[scan->parts++] = (struct part){ section->first, section->end };
	else
		add_groups(scan, section);
}

/* The winner of one level, or NULL. */
static const struct sp_entry *scan_level(struct scan *scan, bool floor)
{
	struct cursor cursor = { 0 };
	const struct sp_run *run;

	choose_parts(scan, floor);
	scan->best = NULL;
	while ((run = next_run(scan, &cursor))) {
		struct sp_entries entries;

		if (!run_could_win(scan, &cursor))
			continue;
		entries = sp_run_find(run, scan->flow->remote, &scan->look);
		for (const struct sp_entry *entry = entries.first; entry < entries.end; entry++)
			consider(scan, cursor.group, entry);
	}
	return scan->best;
}

/* Facts that rules of one run wait for and that could change the outcome. */
static unsigned needed_by(struct scan *scan, const struct sp_run *run,
			  const struct sp_rule *winner, unsigned strictness)
{
	struct sp_entries entries = sp_run_find(run, scan->flow->remote, &scan->look);
	unsigned need = 0, missing;
	struct sp_look look;

	for (const struct sp_entry *entry = entries.first; entry < entries.end; entry++) {
		if (!sp_rule_dangerous(entry->rule, winner, strictness))
			continue;
		if (match(scan, entry, &scan->look, &look, &missing) == SP_MAYBE)
			need |= missing;
		sp_look_add(&scan->look, &look);
	}
	return need;
}

static unsigned needed(struct scan *scan, bool floor, const struct sp_entry *best,
		       enum sp_action action)
{
	unsigned need = 0, strictness = sp_action_strictness(action);
	struct cursor cursor = { 0 };
	const struct sp_run *run;

	choose_parts(scan, floor);
	while ((run = next_run(scan, &cursor)))
		if (run->strictness != strictness)
			need |= needed_by(scan, run, best ? best->rule : NULL, strictness);
	return need;
}

static unsigned all_needed(struct scan *scan, const struct sp_entry *floor,
			   const struct sp_entry *best, enum sp_action action)
{
	unsigned need;

	if (scan->facts->program_state != SP_FACT_PENDING &&
	    scan->facts->interface_state != SP_FACT_PENDING)
		return 0;
	need = needed(scan, true, floor, action);
	return floor ? need : need | needed(scan, false, best, action);
}

void sp_decide(const struct sp_snapshot *snapshot, const struct sp_flow *flow,
	       const struct sp_facts *facts, int64_t now,
	       struct sp_decision *decision)
{
	struct scan scan = {
		.snapshot = snapshot, .flow = flow, .facts = facts, .now = now,
		.whole = facts->program_state != SP_FACT_KNOWN,
	};
	const struct sp_defaults *defaults = &snapshot->defaults;
	enum sp_action action = flow->direction == SP_OUT ? defaults->out : defaults->in;
	const struct sp_entry *floor, *best;

	if (!scan.whole)
		scan.hash = sp_program_hash(facts->program);
	floor = scan_level(&scan, true);
	best = floor ? floor : scan_level(&scan, false);
	if (best) {
		action = best->rule->action;
		depend_on(&scan, best);
	}
	*decision = (struct sp_decision){ .action = SP_DENY };
	decision->need = all_needed(&scan, floor, best, action);
	if (decision->need)
		return;
	decision->action = action;
	decision->rule = best ? best->rule->id : 0;
	decision->looked = scan.look.fields;
	decision->remote_length = scan.look.length;
	decision->expires = scan.expires;
}
