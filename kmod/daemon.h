/* SPDX-License-Identifier: GPL-2.0 */
/* Who the daemon is, and what it set: the state that HELLO and CONFIG change. */
#ifndef _SALLYPORT_DAEMON_H
#define _SALLYPORT_DAEMON_H

#include <linux/compiler.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/types.h>
#include "uapi/sallyport.h"

/*
 * Written by netlink commands under their mutex, read anywhere with
 * READ_ONCE(): each field stands for itself.
 */
struct sp_daemon {
	bool present;		/* written last on arrival, first on departure */
	pid_t tgid;		/* of its process */
	u32 arrivals;		/* how many daemons there were */
	u32 port, event_port;
	u16 queue_first, queue_count, queue_wait;
	bool observes;		/* DNS: observe_port and queue_observe are there */
	u32 observe_port;
	u16 queue_observe;
	u64 epoch;		/* of the policy; outlives the daemon */

	u8 mode;		/* enum sallyport_mode */
	u8 absent[2];		/* enum sallyport_action by direction */
	u8 judge_loopback;
	u8 stealth;		/* what no socket wants is dropped, not answered */
};

extern struct sp_daemon sp_daemon;

static inline bool sp_daemon_present(void)
{
	/* the other fields are read after it */
	return smp_load_acquire(&sp_daemon.present);
}

/*
 * Does this run on behalf of the daemon's process? A queued packet goes on in
 * its context.
 */
static inline bool sp_daemon_is_current(void)
{
	return in_task() && current->tgid == READ_ONCE(sp_daemon.tgid);
}

#endif
