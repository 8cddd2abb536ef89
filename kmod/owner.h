/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose socket it is: a record for each socket, by cookie, made when a program
 * creates it and renewed when one binds, listens or connects it or sends
 * something new through it. Records refer to the image, not to a pid, so they
 * stay right when the program is gone or its packet goes on in the daemon's
 * context.
 */
#ifndef _SALLYPORT_OWNER_H
#define _SALLYPORT_OWNER_H

#include <net/sock.h>
#include "flow_table.h"

/* At most @max records, a user's a quarter of them; root's are not limited further. */
void sp_owner_init(u32 max);
void sp_owner_exit(void);	/* probes are gone, all records too */

/* SO_COOKIE, given now if there was none. @sk may be a request socket. */
u64 sp_socket_cookie(struct sock *sk);

/*
 * Fills in image (with a reference), process, pid, cgroup, uid and flags of
 * @desc for the full socket @sk with desc->key.cookie, or for none (NULL: the
 * kernel). @sends: a packet of it that begins something new leaves right now,
 * so that a trustworthy running program is its sender.
 */
void sp_owner_fill(struct sock *sk, bool sends, struct sp_flow_desc *desc);

/* Is there a record that was made after sp_owner_arm()? */
bool sp_owner_known(u64 cookie);
/* Or one of a socket that is older, so that nobody saw what it began? */
bool sp_owner_is_older(u64 cookie);

/* Its flow could not be entered: it is one of those still. */
void sp_owner_stays_older(u64 cookie);

/*
 * The hooks see every packet from now on. Notes which sockets are older: whatever has
 * no record when this returns is not. May sleep.
 */
void sp_owner_arm(void);

/* Did the socket's connection begin here (OUT) or was it accepted (IN)? */
u8 sp_owner_direction(u64 cookie);

/*
 * Makes a record of @desc's image and process for a socket that no probe saw: a
 * connection that is older than the module, or that is being accepted (@request), which
 * may come to nothing. There may be no room.
 */
void sp_owner_inherit(u64 cookie, const struct sp_flow_desc *desc, bool request);

/*
 * Removes what its probe missed, if it can't be relied on, and requests of which no socket
 * was made. Process context.
 */
void sp_owner_age(void);

u32 sp_owner_count(void);
u32 sp_owner_max(void);
u32 sp_owner_degraded(void);	/* SALLYPORT_DEGRADED_* */

#endif
