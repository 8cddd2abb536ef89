/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family; uapi/sallyport.h says what it speaks. */
#ifndef _SALLYPORT_NETLINK_H
#define _SALLYPORT_NETLINK_H

#include "flow_table.h"
#include "uapi/sallyport.h"

int sp_netlink_init(void);
void sp_netlink_exit(void);	/* the daemon is gone for the hooks after this */

/*
 * To the daemon, from any context, never waiting. 0, or a negative errno: it
 * will not arrive (no memory, the daemon's buffer is full, there is none).
 */
int sp_netlink_rouse(void);	/* to look for flows that wait */
int sp_netlink_query(const struct sp_flow_desc *desc, const void *question,
		     size_t length, const struct sallyport_stream *stream);
int sp_netlink_namespace(u64 netns, u8 state);
int sp_netlink_events(const struct sallyport_event *events, u32 count, u32 lost);

#endif
