/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The short way between module and daemon, for what each new flow needs: which flows wait,
 * and what they are answered. A file does it, whose calls are carried out when they return;
 * a message of netlink, and the one that says whether it was taken, cost far more.
 */
#ifndef _SALLYPORT_UPCALL_H
#define _SALLYPORT_UPCALL_H

#include <linux/types.h>

int sp_upcall_init(void);	/* -ENOMEM */
void sp_upcall_exit(void);	/* no call is under way any more */

/* A daemon comes: it is not told of what another was to be. */
void sp_upcall_begin(void);

/*
 * The daemon is to learn of the flow that waits with this id when it looks next, which it
 * does for each packet that comes out of a queue. Any context but hard interrupts.
 * -ENOBUFS: it has not looked for long.
 */
int sp_upcall_tell(u64 pending);

#endif
