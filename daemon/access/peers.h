/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections on the bus that use us now: by unique name, with the uid that the
 * bus knows. A peer is there as long as somebody holds it, and tells its
 * holders when the connection goes.
 */
#pragma once

#include <gio/gio.h>

struct sp_peers;
struct sp_peer;

typedef void (*sp_peer_event)(struct sp_peer *peer, void *data);

struct sp_peers *sp_peers_new(GDBusConnection *connection);
/* Every peer is gone. */
void sp_peers_free(struct sp_peers *peers);
/* No call is granted any more. */
void sp_peers_close(struct sp_peers *peers);

/* Takes a hold. */
struct sp_peer *sp_peers_hold(struct sp_peers *peers, const char *name);
struct sp_peer *sp_peer_hold(struct sp_peer *peer);
void sp_peer_release(struct sp_peer *peer);

const char *sp_peer_name(const struct sp_peer *peer);
gboolean sp_peer_is_gone(const struct sp_peer *peer);
gboolean sp_peer_is_closed(const struct sp_peer *peer);	/* or all are gone */
guint32 sp_peer_uid(const struct sp_peer *peer);	/* once known */

/*
 * @known is called once, when the uid is known, maybe at once; or not at all,
 * where the connection goes first.
 */
void sp_peer_when_known(struct sp_peer *peer, sp_peer_event known, void *data);
/* @gone is called when the connection goes, unless taken back before. */
void sp_peer_when_gone(struct sp_peer *peer, sp_peer_event gone, void *data);
/* Takes back both, by @data. */
void sp_peer_forget(struct sp_peer *peer, void *data);

/*
 * Changes that it makes are to be confirmed within so many seconds (guard.h); 0: not.
 * With some the peer stays as long as its connection.
 */
void sp_peer_set_guard(struct sp_peer *peer, guint seconds);
guint sp_peer_guard(const struct sp_peer *peer);

enum sp_charge {
	SP_CHARGE_CALL,
	SP_CHARGE_LOOK,		/* of them, those that look into the store */
	SP_CHARGES,
};

/* Method calls under way: of this connection, and of its user once known. */
gboolean sp_peer_charge(struct sp_peer *peer, guint most);
void sp_peer_discharge(struct sp_peer *peer);
gboolean sp_peer_charge_user(struct sp_peer *peer, enum sp_charge charge, guint most);
void sp_peer_discharge_user(struct sp_peer *peer, enum sp_charge charge);
