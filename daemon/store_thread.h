/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread that owns the policy store, and history.db. Work goes in as jobs, in
 * order, but changes of the rules before what reads the store or is on the history;
 * results come back in the main context that started it. Of each sort so many jobs
 * wait, and more are refused: what reads keeps no change out. After changes, once their
 * results are on their way and nothing else waits, it rewrites the copy.
 */
#pragma once

#include <glib.h>
#include "store.h"
#include "totals.h"

#define SP_STORE_CHANGES_MAX	64
#define SP_STORE_LOOKS_MAX	64	/* into the journal */
#define SP_STORE_TOTALS_MAX	16	/* on history.db */

struct sp_store_thread;

/* An array of struct sp_rule that clears what it holds. */
GArray *sp_rules_new(void);
/* An array of struct sp_change, likewise. */
GArray *sp_changes_new(void);

/* An array of struct sp_journal_entry, likewise. */
GArray *sp_entries_new(void);

struct sp_store_result {
	enum sp_store_error error;
	gboolean held;		/* an apply: it failed, and holds until the restart */
	const char *message;	/* what went wrong, in words */
	GArray *changes;	/* of an apply, undo: with the ids given; the receiver's if stolen */
	GArray *rules;		/* of an expire that removed some: all that are left; likewise */
	GArray *entries;	/* of a look into the journal; likewise */
};

typedef void (*sp_store_done)(struct sp_store_result *result, void *data);

/*
 * Opens @folder in the new thread and loads the rules; waits for that (the
 * main loop is not running yet). Where a damaged store was set aside and made
 * anew, *@damaged says what happened. @runtime: a folder that a restart of the
 * machine empties, or NULL (sp_store_hold_in). @unwanted: how changes were made that are
 * undone before, as far as they can be; or NULL. NULL on error.
 */
struct sp_store_thread *sp_store_thread_start(const char *folder, const char *runtime,
					      const char *unwanted, GArray **rules,
					      char **damaged, GError **error);
/*
 * Does what was asked for; its results come by the main loop, as ever. Nothing more is
 * taken, and what is read here still can be.
 */
void sp_store_thread_stop(struct sp_store_thread *thread);
/* One that was stopped. */
void sp_store_thread_free(struct sp_store_thread *thread);

/* What is not as it should be (sp_store_trouble), in words; NULL: nothing. */
char *sp_store_thread_trouble(struct sp_store_thread *thread);

/*
 * All FALSE: too many jobs wait; @done is not called. Takes @changes. @hold: what
 * the disk does not take holds until the machine is restarted, and is saved when
 * it can be.
 */
gboolean sp_store_thread_apply(struct sp_store_thread *thread, GArray *changes,
			       guint32 uid, const char *how, gboolean hold,
			       sp_store_done done, void *data);
gboolean sp_store_thread_expire(struct sp_store_thread *thread, gint64 now,
				sp_store_done done, void *data);
gboolean sp_store_thread_undo(struct sp_store_thread *thread, guint64 change, gboolean redo,
			      guint32 uid, const char *how, sp_store_done done, void *data);
/* The entries of @change; 0: of the one that undo, or redo, by @uid would be about. */
gboolean sp_store_thread_change(struct sp_store_thread *thread, guint64 change, gboolean redo,
				guint32 uid, sp_store_done done, void *data);

/* In the store's thread. @totals NULL: history.db can't be used now. */
typedef void (*sp_totals_work)(struct sp_totals *totals, void *data);
/*
 * Has @work done on history.db when nothing on the rules waits, then @done (or NULL) called
 * here. @data is freed with @free_data in any case, also where too many wait
 * (FALSE) or the thread ends before @done.
 */
gboolean sp_store_thread_totals(struct sp_store_thread *thread, sp_totals_work work,
				void (*done)(void *data), void *data, GDestroyNotify free_data);

/* The newest @limit entries, newest first. */
gboolean sp_store_thread_journal(struct sp_store_thread *thread, gsize limit,
				 sp_store_done done, void *data);
