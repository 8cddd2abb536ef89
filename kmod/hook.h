/* SPDX-License-Identifier: GPL-2.0 */
/* The netfilter hooks, in each network namespace that is judged. */
#ifndef _SALLYPORT_HOOK_H
#define _SALLYPORT_HOOK_H

#include <net/net_namespace.h>

/* Is @net judged at all? Those of unprivileged users are not (see README). */
bool sp_hook_judges(const struct net *net);

int sp_hook_register(struct net *net);
void sp_hook_unregister(struct net *net);

/*
 * From now on every packet passes: before unloading, so that nothing is queued
 * any more. Then sp_hook_drain() drops what is queued, then unregister.
 */
void sp_hook_disarm(void);
void sp_hook_drain(struct net *net);

#endif
