// SPDX-License-Identifier: GPL-2.0
/*
 * Connections and packet sockets that were there before the module: who made them
 * nobody saw, nor what they began, and they go on. Listeners and datagram sockets are
 * not among them: what they begin is judged as an unknown program's.
 */
#include <linux/netdevice.h>
#include <net/inet_hashtables.h>
#include <net/net_namespace.h>
#include <net/netns/packet.h>

#include "hook.h"
#include "owner_record.h"

static void note(struct sock *sk)
{
	if (sk_fullsock(sk) && sp_hook_judges(sock_net(sk)))
		sp_owner_note_older(sp_socket_cookie(sk),
				    from_kuid(&init_user_ns, READ_ONCE(sk->sk_uid)));
}

static void walk_bucket(struct inet_hashinfo *table, unsigned int slot)
{
	spinlock_t *lock = inet_ehash_lockp(table, slot);
	struct hlist_nulls_node *node;
	struct sock *sk;

	if (hlist_nulls_empty(&table->ehash[slot].chain))
		return;
	spin_lock_bh(lock);
	sk_nulls_for_each(sk, node, &table->ehash[slot].chain)
		note(sk);
	spin_unlock_bh(lock);
}

static void walk_connections(struct inet_hashinfo *table)
{
	unsigned int slot;

	for (slot = 0; slot <= table->ehash_mask; slot++) {
		walk_bucket(table, slot);
		cond_resched();
	}
}

static void walk_packet_sockets(struct net *net)
{
	struct sock *sk;

	rcu_read_lock();
	sk_for_each_rcu(sk, &net->packet.sklist)
		note(sk);
	rcu_read_unlock();
}

/* A namespace may have a table of connections of its own. */
void sp_owner_walk_older(void)
{
	struct inet_hashinfo *common = init_net.ipv4.tcp_death_row.hashinfo;
	struct net *net;

	walk_connections(common);
	down_read(&net_rwsem);
	for_each_net(net) {
		if (net->ipv4.tcp_death_row.hashinfo != common)
			walk_connections(net->ipv4.tcp_death_row.hashinfo);
		walk_packet_sockets(net);
	}
	up_read(&net_rwsem);
}
