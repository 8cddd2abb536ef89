/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flows that wait for the daemon, with what may be held for each.
 *
 * A pending flow is made by the first packet that nothing could decide. It keeps
 * who the flow belongs to, because the packet comes back from the queue in the
 * daemon's context, and its socket may have become another's meanwhile. So it
 * stays, answered, until what was held has come back or is lost; it also goes
 * when it waited too long, when its program closed the socket, or when the
 * daemon dies.
 *
 * Limits are checked before anything is allocated. Look-ups under RCU; the
 * state of a flow and the hash under a lock of the bucket.
 */
#ifndef _SALLYPORT_PENDING_H
#define _SALLYPORT_PENDING_H

#include "flow_table.h"
#include "uapi/sallyport.h"

struct sock;

#define SP_PENDING_PACKETS	8		/* datagrams held for one flow */
#define SP_PENDING_BYTES	(16 * 1024)
#define SP_PENDING_REQUEUE	HZ		/* a held segment may be lost by then */
#define SP_PENDING_REPEATS	2		/* returns without a verdict */
#define SP_PENDING_LOST	(5ULL * NSEC_PER_SEC)	/* answered, and does not return */
#define SP_PENDING_MAX		4096		/* whatever the limits say */
#define SP_PENDING_WATCH	HZ		/* between two looks, while some wait */

/* For one flow alone, which is in no table. */
struct sp_pending_answer {
	u8 action;			/* enum sallyport_action; 0: see the tables */
	u8 direction;			/* of the flow, when it is handed out */
	u64 rule;
	u64 epoch;			/* of the policy; void under another */
};

struct sp_pending {
	u64 id;				/* immutable, never used again */
	u64 epoch;			/* immutable */
	u64 since;			/* boottime ns, immutable */
	struct sp_flow_desc desc;	/* immutable; holds desc.image */
	struct sp_user *user;
	struct sock *sk;		/* immutable; a reference, or NULL */
	/* under the bucket's lock: */
	u32 packets;			/* held by now */
	u32 bytes;
	u32 repeats;			/* returns of them */
	unsigned long queued;		/* jiffies, the last time */
	u64 answered;			/* boottime ns; 0: not yet */
	struct sp_pending_answer answer;
	bool gone;
	struct hlist_node node;
	struct rcu_head rcu;
};

/* What to do with a packet whose flow nothing decided. */
enum sp_hold {
	SP_HOLD_NEW,		/* a flow began to wait: tag it, queue the packet */
	SP_HOLD_MORE,		/* queue the packet, the daemon knows the flow */
	SP_HOLD_ANSWERED,	/* *answer says how, for this flow alone */
	SP_HOLD_REFUSE,		/* *reason says why */
};

/*
 * @given_up is called under rcu_read_lock() for each flow that nobody answered
 * in time, or whose socket is closed (@abandoned), when it cannot be found any
 * more. -ENOMEM.
 */
typedef void (*sp_pending_given_up_fn)(const struct sp_pending *pending,
				       bool abandoned);
int sp_pending_init(sp_pending_given_up_fn given_up);
void sp_pending_exit(void);

void sp_pending_set_limits(const struct sallyport_pending_limits *limits);
void sp_pending_get_limits(struct sallyport_pending_limits *limits);

/*
 * A packet of @bytes that nothing decided, of the full socket @sk or of none
 * (NULL). @bytes 0: it can't be held; its flow waits without it, or it is refused
 * (_HELD_ENOUGH) while that waits. @returned: it came back from the daemon; it is queued again, but each packet only SP_PENDING_REPEATS - 1 times
 * on the average, and not if its flow does not wait any more (_UNANSWERED). TCP
 * holds one segment and, when that was queued more than SP_PENDING_REQUEUE ago,
 * queues again; others hold SP_PENDING_PACKETS or SP_PENDING_BYTES, and the
 * first packet in any case. Inbound flows may take a quarter of the total, and
 * one waits for each listener (cookie, port and protocol). Another program's
 * packets don't join a flow that waits (_HELD_ENOUGH). One that was answered, by
 * a table that says nothing any more, is asked about anew. SP_HOLD_NEW sets
 * *@id, for the daemon. SP_HOLD_REFUSE sets *@reason
 * (SALLYPORT_STAT_HELD_ENOUGH, _LIMIT_*, _NO_MEMORY, _UNANSWERED). Under
 * rcu_read_lock(), no sleeping.
 */
enum sp_hold sp_pending_hold(const struct sp_flow_desc *desc, struct sock *sk,
			     u64 epoch, u32 bytes, bool returned,
			     u64 *id,
			     enum sallyport_stat *reason,
			     struct sp_pending_answer *answer);

/*
 * The flow with this key that waits or whose packets are to come back, or NULL;
 * under rcu_read_lock(). A packet that comes back is judged by its desc.
 */
struct sp_pending *sp_pending_find(const struct sp_flow_key *key);
struct sp_pending *sp_pending_by_id(u64 id);	/* not answered yet */

/*
 * The daemon answered. What was held is judged by the tables as it comes back,
 * or, if @answer has an action, by that.
 */
void sp_pending_answer(struct sp_pending *pending,
		       const struct sp_pending_answer *answer);
/*
 * A packet of @bytes came back and is judged. The last one ends the wait. Those that
 * have not come SP_PENDING_LOST after the answer are counted, and not waited for.
 */
void sp_pending_returned(struct sp_pending *pending, u32 bytes);

/* Ends the wait: the flow is out of the table when this returns. */
void sp_pending_remove(struct sp_pending *pending);

/*
 * Gives up those that waited longer than the limit or whose socket is closed;
 * this happens by itself every SP_PENDING_WATCH as long as some wait.
 */
void sp_pending_expire(void);
/* Removes all without a word: the daemon is gone. */
void sp_pending_clear(void);

/* For dumps, as sp_flow_table_walk(): what is not answered yet. Under RCU. */
int sp_pending_walk(u32 *bucket, u32 *left,
		    int (*fn)(const struct sp_pending *pending, void *arg),
		    void *arg);
void sp_pending_tag(const struct sp_pending *pending,
		    struct sallyport_pending *tag);

u32 sp_pending_count(void);
u32 sp_pending_max(void);

#endif
