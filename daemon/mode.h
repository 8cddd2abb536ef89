/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firewall's mode: changed, kept in the file "mode" of the state folder, in force
 * in policy and kernel, and back by itself when its time is over.
 *
 * sallyport.conf has no mode. "mode=off" of the module holds until somebody sets a mode
 * here: only then, or where the file says off, is the kernel told one.
 */
#pragma once

#include "mode_state.h"
#include "policy_state.h"
#include "verdict_link.h"

struct sp_modes;

/* @error NULL: kept and in force. */
typedef void (*sp_modes_done)(const GError *error, void *data);

/* @changed is called whenever the mode has changed. */
struct sp_modes *sp_modes_new(const char *folder, void (*changed)(void *data), void *data);
void sp_modes_free(struct sp_modes *modes);

const struct sp_mode_state *sp_modes_get(const struct sp_modes *modes);
/* µs of CLOCK_REALTIME; 0: it has no end. */
gint64 sp_modes_until(const struct sp_modes *modes);

/* Before sp_modes_start(): goes back to @state, which was not to be left unconfirmed. */
void sp_modes_revert(struct sp_modes *modes, const struct sp_mode_state *state);
/* Before @link is started: tells it the kernel's mode where it must be told. */
void sp_modes_start(struct sp_modes *modes, struct sp_policy *policy, struct sp_link *link);

/*
 * Sets it for @seconds, or without an end (0). @done is always called. One at a time;
 * LIMIT while another is under way. NOT_SAVED: what allows more is not done; what
 * allows less holds until the daemon is restarted. NOT_READY: it is kept, and in force
 * when the module takes it.
 */
void sp_modes_set(struct sp_modes *modes, enum sp_mode mode, guint seconds, const char *reason,
		  guint32 maker, sp_modes_done done, void *data);
/* Back to a former state. */
void sp_modes_restore(struct sp_modes *modes, const struct sp_mode_state *state,
		      sp_modes_done done, void *data);
