/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Network namespaces beside the initial one: where the daemon has queues.
 *
 * A packet goes to a queue only in a namespace that the daemon has registered:
 * elsewhere others may have bound the number. The first miss tells the daemon;
 * it opens queues with sockets of the namespace that it is handed, and says so.
 *
 * Its sockets keep a namespace alive. When nobody else uses it any more the
 * daemon is told, again and again until it has let go.
 */
#ifndef _SALLYPORT_NAMESPACE_H
#define _SALLYPORT_NAMESPACE_H

#include <net/net_namespace.h>
#include "uapi/sallyport.h"

/* What is kept for each; pernet_operations' size. */
struct sp_namespace {
	u32 state;		/* sp_daemon.arrivals and enum, in one word */
	u32 sockets;		/* READY: that the daemon holds */
	unsigned long told;	/* jiffies: when the daemon was asked for queues */
};
extern unsigned int sp_namespace_id;

enum sp_queues {
	SP_QUEUES_READY,	/* queue the packet */
	SP_QUEUES_SOON,		/* the daemon opens some: if it is sent again */
	SP_QUEUES_NONE,		/* the daemon won't open any */
};

/* May packets of @net be queued? The daemon is there. Any context. */
enum sp_queues sp_namespace_queues(struct net *net);

/* The judged namespace of that number, with a reference, or NULL. */
struct net *sp_namespace_get(u64 netns);

/* What the daemon says of @net: READY with as many @sockets, or REFUSED. */
void sp_namespace_set(struct net *net, u8 state, u32 sockets);

/* A file descriptor of the caller: a netfilter netlink socket in @net. */
int sp_namespace_socket(struct net *net, struct file **file);

/* Tells the daemon of those that nobody else uses. Process context. */
void sp_namespaces_check(void);
/* A program ended: perhaps it was a namespace's last. Any context. */
void sp_namespaces_check_soon(void);
/* The daemon arrived: those with a device that is up will want queues. */
void sp_namespaces_announce(void);

int sp_namespaces_init(void);
void sp_namespaces_exit(void);

#endif
