/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guarded changes: made, and taken back unless whoever made them confirms in time.
 * They may be what cuts him off.
 *
 * There is one guard at a time, one user's, for all that he changes until he confirms
 * or its time is over. One with changes of his own rules alone gives way to whoever may
 * change more: it is taken back, and for a minute no other of that kind comes before.
 *
 * It is a file in the state folder, written before the first change; its changes have
 * its name in the journal. A daemon that finds the file when it starts takes them back
 * before anything is judged: nobody confirmed.
 *
 * What somebody changed since, of what was changed, stays as it is then.
 */
#pragma once

#include "mode.h"
#include "network/networks.h"
#include "policy_state.h"

#define SP_GUARD_SECONDS_MIN	1u
#define SP_GUARD_SECONDS_MAX	600u

struct sp_guard;

/* @changed is called whenever one begins or ends. */
struct sp_guard *sp_guard_new(const char *folder, void (*changed)(void *data), void *data);
/* Before the parts go that it was started with: what is left is for the next start. */
void sp_guard_stop(struct sp_guard *guard);
void sp_guard_free(struct sp_guard *guard);

/* What the changes that are left over are called in the journal; NULL: there are none. */
const char *sp_guard_left_over(const struct sp_guard *guard);
/* A mode that is to be gone back to, as the file says; NULL: none. */
const struct sp_mode_state *sp_guard_mode(const struct sp_guard *guard);
/* What networks are to be called again, as the file says; NULL: nothing. */
const struct sp_named_list *sp_guard_names(const struct sp_guard *guard);
/* Takes back what is left over, and could not be before. */
void sp_guard_start(struct sp_guard *guard, struct sp_policy *policy,
		    struct sp_store_thread *store, struct sp_modes *modes,
		    struct sp_networks *networks);

struct sp_guard_maker {
	guint32 uid;
	guint seconds;		/* to confirm it; each change counts anew */
	gboolean privileged;	/* it is of more than his own rules, or he is root */
};

/*
 * A change by @maker is about to be made. @mode: it is one of the mode. What it is called
 * in the journal; NULL on error: LIMIT, somebody else's is open, or being taken back (and
 * is gone soon); NOT_SAVED. Each has its sp_guard_made(), when it is in force or could
 * not be.
 */
const char *sp_guard_begin(struct sp_guard *guard, const struct sp_guard_maker *maker,
			   gboolean mode, GError **error);
void sp_guard_made(struct sp_guard *guard);
/* After sp_guard_begin(): the change gives this network another name. FALSE: NOT_SAVED. */
gboolean sp_guard_name(struct sp_guard *guard, const char *id, GError **error);
/* Root may confirm everybody's. */
gboolean sp_guard_confirm(struct sp_guard *guard, guint32 uid, GError **error);

/* µs of CLOCK_REALTIME, past while they are taken back; 0: there is none. */
gint64 sp_guard_deadline(const struct sp_guard *guard);
guint32 sp_guard_user(const struct sp_guard *guard);
