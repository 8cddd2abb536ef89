/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one user takes up in the tables, so that he fills only his share. A
 * record lives as long as something is charged to it; look-up under RCU,
 * creation and removal under a lock of the bucket. The charge functions are
 * atomic and may be called in any context but NMI.
 */
#ifndef _SALLYPORT_USER_H
#define _SALLYPORT_USER_H

#include <linux/atomic.h>
#include <linux/types.h>

enum sp_charge {
	SP_CHARGE_FLOW,
	SP_CHARGE_PENDING,
	SP_CHARGE_SUBJECT,
	SP_CHARGE_VERDICT,
	SP_CHARGE_OWNER,
	SP_CHARGE_IMAGE,
	SP_CHARGE_PROCESS,
	SP_CHARGE_ORIGIN,
	SP_CHARGE_ABORT,
	__SP_CHARGE_MAX,
};

struct sp_user;

/* Adds one if @count is below @limit, which may have been lowered meanwhile. */
static inline bool sp_inc_below(atomic_t *count, u32 limit)
{
	int old = atomic_read(count);

	do {
		if ((u32)old >= limit)
			return false;
	} while (!atomic_try_cmpxchg(count, &old, old + 1));
	return true;
}

int sp_user_init(void);		/* -ENOMEM */
void sp_user_exit(void);	/* nothing may be charged any more */

/*
 * Charges one of @what to @uid if it then has at most @limit. Returns the user,
 * for sp_user_uncharge(), or ERR_PTR(-ENOSPC) over the limit or when there are too many
 * users, ERR_PTR(-ENOMEM).
 */
struct sp_user *sp_user_charge(u32 uid, enum sp_charge what, u32 limit);
void sp_user_uncharge(struct sp_user *user, enum sp_charge what);

/* Number of records, and how many there may be. */
u32 sp_user_count(void);
u32 sp_user_max(void);

#endif
