/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes: each set in one transaction with its journal entries. The caller's
 * rules get their ids only when the set is durable.
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

static bool check(struct sp_store *store, const struct sp_change *change)
{
	const char *fault = sp_rule_check(&change->rule);

	return !fault || sp_store_fail(store, SP_STORE_INVALID, "%s", fault);
}

static bool add(struct sp_store *store, const struct sp_change *change,
		const struct sp_actor *actor, int64_t time, uint64_t *id)
{
	return check(store, change) && sp_rules_add(store, &change->rule, id) &&
	       sp_journal_add(store, actor, time, *id, NULL, &change->rule);
}

static bool replace(struct sp_store *store, const struct sp_change *change,
		    const struct sp_actor *actor, int64_t time)
{
	uint64_t id = change->rule.id;
	struct sp_rule before;
	bool good;

	if (!check(store, change) || !sp_rules_get(store, id, &before))
		return false;
	good = sp_rules_replace(store, &change->rule) &&
	       sp_journal_add(store, actor, time, id, &before, &change->rule);
	sp_rule_clear(&before);
	return good;
}

static bool remove_rule(struct sp_store *store, uint64_t id,
			const struct sp_actor *actor, int64_t time)
{
	struct sp_rule before;
	bool good;

	if (!sp_rules_get(store, id, &before))
		return false;
	good = sp_rules_remove(store, id) &&
	       sp_journal_add(store, actor, time, id, &before, NULL);
	sp_rule_clear(&before);
	return good;
}

static bool apply_one(struct sp_store *store, const struct sp_change *change,
		      const struct sp_actor *actor, int64_t time, uint64_t *id)
{
	switch (change->kind) {
	case SP_CHANGE_ADD:
		return add(store, change, actor, time, id);
	case SP_CHANGE_REPLACE:
		return replace(store, change, actor, time);
	case SP_CHANGE_REMOVE:
		return remove_rule(store, change->rule.id, actor, time);
	}
	return sp_store_fail(store, SP_STORE_INVALID, "there is no such kind of change");
}

static bool apply_all(struct sp_store *store, const struct sp_change *changes,
		      size_t count, const struct sp_actor *actor, uint64_t *ids)
{
	int64_t time = now();
	bool good = true;

	if (!sp_store_run(store, SP_SQL_BEGIN, "begin a change"))
		return false;
	for (size_t i = 0; i < count && good; i++)
		good = apply_one(store, &changes[i], actor, time, &ids[i]);
	return sp_store_end(store, good && sp_journal_trim(store));
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
		good = apply_all(store, changes, count, actor, ids);
	for (size_t i = 0; i < count && good; i++)
		if (changes[i].kind == SP_CHANGE_ADD)
			changes[i].rule.id = ids[i];
	free(ids);
	return good ? SP_STORE_OK : store->error;
}

static bool expire_all(struct sp_store *store, int64_t until, size_t *removed)
{
	const struct sp_actor actor = { 0, "expired" };
	int64_t time = now();
	uint64_t id;
	bool good;

	if (!sp_store_run(store, SP_SQL_BEGIN, "begin a change"))
		return false;
	while ((good = sp_rules_expired(store, until, &id)) && id) {
		good = remove_rule(store, id, &actor, time);
		if (!good)
			break;
		++*removed;
	}
	return sp_store_end(store, good && sp_journal_trim(store));
}

enum sp_store_error sp_store_expire(struct sp_store *store, int64_t until,
				    size_t *removed)
{
	uint64_t id;
	size_t count = 0;

	if (!sp_rules_expired(store, until, &id) ||
	    (id && !expire_all(store, until, &count)))
		return store->error;
	*removed = count;
	return SP_STORE_OK;
}
