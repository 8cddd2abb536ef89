// SPDX-License-Identifier: GPL-2.0
/*
 * tcp_abort() takes the socket's lock and may not be called from the hook: what
 * it ends goes through a list to a work item, with a reference each. The list
 * is bounded; what does not fit is dropped and counted, and the next
 * retransmission tries again.
 *
 * A program can keep its socket locked for as long as it likes, by sending from a
 * page that does not come (of a FUSE file, say). Such a socket is tried again
 * later: nobody waits for it, neither other connections nor the daemon.
 */
#include <linux/llist.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>
#include <net/tcp.h>

#include "compat.h"
#include "process.h"
#include "refuse.h"
#include "stats.h"

#define SP_ABORTS_MAX 4096
#define SP_ABORT_AGAIN (HZ / 50)

struct abort {
	struct llist_node node;
	struct sock *sk;	/* a reference */
};

static LLIST_HEAD(aborts);
static struct llist_node *locked;	/* to be tried again; the worker's */
static atomic_t waiting;
static void end_connections(struct work_struct *work);
static DECLARE_DELAYED_WORK(worker, end_connections);

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

/* Tries each of @list; those that are locked are in the list it returns. */
static struct llist_node *end_all(struct llist_node *list,
				  struct llist_node *left)
{
	struct abort *abort, *next;

	llist_for_each_entry_safe(abort, next, list, node) {
		if (abort_try(abort)) {
			abort_free(abort);
		} else {
			abort->node.next = left;
			left = &abort->node;
		}
		cond_resched();
	}
	return left;
}

static void end_connections(struct work_struct *work)
{
	struct llist_node *again = locked;

	locked = end_all(again, NULL);
	locked = end_all(llist_del_all(&aborts), locked);
	if (locked)
		schedule_delayed_work(&worker, SP_ABORT_AGAIN);
}

void sp_refuse_abort(struct sock *sk)
{
	struct abort *abort = NULL;

	if (atomic_add_unless(&waiting, 1, SP_ABORTS_MAX)) {
		abort = kmalloc(sizeof(*abort), GFP_ATOMIC);
		if (!abort)
			atomic_dec(&waiting);
	}
	if (!abort) {
		sp_stat(SALLYPORT_STAT_ABORT_LOST);
		return;
	}
	sock_hold(sk);
	abort->sk = sk;
	if (llist_add(&abort->node, &aborts))
		mod_delayed_work(sp_system_wq, &worker, 0);
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
	return 0;
}

/* What is locked even now goes on, as everything does without the module. */
void sp_refuse_exit(void)
{
	struct abort *abort, *next;

	cancel_delayed_work_sync(&worker);
	locked = end_all(llist_del_all(&aborts), locked);
	llist_for_each_entry_safe(abort, next, locked, node)
		abort_free(abort);
	locked = NULL;
}
