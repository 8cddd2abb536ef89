/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes: each set in one transaction with its journal entries. The caller's
 * rules get their ids only when the set is durable. Numbers are given from @last,
 * which is what it was before where the transaction fails.
 */
#include <stdlib.h>
#include <time.h>
#include "internal.h"

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

bool sp_change_read_state(struct sp_store *store)
{
	return sp_store_number(store, SP_SQL_CHANGE_LAST, "read the journal", &store->last.number) &&
	       sp_store_number(store, SP_SQL_STATE_GET, "read the store's state",
			       &store->last.next_rule) &&
	       (store->last.next_rule ||
		sp_store_fail(store, SP_STORE_CORRUPT, "the store's state is missing"));
}

bool sp_change_begin(struct sp_store *store, const struct sp_set *set)
{
	sqlite3_stmt *row = store->statement[SP_SQL_CHANGE_ADD];

	if (!sp_store_run(store, SP_SQL_BEGIN, "begin a change"))
		return false;
	store->before = store->last;
	store->position = 0;
	sqlite3_bind_int64(row, 1, (int64_t)++store->last.number);
	sqlite3_bind_int64(row, 2, set->kind);
	sqlite3_bind_int64(row, 3, now());
	sqlite3_bind_int64(row, 4, set->actor->uid);
	sqlite3_bind_text(row, 5, set->actor->how ? set->actor->how : "", -1, SQLITE_TRANSIENT);
	if (set->target)
		sqlite3_bind_int64(row, 6, (int64_t)set->target);
	return sp_store_run(store, SP_SQL_CHANGE_ADD, "write the journal") ||
	       sp_change_end(store, false);
}

static bool save_next_rule(struct sp_store *store)
{
	sqlite3_bind_int64(store->statement[SP_SQL_STATE_SET], 1, (int64_t)store->last.next_rule);
	return sp_store_run(store, SP_SQL_STATE_SET, "write the store's state");
}

bool sp_change_end(struct sp_store *store, bool good)
{
	if (sp_store_end(store, good && save_next_rule(store) && sp_journal_trim(store))) {
		sp_stamp_write(store);
		return true;
	}
	store->last = store->before;
	return false;
}

static bool check(struct sp_store *store, const struct sp_change *change)
{
	const char *fault = sp_rule_check(&change->rule);

	return !fault || sp_store_fail(store, SP_STORE_INVALID, "%s", fault);
}

static bool add(struct sp_store *store, const struct sp_change *change, uint64_t id)
{
	struct sp_rule rule = change->rule;	/* what it holds stays the caller's */

	rule.id = id;
	return check(store, change) && sp_rules_add(store, &rule, id) &&
	       sp_journal_add(store, NULL, &rule);
}

static bool replace(struct sp_store *store, const struct sp_change *change)
{
	struct sp_rule before;
	bool good;

	if (!check(store, change) || !sp_rules_get(store, change->rule.id, &before))
		return false;
	good = sp_rules_replace(store, &change->rule) &&
	       sp_journal_add(store, &before, &change->rule);
	sp_rule_clear(&before);
	return good;
}

static bool remove_rule(struct sp_store *store, uint64_t id)
{
	struct sp_rule before;
	bool good;

	if (!sp_rules_get(store, id, &before))
		return false;
	good = sp_rules_remove(store, id) && sp_journal_add(store, &before, NULL);
	sp_rule_clear(&before);
	return good;
}

bool sp_change_apply(struct sp_store *store, const struct sp_change *change, uint64_t *id)
{
	switch (change->kind) {
	case SP_CHANGE_ADD:
		*id = store->last.next_rule++;
		return add(store, change, *id);
	case SP_CHANGE_PUT_BACK:
		*id = change->rule.id;
		return add(store, change, *id);
	case SP_CHANGE_REPLACE:
		return replace(store, change);
	case SP_CHANGE_REMOVE:
		return remove_rule(store, change->rule.id);
	}
	return sp_store_fail(store, SP_STORE_INVALID, "there is no such kind of change");
}

static bool apply_all(struct sp_store *store, const struct sp_change *changes,
		      size_t count, const struct sp_actor *actor, uint64_t *ids)
{
	const struct sp_set set = { SP_SET_CHANGE, 0, actor };
	bool good = true;

	if (!sp_change_begin(store, &set))
		return false;
	for (size_t i = 0; i < count && good; i++)
		good = sp_change_apply(store, &changes[i], &ids[i]);
	return sp_change_end(store, good);
}

enum sp_store_error sp_store_apply(struct sp_store *store,
				   struct sp_change *changes, size_t count,
				   const struct sp_actor *actor)
{
	uint64_t *ids = calloc(count + 1, sizeof(*ids));
	bool good;

	if (!ids)
		good = sp_store_fail(store, SP_STORE_FAILED, "out of memory");
	else
		good = !count || (sp_held_save(store) &&
				  apply_all(store, changes, count, actor, ids));
	for (size_t i = 0; i < count && good; i++)
		if (changes[i].kind == SP_CHANGE_ADD)
			changes[i].rule.id = ids[i];
	free(ids);
	return good ? SP_STORE_OK : store->error;
}

static bool expire_all(struct sp_store *store, int64_t until, size_t *removed)
{
	const struct sp_actor actor = { 0, "expired" };
	const struct sp_set set = { SP_SET_EXPIRY, 0, &actor };
	uint64_t id;
	bool good;

	if (!sp_change_begin(store, &set))
		return false;
	while ((good = sp_rules_expired(store, until, &id)) && id) {
		good = remove_rule(store, id);
		if (!good)
			break;
		++*removed;
	}
	return sp_change_end(store, good);
}

enum sp_store_error sp_store_expire(struct sp_store *store, int64_t until,
				    size_t *removed)
{
	uint64_t id;
	size_t count = 0;

	if (!sp_rules_expired(store, until, &id))
		return store->error;
	/* One that is held may keep a rule that would go. */
	if (id && (!sp_held_save(store) || !sp_rules_expired(store, until, &id)))
		return store->error;
	if (id && !expire_all(store, until, &count))
		return store->error;
	*removed = count;
	return SP_STORE_OK;
}
