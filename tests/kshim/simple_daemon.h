/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A daemon without rules or memory, for scenes: it says what it is told to of the
 * flow that it was last asked about.
 */
#ifndef KSHIM_SIMPLE_DAEMON_H
#define KSHIM_SIMPLE_DAEMON_H

#include "law.h"

extern struct sallyport_pending simple_tag;	/* the last that came */
extern u32 simple_tags;				/* how many */
extern u64 simple_epoch;
extern struct sallyport_verdict simple_verdict;	/* pushed last */

int simple_receive(u32 port, u8 number, struct nlattr **attrs);	/* for shim_receive */
void simple_told(const struct sallyport_tag *tag);	/* for law_told */
void simple_hello(void);
void simple_absent(u8 action);		/* of what leaves while there is no daemon */
/* For all that the last tag's program does in that direction; what the module says. */
int simple_push(u8 action);
/* For the last tag's flow alone. */
int simple_resolve(u8 action);
void simple_delete_verdict(void);	/* the last */
void simple_next_epoch(void);
void simple_end_flows(void);		/* all */

#endif
