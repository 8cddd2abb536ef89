/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Undo and redo: what a change did to its rules, turned round or done again,
 * as a change of its own. Only where each rule is still what the change, or the
 * undo, left it as.
 */
#include <stdlib.h>
#include <string.h>
#include "internal.h"
#include "text.h"

struct undoing {
	struct sp_journal_entry *entries;
	size_t count;
	bool redo;
};

/* A rule's line as it has to be now, and as it will be; NULL: it is not there. */
static const char *line_now(const struct undoing *undoing, const struct sp_journal_entry *entry)
{
	return undoing->redo ? entry->before : entry->after;
}

static const char *line_then(const struct undoing *undoing, const struct sp_journal_entry *entry)
{
	return undoing->redo ? entry->after : entry->before;
}

/* @line, written in another version's way maybe, and what this one prints. */
static bool same(const char *line, const char *printed)
{
	struct sp_text_error fault;
	struct sp_rule rule;
	char *again;
	bool equal;

	if (!line || !printed)
		return line == printed;
	if (sp_text_parse(line, strlen(line), SP_SYSTEM, NULL, &rule, &fault) <= 0)
		return false;
	again = sp_text_print(&rule, NULL);
	sp_rule_clear(&rule);
	equal = again && !strcmp(again, printed);
	free(again);
	return equal;
}

/* The rule's line; NULL with true: there is none. */
static bool current_line(struct sp_store *store, uint64_t id, char **line)
{
	struct sp_rule rule;

	*line = NULL;
	if (!sp_rules_get(store, id, &rule))
		return store->error == SP_STORE_NO_RULE;
	*line = sp_text_print(&rule, NULL);
	sp_rule_clear(&rule);
	return *line || sp_store_fail(store, SP_STORE_FAILED, "out of memory");
}

static bool check_current(struct sp_store *store, const struct undoing *undoing,
			  const struct sp_journal_entry *entry)
{
	const char *expected = line_now(undoing, entry);
	char *line;
	bool good;

	if (!current_line(store, entry->rule, &line))
		return false;
	good = same(expected, line);
	if (!good)
		sp_store_fail(store, SP_STORE_CONFLICT,
			      "rule %llu has changed since: now it %s%.150s%s, change %llu left it %s%.150s",
			      (unsigned long long)entry->rule, line ? "is \"" : "is not there",
			      line ? line : "", line ? "\"" : "",
			      (unsigned long long)entry->change, expected ? "as " : "removed",
			      expected ? expected : "");
	free(line);
	return good;
}

/* From the line that is to be to a change; errors can only be of the file. */
static bool make_change(struct sp_store *store, const struct undoing *undoing,
			const struct sp_journal_entry *entry, struct sp_change *change)
{
	const char *now = line_now(undoing, entry), *then = line_then(undoing, entry);
	struct sp_text_error fault = { .message = "there is no rule in the line" };

	sp_rule_init(&change->rule);
	change->rule.id = entry->rule;
	change->kind = !then ? SP_CHANGE_REMOVE : now ? SP_CHANGE_REPLACE : SP_CHANGE_PUT_BACK;
	if (!then)
		return true;
	if (sp_text_parse(then, strlen(then), SP_SYSTEM, NULL, &change->rule, &fault) <= 0)
		return sp_store_fail(store, SP_STORE_INVALID, "rule %llu can't be put back: %s",
				     (unsigned long long)entry->rule, fault.message);
	change->rule.id = entry->rule;
	change->rule.created = entry->created;
	change->rule.maker = entry->maker;
	change->rule.unconfirmed = entry->unconfirmed && !undoing->redo;
	return true;
}

/* An undo goes from the last to the first. */
static bool turn_round(struct sp_store *store, const struct undoing *undoing,
		       struct sp_change *changes, size_t *count)
{
	for (size_t i = 0; i < undoing->count; i++) {
		size_t at = undoing->redo ? i : undoing->count - 1 - i;
		struct sp_change *change = &changes[*count];
		uint64_t id;

		if (!check_current(store, undoing, &undoing->entries[at]) ||
		    !make_change(store, undoing, &undoing->entries[at], change))
			return false;
		++*count;
		if (!sp_change_apply(store, change, &id))
			return false;
	}
	return true;
}

static bool mark(struct sp_store *store, uint64_t change, bool undone)
{
	sqlite3_bind_int64(store->statement[SP_SQL_CHANGE_UNDONE], 1, (int64_t)change);
	sqlite3_bind_int64(store->statement[SP_SQL_CHANGE_UNDONE], 2, undone);
	return sp_store_run(store, SP_SQL_CHANGE_UNDONE, "write the journal");
}

static bool check_kind(struct sp_store *store, const struct undoing *undoing)
{
	const struct sp_journal_entry *entry = undoing->entries;
	unsigned long long change = entry->change;

	if (entry->kind != SP_SET_CHANGE)
		return sp_store_fail(store, SP_STORE_NO_CHANGE,
				     "change %llu is an undo, redo or expiry; it can't be undone or redone",
				     change);
	if (entry->undone == undoing->redo)
		return true;
	return sp_store_fail(store, SP_STORE_NO_CHANGE, undoing->redo ?
			     "change %llu is not undone" : "change %llu is undone already", change);
}

static bool apply(struct sp_store *store, const struct undoing *undoing,
		  const struct sp_actor *actor, struct sp_change *changes, size_t *count)
{
	uint64_t target = undoing->entries->change;
	const struct sp_set set = { undoing->redo ? SP_SET_REDO : SP_SET_UNDO, target, actor };

	if (!check_kind(store, undoing) || !sp_change_begin(store, &set))
		return false;
	return sp_change_end(store, turn_round(store, undoing, changes, count) &&
				    mark(store, target, !undoing->redo));
}

enum sp_store_error sp_store_undo(struct sp_store *store, uint64_t change, bool redo,
				  const struct sp_actor *actor,
				  struct sp_change **changes, size_t *count)
{
	struct undoing undoing = { .redo = redo };
	struct sp_change *made;
	size_t number = 0;
	bool good = false;

	if (!sp_held_save(store) ||
	    sp_store_journal_change(store, change, &undoing.entries, &undoing.count))
		return store->error;
	made = calloc(undoing.count, sizeof(*made));
	if (made)
		good = apply(store, &undoing, actor, made, &number);
	else
		sp_store_fail(store, SP_STORE_FAILED, "out of memory");
	sp_journal_entries_free(undoing.entries, undoing.count);
	if (good) {
		*changes = made;
		*count = number;
		return SP_STORE_OK;
	}
	while (number)
		sp_rule_clear(&made[--number].rule);
	free(made);
	return store->error;
}

enum sp_store_error sp_store_undo_next(struct sp_store *store, uint32_t uid, bool redo,
				       uint64_t *change)
{
	enum sp_statement id = redo ? SP_SQL_REDO_NEXT : SP_SQL_UNDO_NEXT;

	sqlite3_bind_int64(store->statement[id], 1, uid);
	if (!sp_store_number(store, id, "read the journal", change))
		return store->error;
	if (*change)
		return SP_STORE_OK;
	sp_store_fail(store, SP_STORE_NO_CHANGE, "there is nothing to %s", redo ? "redo" : "undo");
	return store->error;
}
