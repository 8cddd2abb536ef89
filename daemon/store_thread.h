/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread that owns the policy store. Work goes in as jobs, in order;
 * results come back in the main context that started it. At most
 * SP_STORE_JOBS_MAX jobs wait; more are refused. After changes, once their
 * results are on their way and nothing else waits, it rewrites the copy.
 */
#pragma once

#include <glib.h>
#include "store.h"

#define SP_STORE_JOBS_MAX	64

struct sp_store_thread;

/* An array of struct sp_rule that clears what it holds. */
GArray *sp_rules_new(void);
/* An array of struct sp_change, likewise. */
GArray *sp_changes_new(void);

struct sp_store_result {
	enum sp_store_error error;
	const char *message;	/* what went wrong, in words */
	GArray *changes;	/* of an apply: with the ids given; the receiver's if stolen */
	GArray *rules;		/* of an expire that removed some: all that are left; likewise */
};

typedef void (*sp_store_done)(struct sp_store_result *result, void *data);

/*
 * Opens @folder in the new thread and loads the rules; waits for that (the
 * main loop is not running yet). Where a damaged store was set aside and made
 * anew, *@damaged says what happened. NULL on error.
 */
struct sp_store_thread *sp_store_thread_start(const char *folder, GArray **rules,
					      char **damaged, GError **error);
/* Finishes what was begun; results that are not delivered yet are dropped. */
void sp_store_thread_stop(struct sp_store_thread *thread);

/* What could not be written beside the store (the copy), in words; NULL: nothing. */
char *sp_store_thread_trouble(struct sp_store_thread *thread);

/* Both FALSE: too many jobs wait; @done is not called. Takes @changes. */
gboolean sp_store_thread_apply(struct sp_store_thread *thread, GArray *changes,
			       guint32 uid, const char *how,
			       sp_store_done done, void *data);
gboolean sp_store_thread_expire(struct sp_store_thread *thread, gint64 now,
				sp_store_done done, void *data);
