/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Those who watch the history: each gets signals of its own, at most five a
 * second with at most SP_WATCH_BATCH records, of what it may see.
 */
#pragma once

#include <gio/gio.h>
#include "access/peers.h"
#include "history.h"

#define SP_WATCHERS_MAX		64
#define SP_WATCHERS_OF_USER	8
#define SP_WATCH_BATCH		200

struct sp_watch;

struct sp_watch *sp_watch_new(struct sp_history *history);
void sp_watch_free(struct sp_watch *watch);

/* Once more by the same connection: changes what it sees. */
gboolean sp_watch_add(struct sp_watch *watch, GDBusConnection *connection,
		      struct sp_peer *peer, gboolean all, GError **error);
void sp_watch_remove(struct sp_watch *watch, const struct sp_peer *peer);
