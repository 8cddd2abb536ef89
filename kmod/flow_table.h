/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flow table: flows that were decided, shared by all CPUs.
 *
 * Found by key and by wire tuple under RCU; made and killed under the lock of
 * the bucket of their socket. A flow is alive until sp_flow_kill(); then it is
 * out of all hashes at once and out of every per-CPU cache before the call
 * returns; after a grace period, when its counts are final, it is reported and
 * freed when the last reference goes. It takes its place in the limits until
 * then. A dead flow never comes back: a new one is made.
 *
 * Counting happens in the cache entries (flow_cache.h), which add what they
 * gathered to the flow when they are evicted or harvested: a hit writes
 * nothing that CPUs share.
 */
#ifndef _SALLYPORT_FLOW_TABLE_H
#define _SALLYPORT_FLOW_TABLE_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include "flow_key.h"
#include "image.h"
#include "uapi/sallyport.h"
#include "user.h"

/* Everything known about a flow when it is judged. Holds no references. */
struct sp_flow_desc {
	struct sp_flow_key key;
	struct sp_wire_key wire;
	struct sp_image *image;		/* the subject's; never NULL */
	u64 process;
	u64 cgroup;
	u32 uid;
	u32 pid;
	u8 direction;			/* enum sallyport_direction */
	u8 flags;			/* SALLYPORT_FLOW_* */
};

/*
 * The device as verdicts see it: 0 in other namespaces than the initial one,
 * where numbers mean other devices.
 */
static inline u32 sp_flow_device(const struct sp_flow_desc *desc)
{
	return desc->flags & SALLYPORT_FLOW_NETNS ? 0 : desc->key.ifindex;
}

/* What the daemon knows of a flow that begins. */
enum sp_flow_news {
	SP_FLOW_SILENT,			/* nothing, and is not told */
	SP_FLOW_DUE,			/* nothing yet */
	SP_FLOW_TOLD,
};

struct sp_flow {
	struct sp_flow_desc desc;	/* immutable; holds desc.image */
	u64 rule;			/* immutable */
	u64 created;			/* boottime ns, immutable */
	u8 action;			/* enum sallyport_action, immutable */
	bool dead;			/* written under the socket bucket's lock */
	bool stopped;			/* likewise: by sp_flow_stop() */
	refcount_t refs;
	struct sp_user *user;		/* charged with it */
	u32 key_hash;			/* immutable */
	u32 wire_hash;			/* immutable */
	/* under the lock of the bucket that they are in: */
	struct hlist_node by_key;
	struct hlist_node by_wire;
	struct hlist_node by_socket;
	u32 siblings;			/* the socket's flows, in its first one */
	unsigned long cpus;		/* whose caches may have it; flow_cache.c */
	unsigned long used;		/* jiffies, as harvested */
	/* events.c's: */
	struct list_head begun;		/* under the lock of that CPU's ring */
	int begun_cpu;
	int news;			/* enum sp_flow_news */
	atomic64_t bytes[2];		/* as harvested, by packet direction */
	atomic64_t packets[2];
	union {				/* one after the other */
		struct llist_node ended;	/* killed, to be reported */
		struct rcu_head rcu;
	};
};

struct sp_flow_limits {
	u32 total;		/* flows in the table */
	u32 user;		/* of one user */
	u32 socket;		/* of one cookie */
};

/*
 * Called once for each flow that ended, in process context, counts final. May
 * sleep; it must not kill flows and wait for them.
 */
typedef void (*sp_flow_ended_fn)(struct sp_flow *flow);

int sp_flow_table_init(const struct sp_flow_limits *limits,
		       sp_flow_ended_fn ended);	/* -ENOMEM */
/* Kills and reports all. Nobody has a reference any more. */
void sp_flow_table_exit(void);

/*
 * Both under rcu_read_lock(); NULL if there is none alive. By wire: the socket
 * @cookie's, or with 0 any socket's.
 */
struct sp_flow *sp_flow_find(const struct sp_flow_key *key);
struct sp_flow *sp_flow_find_wire(const struct sp_wire_key *wire, u64 cookie);

/*
 * Inserts an allowed or refused flow, atomically (no sleeping). A living flow
 * with the same key is left and returned as it is. Two flows may share a wire
 * tuple (another device, a raw socket); the wire look-up then finds the newest
 * allowed one, or the newest where none is allowed. The caller is in an RCU
 * section; *@flow is valid until it ends. -ENOMEM; -ENOSPC where a limit is
 * reached.
 */
int sp_flow_insert(const struct sp_flow_desc *desc, u8 action, u64 rule,
		   struct sp_flow **flow);

/*
 * Puts a flow that is dropped in its place, which stays as long as an allowed one would.
 * -ENOENT: it is dead; else as sp_flow_insert(). Otherwise as sp_flow_kill().
 */
int sp_flow_stop(struct sp_flow *flow);
/* Any context but hard interrupts. The caller has a reference or is in RCU. */
void sp_flow_kill(struct sp_flow *flow);
void sp_flow_kill_key(const struct sp_flow_key *key);
void sp_flow_kill_cookie(u64 cookie);	/* all flows of a socket that is gone */

/*
 * Harvests the caches, then removes flows that were idle too long: TCP 5 days,
 * UDP 180 s, ICMP and others 30 s; refused ones 5 s after they were made, used
 * or not, so that they are judged anew. Process context, every few seconds.
 */
void sp_flow_table_age(void);

/*
 * For dumps: calls @fn for each flow of bucket *@bucket and up, until it
 * returns non-zero, which is then returned, or all are done: 0. *@bucket and
 * *@left, 0 at first, say where to go on: at the flow that @fn did not take. Between two
 * calls flows may come and go: none that stays is left out, some are told twice.
 * Under rcu_read_lock().
 */
int sp_flow_table_walk(u32 *bucket, u32 *left,
		       int (*fn)(struct sp_flow *flow, void *arg), void *arg);

void sp_flow_hold(struct sp_flow *flow);	/* caller is in the RCU section */
void sp_flow_put(struct sp_flow *flow);	/* any context but hard interrupts */

u32 sp_flow_count(void);
u32 sp_flow_max(void);

#endif
