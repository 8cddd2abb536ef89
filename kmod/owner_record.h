/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How records of sockets' owners come and go: for the probes that see sockets being
 * made and destroyed, and for the walk over those that were there before.
 */
#ifndef _SALLYPORT_OWNER_RECORD_H
#define _SALLYPORT_OWNER_RECORD_H

#include "owner.h"
#include "process.h"

struct sp_record {
	struct sp_who who;
	u8 direction;		/* in which its connection begins */
	u32 charged;		/* the user who is charged, where there is no record yet */
	bool for_user;		/* it is judged as his too: the socket says another */
	bool request;		/* of a request; counted as one already */
};

/* Notes whose it is, anew where there is a record. Takes over the reference to the image. */
void sp_owner_note(u64 cookie, const struct sp_record *record);
/* A socket that is older than the module; nothing where there is a record. */
void sp_owner_note_older(u64 cookie, u32 charged);
/*
 * Such a one, of whose program nothing is known, is held by @who, who keeps his reference,
 * or, NULL, not by him alone. Said of two it is nobody's.
 */
void sp_owner_note_holder(u64 cookie, const struct sp_who *who);

/*
 * A socket was made of a request, with its cookie: counted, so that the record goes
 * with the last of them. Whose it is says _of(), unless somebody noted it before.
 */
void sp_owner_child(u64 cookie, u32 charged);
void sp_owner_child_of(u64 cookie, u64 listener);
bool sp_owner_counts_children(void);	/* is that seen? */

/* A socket with this cookie was destroyed. Any context. */
void sp_owner_ended(u64 cookie);

/* Whose it is, with a reference to the image; false: there is no record. */
bool sp_owner_who(u64 cookie, struct sp_who *who);

void sp_owner_probes_arm(void);
void sp_owner_probes_disarm(void);

/*
 * sp_owner_note_older() for all connections and packet sockets there are,
 * sp_owner_note_holder() for connections that are being made. May sleep.
 */
void sp_owner_walk_older(void);

#endif
