/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What packet sockets send: it goes past LOCAL_OUT, and is judged where it
 * reaches a device. Seen on every device of the namespaces that are judged, from
 * when it is there until it is gone.
 */
#ifndef _SALLYPORT_EGRESS_H
#define _SALLYPORT_EGRESS_H

#include <linux/types.h>

int sp_egress_init(void);	/* -ENOMEM; the tables are there */
void sp_egress_exit(void);	/* no hook of ours runs any more when it returns */

/* SALLYPORT_DEGRADED_EGRESS or 0. */
u32 sp_egress_degraded(void);

#endif
