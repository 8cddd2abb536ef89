/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules as they are now, and the way they change: one change set after
 * the other is made durable in the store, becomes a snapshot, is in force in
 * the kernel, and only then is its maker told.
 */
#pragma once

#include <glib.h>
#include "decide.h"
#include "policy_effect.h"
#include "policy_files.h"
#include "store_thread.h"
#include "verdict_link.h"

#define SP_POLICY_CHANGES_MAX	32	/* change sets that may wait */
#define SP_POLICY_CHANGES_OWN	8	/* … of one user, but root */
#define SP_POLICY_RULES_MAX	100000	/* in all */
#define SP_POLICY_OWN_MAX	2000	/* of one user */

struct sp_policy;

#define SP_HOW_ANSWER	"answer"	/* how a change was made, in the journal */

/*
 * @error NULL: durable and in force. @ids: of the added rules, in order; there
 * are some with an error too where the change was saved but is not in force, or
 * is in force but not saved.
 */
typedef void (*sp_policy_done)(const GError *error, const guint64 *ids, gsize count,
			       void *data);

/* Takes @rules, references what @files has. Neither @store nor @link is its own. */
struct sp_policy *sp_policy_new(struct sp_store_thread *store, struct sp_link *link,
				GArray *rules, const struct sp_file_policy *files,
				const struct sp_defaults *defaults, gboolean lockdown);
/*
 * Changes that wait or come are refused. The one that is being stored ends when the store
 * has told how, saved but not in force, as does one whose word from the kernel does not
 * come any more. Rules can be read still.
 */
void sp_policy_stop(struct sp_policy *policy);
/* One that was stopped, and its store too, which has told all. */
void sp_policy_free(struct sp_policy *policy);

/* @changed is called whenever rules changed and before their maker is told. */
void sp_policy_on_changed(struct sp_policy *policy, void (*changed)(void *data),
			  void *data);

/* @widened is called after @changed, where rules that allow were made. */
void sp_policy_on_widened(struct sp_policy *policy,
			  void (*widened)(const struct sp_widened *widened, void *data),
			  void *data);

/* The administrator's files say something else; in force when what waits is. */
void sp_policy_set_files(struct sp_policy *policy, const struct sp_file_policy *files);

/* The store's rules, by id; valid until the main loop runs again. */
const struct sp_rule *sp_policy_rules(const struct sp_policy *policy, gsize *count);
/* Those of files, by id. */
const struct sp_rule *sp_policy_file_rules(const struct sp_policy *policy, gsize *count);
/* The one that a decision names, of either. */
const struct sp_rule *sp_policy_decider(const struct sp_policy *policy, guint64 id);
/* Of the store's. */
const struct sp_rule *sp_policy_find(const struct sp_policy *policy, guint64 id);
/* Rules that were restored from an older copy and ask until they are confirmed. */
gsize sp_policy_unconfirmed(const struct sp_policy *policy);
gsize sp_policy_count_of(const struct sp_policy *policy, guint32 owner);

struct sp_snapshot *sp_policy_snapshot(struct sp_policy *policy);
guint64 sp_policy_epoch(const struct sp_policy *policy);
const struct sp_defaults *sp_policy_defaults(const struct sp_policy *policy);

/*
 * Takes @changes. @done is always called, never before this returns; @how is
 * for the journal. What can't be saved holds until the machine is restarted, and
 * @done is told NOT_SAVED, if it only tightens or @hold is TRUE.
 */
void sp_policy_change(struct sp_policy *policy, GArray *changes, guint32 uid,
		      const char *how, gboolean hold, sp_policy_done done, void *data);
/* In lockdown floor rules alone decide, and what they don't is denied. */
void sp_policy_set_lockdown(struct sp_policy *policy, gboolean lockdown, sp_policy_done done,
			    void *data);
/*
 * From now on: connections that changes deny are stopped, not ended, since they may be
 * taken back. FALSE: those that are still denied end now.
 */
void sp_policy_set_stops(struct sp_policy *policy, gboolean stops);
/* Calls @done when the kernel does so: before something else changes than rules. */
void sp_policy_settle(struct sp_policy *policy, sp_policy_done done, void *data);
/* Undoes, or redoes, a change of the journal; @how is for the journal. */
void sp_policy_undo(struct sp_policy *policy, guint64 change, gboolean redo, guint32 uid,
		    const char *how, sp_policy_done done, void *data);
