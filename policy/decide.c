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
#include "parts.h"

#define STRICTEST 4

struct scan {
	const struct sp_snapshot *snapshot;
	const struct sp_flow *flow;
	const struct sp_facts *facts;
	int64_t now;

	struct sp_parts levels[2];	/* [floor] */

	/* Of one level. */
	const struct sp_parts *parts;
	const struct sp_entry *best;	/* NULL: none matches */
	bool doubt;			/* best matches for lack of a fact: it hides nothing */
	unsigned best_rank;

	struct sp_look look;
	int64_t expires;
};

static struct sp_search search_of(const struct scan *scan, const struct sp_run *run)
{
	return (struct sp_search){ .run = run, .flow = scan->flow, .facts = scan->facts };
}

static void depend_until(struct scan *scan, int64_t time)
{
	if (time && (!scan->expires || time < scan->expires))
		scan->expires = time;
}

static void depend_on(struct scan *scan, const struct sp_entry *entry)
{
	depend_until(scan, entry->expires);
}

/* @sure: fields in which it is known to match. */
static enum sp_match match(const struct scan *scan, const struct sp_entry *entry,
			   uint32_t sure, const struct sp_look *have, struct sp_look *look,
			   unsigned *missing)
{
	*look = (struct sp_look){ 0, 0 };
	*missing = 0;
	if (sp_rule_expired(entry->expires, scan->now))
		return SP_NO;
	return sp_rule_match(entry->rule, entry->fields & ~sure, scan->flow,
			     scan->facts, have, look, missing);
}

static bool hides(const struct sp_entry *a, const struct sp_entry *b)
{
	return !(b->fields & ~a->fields) && sp_rule_hides(a->rule, b->rule);
}

/* Laxer ones than the best are not met any more. */
static bool could_win(const struct scan *scan, const struct sp_entry *entry)
{
	return !scan->best || entry->strictness > scan->best->strictness ||
	       sp_rule_order(entry->rule, scan->best->rule) < 0;
}

/* Could rules of the run be narrower than @entry in their place, or the same? */
static bool may_be_narrower(const struct sp_run *run, const struct sp_entry *entry)
{
	if (run->place < SP_RUN_HOST)
		return 128u - run->place >= entry->inner;
	switch (entry->place) {
	case SP_RUN_ANY:
		return true;
	case SP_RUN_LIST:
		return run->place == SP_RUN_HOST || run->place == SP_RUN_LIST;
	case SP_RUN_DOMAIN:
		return run->place == SP_RUN_HOST || run->place == SP_RUN_DOMAIN;
	default:
		return run->place == entry->place;
	}
}

/* find_hider() in one run; @look has what was looked at in those before. */
static const struct sp_entry *find_in_run(const struct scan *scan,
					  const struct sp_cursor *cursor,
					  const struct sp_entry *entry,
					  struct sp_look *look)
{
	struct sp_search search = search_of(scan, cursor->run);
	struct sp_look have, one;
	struct sp_entries entries;
	unsigned missing;

	while (sp_search_next(&search, look, &entries))
		for (const struct sp_entry *other = entries.first; other < entries.end; other++) {
			if (!hides(other, entry))
				continue;
			have = scan->look;
			sp_look_add(&have, look);
			if (match(scan, other, sp_cursor_part(cursor)->sure, &have, &one,
				  &missing) == SP_YES) {
				one.fields |= sp_cursor_part(cursor)->looked;
				*look = one;
				return other;
			}
			sp_look_add(look, &one);
		}
	return NULL;
}

/*
 * A laxer rule that matches without doubt and hides @entry, with the proof that
 * it matches in @look; else NULL, with the proof that there is none. It has all
 * the fields that @entry has, so its key is the same or an earlier one.
 */
static const struct sp_entry *find_hider(const struct scan *scan,
					 const struct sp_entry *entry,
					 struct sp_look *look)
{
	struct sp_look keys = { 0, 0 };
	struct sp_cursor cursor = {
		.parts = scan->parts, .laxest = 1, .strictest = entry->strictness - 1u,
		.last_kind = entry->kind, .look = &keys,
	};

	*look = keys;
	while (sp_cursor_next(&cursor)) {
		const struct sp_entry *hider;

		if (!may_be_narrower(cursor.run, entry))
			continue;
		hider = find_in_run(scan, &cursor, entry, look);
		if (hider)
			return hider;
	}
	sp_look_add(look, &keys);
	return NULL;
}

static void consider(struct scan *scan, const struct sp_part *part,
		     const struct sp_entry *entry)
{
	const struct sp_entry *hider;
	struct sp_look look, proof;
	enum sp_match matches;
	unsigned missing;

	if (!could_win(scan, entry))
		return;
	if (scan->best && !scan->doubt && hides(scan->best, entry)) {
		depend_on(scan, scan->best);
		return;
	}
	matches = match(scan, entry, part->sure, &scan->look, &look, &missing);
	if (!sp_matched(matches)) {
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
	scan->doubt = matches == SP_DOUBT;
	scan->best_rank = part->rank;
}

static void choose_parts(struct scan *scan, bool floor)
{
	sp_parts_choose(&scan->levels[floor], scan->snapshot, floor, scan->flow, scan->facts);
	scan->parts = &scan->levels[floor];
}

/* The winner of one level, or NULL. */
static const struct sp_entry *scan_level(struct scan *scan, bool floor)
{
	struct sp_cursor cursor = {
		.parts = &scan->levels[floor], .laxest = 1, .strictest = STRICTEST,
		.last_kind = SP_KEY_NONE, .look = &scan->look,
	};

	choose_parts(scan, floor);
	scan->best = NULL;
	while (sp_cursor_next(&cursor)) {
		struct sp_search search = search_of(scan, cursor.run);
		struct sp_entries entries;

		while (sp_search_next(&search, &scan->look, &entries))
			for (const struct sp_entry *entry = entries.first; entry < entries.end; entry++)
				consider(scan, sp_cursor_part(&cursor), entry);
		if (scan->best) {
			cursor.laxest = scan->best->strictness;
			cursor.rank = scan->best_rank;
		}
	}
	return scan->best;
}

/* Facts that rules of one run wait for and that could change the outcome. */
static unsigned needed_by(struct scan *scan, const struct sp_cursor *cursor,
			  const struct sp_rule *winner, unsigned strictness)
{
	struct sp_search search = search_of(scan, cursor->run);
	unsigned need = 0, missing;
	struct sp_entries entries;
	struct sp_look look;

	while (sp_search_next(&search, &scan->look, &entries))
		for (const struct sp_entry *entry = entries.first; entry < entries.end; entry++) {
			if (!sp_rule_dangerous(entry->rule, winner, strictness))
				continue;
			if (match(scan, entry, sp_cursor_part(cursor)->sure, &scan->look,
				  &look, &missing) == SP_MAYBE)
				need |= missing;
			sp_look_add(&scan->look, &look);
		}
	return need;
}

/* Which of the @pending facts rules of a level wait for that has been scanned. */
static unsigned needed(struct scan *scan, bool floor, const struct sp_entry *best,
		       enum sp_action action, unsigned pending)
{
	unsigned need = 0, strictness = sp_action_strictness(action);
	struct sp_cursor cursor = {
		.parts = &scan->levels[floor], .laxest = 1, .strictest = STRICTEST,
		.last_kind = SP_KEY_NONE, .facts = pending, .look = &scan->look,
	};

	while (sp_cursor_next(&cursor))
		if (cursor.run->strictness != strictness)
			need |= needed_by(scan, &cursor, best ? best->rule : NULL, strictness);
	return need;
}

static unsigned all_needed(struct scan *scan, const struct sp_entry *floor,
			   const struct sp_entry *best, enum sp_action action)
{
	unsigned pending = sp_facts_pending(scan->facts), need = 0;

	if (pending & scan->levels[true].facts)
		need = needed(scan, true, floor, action, pending);
	if (!floor && pending & scan->levels[false].facts)
		need |= needed(scan, false, best, action, pending);
	return need;
}

/* Parts are much memory, and what is chosen is set. */
static void begin(struct scan *scan, const struct sp_snapshot *snapshot,
		  const struct sp_flow *flow, const struct sp_facts *facts, int64_t now)
{
	scan->snapshot = snapshot;
	scan->flow = flow;
	scan->facts = facts;
	scan->now = now;
	scan->look = (struct sp_look){ 0, 0 };
	scan->expires = 0;
}

void sp_decide(const struct sp_snapshot *snapshot, const struct sp_flow *flow,
	       const struct sp_facts *facts, int64_t now,
	       struct sp_decision *decision)
{
	struct scan scan;
	const struct sp_defaults *defaults = &snapshot->defaults;
	enum sp_action action = flow->direction == SP_OUT ? defaults->out : defaults->in;
	const struct sp_entry *floor, *best;

	begin(&scan, snapshot, flow, facts, now);
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
	if (scan.look.fields & SP_LOOKED_NAMES) {
		scan.look.fields |= facts->names.looked;
		depend_until(&scan, facts->names.expires);
	}
	decision->action = action;
	decision->rule = best ? best->rule->id : 0;
	decision->looked = scan.look.fields;
	decision->remote_length = scan.look.length;
	decision->expires = scan.expires;
}
