/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store's inside. Inside db/ only.
 *
 * Whatever fails sets the store's error and message; functions that return
 * bool return false then.
 */
#pragma once

#include <sqlite3.h>
#include "held.h"
#include "stamp.h"
#include "store.h"

#define SP_STORE_FILE "policy.db"
#define SP_COPY_FILE "policy.rules"
#define SP_JOURNAL_MAX 10000	/* entries kept, beside those of … */
#define SP_JOURNAL_CHANGES 10	/* … the newest changes */

enum sp_statement {
	SP_SQL_BEGIN,
	SP_SQL_COMMIT,
	SP_SQL_ROLLBACK,
	SP_SQL_RULE_LIST,
	SP_SQL_RULE_GET,
	SP_SQL_RULE_ADD,
	SP_SQL_RULE_REPLACE,
	SP_SQL_RULE_REMOVE,
	SP_SQL_RULE_EXPIRED,
	SP_SQL_STATE_GET,
	SP_SQL_STATE_SET,
	SP_SQL_CHANGE_ADD,
	SP_SQL_CHANGE_UNDONE,
	SP_SQL_CHANGE_LAST,
	SP_SQL_UNDO_NEXT,
	SP_SQL_REDO_NEXT,
	SP_SQL_ENTRY_ADD,
	SP_SQL_JOURNAL_TRIM,
	SP_SQL_JOURNAL_LIST,
	SP_SQL_JOURNAL_CHANGE,
	SP_SQL_COUNT,
};

/* What can be not as it should be, each for itself. */
enum sp_trouble {
	SP_TROUBLE_STAMP,
	SP_TROUBLE_HELD_FILE,
	SP_TROUBLE_COPY,
	SP_TROUBLE_COUNT,
};

struct sp_store {
	sqlite3 *db;
	sqlite3_stmt *statement[SP_SQL_COUNT];
	int folder;		/* descriptors; -1: none */
	int stamp;
	struct sp_stamp last, before;	/* what the file says; said before this change */
	unsigned position;	/* of the next entry in the change under way */
	struct sp_held held;
	enum sp_store_error error;
	char message[512];
	char trouble[SP_TROUBLE_COUNT][200];	/* "": none */
	char troubles[800];	/* with what is not saved, as told last */
};

/* store.c */
bool sp_store_fail(struct sp_store *store, enum sp_store_error error,
		   const char *format, ...) __attribute__((format(printf, 3, 4)));
/* From SQLite's last error; @what could not be done, "read the rules". */
bool sp_store_fail_sqlite(struct sp_store *store, int code, const char *what);
/* From errno. */
bool sp_store_fail_errno(struct sp_store *store, const char *what, const char *name);
bool sp_store_prepare(struct sp_store *store);
void sp_store_finalize(struct sp_store *store);
/* Runs a statement that gives no rows. */
bool sp_store_run(struct sp_store *store, enum sp_statement id, const char *what);
/* Runs one that gives a row of one number; 0: it gives none, or NULL. */
bool sp_store_number(struct sp_store *store, enum sp_statement id, const char *what,
		     uint64_t *number);
/* Ends a transaction: commits if @good, else, and if that fails, rolls back. */
bool sp_store_end(struct sp_store *store, bool good);

/* change.c */
/* A transaction that is one change, SP_SET_…; @target: of an undo or redo. */
struct sp_set {
	enum sp_change_set_kind kind;
	uint64_t target;
	const struct sp_actor *actor;
};
bool sp_change_begin(struct sp_store *store, const struct sp_set *set);
/* Applies one; an id that is given to a rule is written into *@id. */
bool sp_change_apply(struct sp_store *store, const struct sp_change *change, uint64_t *id);
/* Durable and stamped, or as it was before sp_change_begin(). */
bool sp_change_end(struct sp_store *store, bool good);
/* Reads the last change's number and the next rule's id. */
bool sp_change_read_state(struct sp_store *store);

/* rules.c */
/* The rule with this id into @rule, to be cleared; false with NO_RULE, too. */
bool sp_rules_get(struct sp_store *store, uint64_t id, struct sp_rule *rule);
/* Does the sum fit a row of SP_SQL_RULE_LIST or _GET? Else CORRUPT. */
bool sp_rules_check_row(struct sp_store *store, sqlite3_stmt *row);
bool sp_rules_add(struct sp_store *store, const struct sp_rule *rule, uint64_t id);
bool sp_rules_replace(struct sp_store *store, const struct sp_rule *rule);
bool sp_rules_remove(struct sp_store *store, uint64_t id);
/* The id of a rule that has expired by @now; 0: none. */
bool sp_rules_expired(struct sp_store *store, int64_t now, uint64_t *id);

/* journal.c */
/* @before and @after may be NULL, not both. */
bool sp_journal_add(struct sp_store *store, const struct sp_rule *before,
		    const struct sp_rule *after);
bool sp_journal_trim(struct sp_store *store);

/* migrate.c */
/* The user_version; false: the file is no healthy database, or can't be read. */
bool sp_migrate_version(struct sp_store *store, unsigned *version);
/* From the file's version to @version, each step in a transaction. */
bool sp_migrate(struct sp_store *store, unsigned version);
/* What SQL of every version may call. */
bool sp_migrate_register(struct sp_store *store);
