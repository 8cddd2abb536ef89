/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy store: policy.db in the daemon's state folder. SQLite, WAL,
 * synchronous FULL, STRICT tables, numbered migrations. One thread owns it.
 *
 * A change set is applied in one transaction, whole or not at all, and is
 * durable when the call returns; each change has a journal entry with who,
 * when, before and after.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "rule.h"

struct sp_store;

enum sp_store_error {
	SP_STORE_OK,
	SP_STORE_FULL,		/* disk full */
	SP_STORE_READONLY,
	SP_STORE_BUSY,		/* locked by another process */
	SP_STORE_CORRUPT,
	SP_STORE_NEWER,		/* made by a newer version */
	SP_STORE_NO_RULE,	/* the change names a rule that is not there */
	SP_STORE_INVALID,	/* the rule can't be (sp_rule_check) */
	SP_STORE_FAILED,	/* anything else */
};

enum sp_change_kind {
	SP_CHANGE_ADD,		/* rule.id is given by the store */
	SP_CHANGE_REPLACE,	/* rule.id names the rule */
	SP_CHANGE_REMOVE,	/* only rule.id is looked at */
};

struct sp_change {
	enum sp_change_kind kind;
	struct sp_rule rule;
};

/* Who asks for a change, for the journal. */
struct sp_actor {
	uint32_t uid;
	const char *how;	/* "answer", "command line", "migration", … */
};

/*
 * Opens or creates @folder/policy.db (mode 0600), migrates it. NULL on error,
 * with *@error and, in @message (of @size bytes), what went wrong in words. A
 * damaged file is renamed to policy.db.damaged-N, never deleted, and
 * SP_STORE_CORRUPT is returned with the new file's name in @message; the next
 * call starts empty.
 */
struct sp_store *sp_store_open(const char *folder, enum sp_store_error *error,
			       char *message, size_t size);
void sp_store_close(struct sp_store *store);

/* All rules, by id; the caller clears each and frees the array. */
enum sp_store_error sp_store_load(struct sp_store *store,
				  struct sp_rule **rules, size_t *count);

/*
 * Applies @count changes; ids given to added rules are written into them.
 * Nothing is changed on error; sp_store_message() says why in words.
 */
enum sp_store_error sp_store_apply(struct sp_store *store,
				   struct sp_change *changes, size_t count,
				   const struct sp_actor *actor);
const char *sp_store_message(const struct sp_store *store);

/* Removes rules that expired before @now (ns of CLOCK_REALTIME), journalled. */
enum sp_store_error sp_store_expire(struct sp_store *store, int64_t now,
				    size_t *removed);

struct sp_journal_entry {
	uint64_t id;
	int64_t time;		/* ns of CLOCK_REALTIME */
	uint32_t uid;
	char *how;
	uint64_t rule;
	char *before, *after;	/* in the rule language; NULL: none */
};

/* The newest @limit entries, newest first. */
enum sp_store_error sp_store_journal(struct sp_store *store, size_t limit,
				     struct sp_journal_entry **entries,
				     size_t *count);
void sp_journal_entries_free(struct sp_journal_entry *entries, size_t count);
