// SPDX-License-Identifier: GPL-2.0
/*
 * tcp_abort() takes the socket's lock and may not be called from the hook: what
 * it ends goes through a list to a work item, with a reference each. The list
 * is bounded; what does not fit is dropped and counted, and the next
 * retransmission tries again.
 */
#include <linux/llist.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>
#include <net/tcp.h>

#include "process.h"
#include "refuse.h"
#include "stats.h"

#define SP_ABORTS_MAX 4096

struct abort {
	struct llist_node node;
	struct sock *sk;	/* a reference */
};

static LLIST_HEAD(aborts);
static atomic_t waiting;
static void end_connections(struct work_struct *work);
static DECLARE_WORK(worker, end_connections);

/* Its file may connect again. */
void sp_refuse_end(struct sock *sk)
{
	if (sk->sk_state == TCP_CLOSE)
		return;
	tcp_abort(sk, ECONNREFUSED);
	sp_stat(SALLYPORT_STAT_ABORTED);
}

static void end_connections(struct work_struct *work)
{
	struct abort *abort, *next;

	llist_for_each_entry_safe(abort, next, llist_del_all(&aborts), node) {
		sp_refuse_end(abort->sk);	/* may be in the list twice */
		sock_put(abort->sk);
		kfree(abort);
		atomic_dec(&waiting);
		cond_resched();
	}
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
		schedule_work(&worker);
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
	if (packet->state->hook == NF_INET_LOCAL_OUT)
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

void sp_refuse_exit(void)
{
	flush_work(&worker);
	end_connections(NULL);
}
