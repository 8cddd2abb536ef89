// SPDX-License-Identifier: GPL-2.0
/*
 * tcp_abort() takes the socket's lock and may not be called from the hook: each socket
 * that is to be ended has a work item, with a reference to it. There is one a socket, and
 * a share for each user; what does not fit is dropped and counted, and the next
 * retransmission tries again.
 *
 * A program can keep its socket locked for as long as it likes, by sending from a
 * page that does not come (of a FUSE file, say). Such a socket is tried again
 * later, for a while; one that is locked just when it is tried keeps a worker. Nobody else
 * waits for it, neither other connections nor the daemon.
 */
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/llist.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>
#include <net/tcp.h>

#include "compat.h"
#include "image_capture.h"
#include "process.h"
#include "refuse.h"
#include "stats.h"
#include "user.h"

#define SP_ABORTS_MAX 4096
#define SP_ABORT_BITS 8
#define SP_ABORT_AGAIN (HZ / 50)
#define SP_ABORT_PATIENCE (60 * HZ)

struct abort {
	struct hlist_node node;
	struct work_struct work;
	struct llist_node again;
	struct sock *sk;	/* a reference */
	struct sp_user *user;
	unsigned long since;	/* jiffies */
};

struct bucket {
	spinlock_t lock;
	struct hlist_head head;
};

static struct bucket buckets[1 << SP_ABORT_BITS];
static struct workqueue_struct *queue;
static atomic_t waiting;
static bool leaving;

static LLIST_HEAD(locked);	/* to be tried again */
static void try_again(struct work_struct *work);
static DECLARE_DELAYED_WORK(again, try_again);

static struct bucket *bucket_of(const struct sock *sk)
{
	return &buckets[hash_ptr(sk, SP_ABORT_BITS)];
}

static bool is_waiting(const struct bucket *bucket, const struct sock *sk)
{
	const struct abort *abort;

	hlist_for_each_entry(abort, &bucket->head, node)
		if (abort->sk == sk)
			return true;
	return false;
}

static bool is_locked(struct sock *sk)
{
	bool owned;

	spin_lock_bh(&sk->sk_lock.slock);
	owned = sock_owned_by_user(sk);
	spin_unlock_bh(&sk->sk_lock.slock);
	return owned;
}

static void abort_free(struct abort *abort)
{
	struct bucket *bucket = bucket_of(abort->sk);

	spin_lock_bh(&bucket->lock);
	hlist_del(&abort->node);
	spin_unlock_bh(&bucket->lock);
	sp_user_uncharge(abort->user, SP_CHARGE_ABORT);
	sock_put(abort->sk);
	kfree(abort);
	atomic_dec(&waiting);
}

/* False: its program has it locked. It may be closed, or connected again. */
static bool abort_try(const struct abort *abort)
{
	if (abort->sk->sk_state == TCP_CLOSE)
		return true;
	if (is_locked(abort->sk))
		return false;
	tcp_abort(abort->sk, ECONNREFUSED);
	sp_stat(SALLYPORT_STAT_ABORTED);
	return true;
}

/* Its packets are refused all the same. */
static bool gives_up(const struct abort *abort)
{
	if (time_before(jiffies, abort->since + SP_ABORT_PATIENCE))
		return READ_ONCE(leaving);
	sp_stat(SALLYPORT_STAT_ABORT_LOST);
	return true;
}

static void end_connection(struct work_struct *work)
{
	struct abort *abort = container_of(work, struct abort, work);

	if (abort_try(abort) || gives_up(abort))
		abort_free(abort);
	else if (llist_add(&abort->again, &locked))
		schedule_delayed_work(&again, SP_ABORT_AGAIN);
}

static void try_again(struct work_struct *work)
{
	struct abort *abort, *next;

	llist_for_each_entry_safe(abort, next, llist_del_all(&locked), again)
		queue_work(queue, &abort->work);
}

/* NULL: there is no room. */
static struct abort *abort_new(struct sock *sk)
{
	u32 uid = sp_uid(READ_ONCE(sk->sk_uid));
	struct abort *abort;
	struct sp_user *user;

	if (!sp_inc_below(&waiting, SP_ABORTS_MAX))
		return NULL;
	user = sp_user_charge(uid, SP_CHARGE_ABORT, uid ? SP_ABORTS_MAX / 4 : SP_ABORTS_MAX);
	if (IS_ERR(user))
		goto uncount;
	abort = kmalloc(sizeof(*abort), GFP_ATOMIC | __GFP_NOWARN);
	if (!abort)
		goto uncharge;
	INIT_WORK(&abort->work, end_connection);
	sock_hold(sk);
	abort->sk = sk;
	abort->user = user;
	abort->since = jiffies;
	return abort;
uncharge:
	sp_user_uncharge(user, SP_CHARGE_ABORT);
uncount:
	atomic_dec(&waiting);
	return NULL;
}

void sp_refuse_abort(struct sock *sk)
{
	struct bucket *bucket = bucket_of(sk);
	struct abort *abort = NULL;
	bool there;

	spin_lock_bh(&bucket->lock);
	there = is_waiting(bucket, sk);
	if (!there)
		abort = abort_new(sk);
	if (abort)
		hlist_add_head(&abort->node, &bucket->head);
	spin_unlock_bh(&bucket->lock);
	if (abort)
		queue_work(queue, &abort->work);
	else if (!there)
		sp_stat(SALLYPORT_STAT_ABORT_LOST);
}

static bool is_tcp(const struct sp_packet *packet)
{
	return packet->sk && packet->desc.key.protocol == IPPROTO_TCP &&
	       packet->sk->sk_protocol == IPPROTO_TCP &&
	       packet->sk->sk_type == SOCK_STREAM;
}

/* connect() itself is on the stack: tcp_connect() hands this errno to it. */
static bool in_connect(const struct sp_packet *packet)
{
	return packet->sk->sk_state == TCP_SYN_SENT && sp_current_is_program() &&
	       !inet_csk(packet->sk)->icsk_retransmits;
}

static void send_unreachable(struct sp_packet *packet)
{
	const struct nf_hook_state *state = packet->state;

	if (state->pf == NFPROTO_IPV4)
		nf_send_unreach(packet->skb, ICMP_PORT_UNREACH, state->hook);
	else
		nf_send_unreach6(state->net, packet->skb,
				 ICMPV6_PORT_UNREACH, state->hook);
}

static void send_reset(struct sp_packet *packet)
{
	const struct nf_hook_state *state = packet->state;

	if (state->pf == NFPROTO_IPV4)
		nf_send_reset(state->net, state->sk, packet->skb, state->hook);
	else
		nf_send_reset6(state->net, state->sk, packet->skb, state->hook);
}

static int refuse_out(struct sp_packet *packet, bool held)
{
	if (is_tcp(packet)) {
		if (!held && in_connect(packet))
			return -ECONNREFUSED;
		sp_refuse_abort(packet->sk);
		return 0;
	}
	if (!held)
		return -ECONNREFUSED;
	send_unreachable(packet);
	return 0;
}

/* Multicast and broadcast get no answer: that would multiply. */
static void refuse_in(struct sp_packet *packet)
{
	if (packet->skb->pkt_type != PACKET_HOST)
		return;
	if (packet->desc.key.protocol == IPPROTO_TCP)
		send_reset(packet);
	else
		send_unreachable(packet);
}

/* The other side of a flow that a program here began. */
static void refuse_reply(struct sp_packet *packet)
{
	if (is_tcp(packet))
		sp_refuse_abort(packet->sk);
}

int sp_refuse(struct sp_packet *packet, bool held)
{
	if (packet->frame)
		return -ENOBUFS;	/* what a packet socket's program gets anyway */
	if (packet->way == SALLYPORT_OUT)
		return refuse_out(packet, held);
	if (packet->desc.direction == SALLYPORT_OUT)
		refuse_reply(packet);
	else
		refuse_in(packet);
	return 0;
}

int sp_refuse_init(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(buckets); i++)
		spin_lock_init(&buckets[i].lock);
	leaving = false;
	queue = alloc_workqueue("sallyport", WQ_UNBOUND, 0);
	return queue ? 0 : -ENOMEM;
}

/*
 * What is locked even now goes on, as everything does without the module: once those that
 * are being tried are done, each sees that we leave.
 */
void sp_refuse_exit(void)
{
	WRITE_ONCE(leaving, true);
	flush_workqueue(queue);
	flush_delayed_work(&again);
	destroy_workqueue(queue);
}
