/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See held.h. A held set is saved, as one change, before any other change is:
 * ids that were given to held rules are not given again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

static void set_clear(struct sp_held_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		sp_rule_clear(&set->changes[i].rule);
	free(set->changes);
	*set = (struct sp_held_set){ 0 };
}

void sp_held_drop_first(struct sp_held *held)
{
	set_clear(&held->sets[0]);
	held->count--;
	memmove(&held->sets[0], &held->sets[1], held->count * sizeof(held->sets[0]));
}

void sp_held_clear(struct sp_held *held)
{
	while (held->count)
		set_clear(&held->sets[--held->count]);
}

static bool copy_changes(struct sp_held_set *set, const struct sp_change *changes, size_t count)
{
	set->changes = calloc(count, sizeof(*changes));
	if (!set->changes)
		return false;
	for (; set->count < count; set->count++) {
		set->changes[set->count].kind = changes[set->count].kind;
		if (!sp_rule_copy(&set->changes[set->count].rule, &changes[set->count].rule))
			return false;
	}
	return true;
}

/* To the copies, and to the caller's rules. */
static void give_ids(struct sp_store *store, struct sp_held_set *set, struct sp_change *changes)
{
	for (size_t i = 0; i < set->count; i++) {
		if (changes[i].kind != SP_CHANGE_ADD)
			continue;
		changes[i].rule.id = store->last.next_rule++;
		set->changes[i].rule.id = changes[i].rule.id;
		set->changes[i].kind = SP_CHANGE_PUT_BACK;
	}
}

static bool may_hold(enum sp_store_error error)
{
	switch (error) {
	case SP_STORE_FULL:
	case SP_STORE_READONLY:
	case SP_STORE_BUSY:
	case SP_STORE_CORRUPT:
	case SP_STORE_FAILED:
		return true;
	case SP_STORE_OK:
	case SP_STORE_NEWER:
	case SP_STORE_NO_RULE:
	case SP_STORE_INVALID:
	case SP_STORE_NO_CHANGE:
	case SP_STORE_CONFLICT:
		return false;
	}
	return false;
}

bool sp_store_hold(struct sp_store *store, struct sp_change *changes, size_t count,
		   const struct sp_actor *actor)
{
	struct sp_held *held = &store->held;
	struct sp_held_set *set = &held->sets[held->count];

	if (!count || !may_hold(store->error) || held->count >= SP_HELD_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		if (changes[i].kind != SP_CHANGE_REMOVE && sp_rule_check(&changes[i].rule))
			return false;
	if (!copy_changes(set, changes, count)) {
		set_clear(set);
		return false;
	}
	set->uid = actor->uid;
	snprintf(set->how, sizeof(set->how), "%s", actor->how ? actor->how : "");
	give_ids(store, set, changes);
	held->count++;
	sp_held_write(store);
	return true;
}

size_t sp_store_held(const struct sp_store *store)
{
	return store->held.count;
}

static bool save_set(struct sp_store *store, const struct sp_held_set *held)
{
	const struct sp_actor actor = { held->uid, held->how };
	const struct sp_set set = { SP_SET_CHANGE, 0, &actor };
	bool good = true;
	uint64_t id;

	if (!sp_change_begin(store, &set))
		return false;
	for (size_t i = 0; i < held->count && good; i++)
		good = sp_change_apply(store, &held->changes[i], &id);
	return sp_change_end(store, good);
}

/* A set that can never be saved (its rule is gone) must not hold up the others. */
static bool save_or_lose(struct sp_store *store, const struct sp_held_set *set)
{
	if (save_set(store, set))
		return true;
	if (may_hold(store->error))
		return false;
	snprintf(store->held.lost, sizeof(store->held.lost), "%.190s", store->message);
	return true;
}

bool sp_held_save(struct sp_store *store)
{
	size_t before = store->held.count;
	bool good = true;

	while (store->held.count && good) {
		good = save_or_lose(store, &store->held.sets[0]);
		if (good)
			sp_held_drop_first(&store->held);
	}
	if (store->held.count != before)
		sp_held_write(store);
	return good;
}

enum sp_store_error sp_store_save_held(struct sp_store *store)
{
	return sp_held_save(store) ? SP_STORE_OK : store->error;
}

bool sp_store_lost(struct sp_store *store, char *why, size_t size)
{
	bool some = store->held.lost[0];

	snprintf(why, size, "%s", store->held.lost);
	store->held.lost[0] = '\0';
	return some;
}

static size_t find(const struct sp_rule *rules, size_t count, uint64_t id)
{
	size_t at = 0;

	while (at < count && rules[at].id < id)
		at++;
	return at;
}

static bool overlay_one(struct sp_rule **rules, size_t *count, const struct sp_change *change)
{
	size_t at = find(*rules, *count, change->rule.id);
	bool there = at < *count && (*rules)[at].id == change->rule.id;
	struct sp_rule copy, *more;

	if (change->kind == SP_CHANGE_REMOVE) {
		if (!there)
			return true;
		sp_rule_clear(&(*rules)[at]);
		memmove(&(*rules)[at], &(*rules)[at + 1], (--*count - at) * sizeof(**rules));
		return true;
	}
	if (!sp_rule_copy(&copy, &change->rule))
		return false;
	if (there) {
		sp_rule_clear(&(*rules)[at]);
	} else {
		more = realloc(*rules, (*count + 1) * sizeof(*more));
		if (!more) {
			sp_rule_clear(&copy);
			return false;
		}
		*rules = more;
		memmove(&more[at + 1], &more[at], ((*count)++ - at) * sizeof(*more));
	}
	(*rules)[at] = copy;
	return true;
}

bool sp_held_overlay(struct sp_store *store, struct sp_rule **rules, size_t *count)
{
	for (size_t i = 0; i < store->held.count; i++)
		for (size_t j = 0; j < store->held.sets[i].count; j++)
			if (!overlay_one(rules, count, &store->held.sets[i].changes[j]))
				return sp_store_fail(store, SP_STORE_FAILED,
						     "could not read the rules: out of memory");
	return true;
}
