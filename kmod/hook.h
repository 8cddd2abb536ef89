/* SPDX-License-Identifier: GPL-2.0 */
/* The netfilter hooks, in each network namespace that is judged. */
#ifndef _SALLYPORT_HOOK_H
#define _SALLYPORT_HOOK_H

#include <linux/if.h>
#include <linux/netdevice.h>
#include <net/net_namespace.h>
#include "daemon.h"

/* Is @net judged at all? Those of unprivileged users are not (see README). */
bool sp_hook_judges(const struct net *net);

/* Loopback passes unless it is to be judged. */
static __always_inline bool sp_hook_passes(const struct net_device *dev)
{
	return dev->flags & IFF_LOOPBACK && !READ_ONCE(sp_daemon.judge_loopback);
}

/* Does everything pass? Mode off, or about to be unloaded. */
bool sp_hook_is_off(void);

int sp_hook_register(struct net *net);
void sp_hook_unregister(struct net *net);

/*
 * From now on every packet passes: before unloading, so that nothing is queued
 * any more. Then sp_hook_drain() drops what is queued, then unregister.
 */
void sp_hook_disarm(void);
void sp_hook_drain(struct net *net);

#endif
