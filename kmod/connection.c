// SPDX-License-Identifier: GPL-2.0
/* Finds the socket of an open connection by its addresses, proved by cookie. */
#include <net/inet_hashtables.h>
#include <net/inet6_hashtables.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "connection.h"
#include "flow_table.h"
#include "owner.h"
#include "refuse.h"

static struct sock *find_socket(const struct sp_flow *flow, struct net *net)
{
	const struct sp_wire_key *wire = &flow->desc.wire;

	if (wire->family == AF_INET)
		return sp_tcp_established4(net, wire->remote.s6_addr32[3],
					   wire->remote_port,
					   wire->local.s6_addr32[3],
					   ntohs(wire->local_port),
					   flow->desc.key.ifindex);
	return sp_tcp_established6(net, &wire->remote, wire->remote_port,
				   &wire->local, ntohs(wire->local_port),
				   flow->desc.key.ifindex);
}

/* The socket of a connection, with a reference; NULL: it is not open any more. */
static struct sock *socket_of(const struct sp_flow *flow)
{
	struct sock *sk = NULL;
	struct net *net;

	for_each_net_rcu(net)
		if (net->net_cookie == flow->desc.wire.netns)
			sk = find_socket(flow, net);
	if (!sk || (sk_fullsock(sk) &&
		    sp_socket_cookie(sk) == flow->desc.key.cookie))
		return sk;
	sock_gen_put(sk);
	return NULL;
}

/* Until it is aborted nothing of it passes; no memory: it is anyway. */
static struct sock *refuse_tcp(const struct sp_flow *flow)
{
	struct sp_flow *refused;

	if (sp_flow_insert(&flow->desc, SALLYPORT_DENY, 0, &refused))
		pr_debug("no entry for a connection that is being ended\n");
	return socket_of(flow);
}

void sp_connection_end(const struct sp_flow_key *key)
{
	struct sock *sk = NULL;
	struct sp_flow *flow;

	rcu_read_lock();
	flow = sp_flow_find(key);
	if (flow) {
		sp_flow_kill(flow);
		if (key->protocol == IPPROTO_TCP && flow->action == SALLYPORT_ALLOW)
			sk = refuse_tcp(flow);
	}
	rcu_read_unlock();
	if (!sk)
		return;
	sp_refuse_end(sk);
	sock_put(sk);
}
