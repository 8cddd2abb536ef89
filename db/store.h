/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy store: policy.db in the daemon's state folder. SQLite, WAL,
 * synchronous FULL, STRICT tables, numbered migrations, a checksum in every row.
 * One thread owns it.
 *
 * A change set is applied in one transaction, whole or not at all, and is
 * durable when the call returns; it is one change in the journal, with who,
 * when, and the lines of its rules before and after. Changes are numbered.
 *
 * Beside it: policy.rules, a copy of all rules as text (sp_store_copy), and
 * policy.last, the number of the last change that was acknowledged. So a store
 * that lost something is known for one, and a copy that is not the newest too.
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
	SP_STORE_NO_CHANGE,	/* nothing to undo or redo */
	SP_STORE_CONFLICT,	/* a rule is not any more what the change left it as */
	SP_STORE_FAILED,	/* anything else */
};

enum sp_change_kind {
	SP_CHANGE_ADD,		/* rule.id is given by the store */
	SP_CHANGE_REPLACE,	/* rule.id names the rule; created and maker stay */
	SP_CHANGE_REMOVE,	/* only rule.id is looked at */
	SP_CHANGE_PUT_BACK,	/* one that was removed, with all it had: of an undo */
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
 * Opens or creates @folder/policy.db (mode 0600), checks and migrates it. NULL
 * on error, with *@error and, in @message (of @size bytes), what went wrong in
 * words.
 *
 * A store that is damaged, gone, or without its last acknowledged change is
 * renamed to policy.db.damaged-N, never deleted, and made anew from the copy.
 * Then the call succeeds, and @message says what happened; else it is "". Where
 * the copy is older than the last acknowledged change, or that can't be known,
 * its allows are unconfirmed.
 */
struct sp_store *sp_store_open(const char *folder, enum sp_store_error *error,
			       char *message, size_t size);
void sp_store_close(struct sp_store *store);

/* All rules, by id; the caller clears each and frees the array. */
enum sp_store_error sp_store_load(struct sp_store *store,
				  struct sp_rule **rules, size_t *count);

/*
 * Applies @count changes; ids given to added rules are written into them.
 * Nothing is changed on error; sp_store_message() says why in words. A rule that
 * is replaced is confirmed, unless the change says that it is not.
 */
enum sp_store_error sp_store_apply(struct sp_store *store,
				   struct sp_change *changes, size_t count,
				   const struct sp_actor *actor);
const char *sp_store_message(const struct sp_store *store);

/*
 * After sp_store_apply() failed because of the disk, not of the changes: keeps
 * them in memory, gives ids to what is added, and saves them when that is
 * possible again, before any other change. sp_store_load() has them in it. False:
 * they are no such changes, or too many are held.
 */
bool sp_store_hold(struct sp_store *store, struct sp_change *changes, size_t count,
		   const struct sp_actor *actor);
size_t sp_store_held(const struct sp_store *store);	/* change sets */
/* Tries to save them now. */
enum sp_store_error sp_store_save_held(struct sp_store *store);
/*
 * Are there any, since the last call, that can never be saved, as what they change is
 * gone? Their set is lost; *@why says of the last one why.
 */
bool sp_store_lost(struct sp_store *store, char *why, size_t size);
/*
 * Where they are kept as a file too, so that they outlive the process: a folder
 * that is empty after a restart of the machine. Takes up, and tries to save, what
 * another process left there.
 */
enum sp_store_error sp_store_hold_in(struct sp_store *store, const char *folder);

/*
 * Removes rules that expired before @now (ns of CLOCK_REALTIME), journalled; not those
 * that a change keeps that is held.
 */
enum sp_store_error sp_store_expire(struct sp_store *store, int64_t now,
				    size_t *removed);

/*
 * Writes policy.rules, whole or not at all. To be called after changes, once
 * they are acknowledged; sp_store_open() does it too.
 */
enum sp_store_error sp_store_copy(struct sp_store *store);
/*
 * What is not as it should be (a copy that is old, changes that are held), in words;
 * NULL: nothing. Valid until the next call.
 */
const char *sp_store_trouble(struct sp_store *store);

enum sp_change_set_kind {
	SP_SET_CHANGE,
	SP_SET_UNDO,
	SP_SET_REDO,
	SP_SET_EXPIRY,
	SP_SET_RESTORED,	/* from the copy; no entries */
};

/* What a change did to one rule. */
struct sp_journal_entry {
	uint64_t change;	/* number of the change */
	enum sp_change_set_kind kind;
	uint64_t target;	/* of an undo or redo: the change it is about; else 0 */
	bool undone;		/* is it undone now? */
	int64_t time;		/* ns of CLOCK_REALTIME */
	uint32_t uid;
	char *how;
	uint64_t rule;
	char *before, *after;	/* in the rule language; NULL: none */
	int64_t created;	/* the rule's */
	uint32_t maker;
	bool unconfirmed;	/* before */
};

/* The newest @limit entries, newest first. */
enum sp_store_error sp_store_journal(struct sp_store *store, size_t limit,
				     struct sp_journal_entry **entries,
				     size_t *count);
/* The entries of one change, in order; NO_CHANGE: the journal has none (any more). */
enum sp_store_error sp_store_journal_change(struct sp_store *store, uint64_t change,
					    struct sp_journal_entry **entries,
					    size_t *count);
void sp_journal_entries_free(struct sp_journal_entry *entries, size_t count);

/*
 * The change that undo, or redo, by @uid would be about: his newest that is not
 * undone; or the one that he undid last, unless he has changed something since.
 */
enum sp_store_error sp_store_undo_next(struct sp_store *store, uint32_t uid, bool redo,
				       uint64_t *change);
/*
 * Undoes a change (SP_SET_CHANGE), or redoes one that is undone: a change of its
 * own. *@changes is what was done, for the caller to clear and free. CONFLICT,
 * with what is there now in the message: a rule is not any more as the change
 * (or the undo) left it; nothing is changed.
 */
enum sp_store_error sp_store_undo(struct sp_store *store, uint64_t change, bool redo,
				  const struct sp_actor *actor,
				  struct sp_change **changes, size_t *count);
