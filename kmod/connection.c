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

static void abort_connection(const struct sp_flow *flow, struct net *net)
{
	struct sock *sk = find_socket(flow, net);

	if (!sk)
		return;
	if (sk_fullsock(sk) && sp_socket_cookie(sk) == flow->desc.key.cookie)
		sp_refuse_abort(sk);
	sock_gen_put(sk);
}

/*
 * Until it is aborted its packets are refused. Without memory for that they are
 * judged anew, and dropped where nothing allows them: its owner is known.
 */
static void end_tcp(const struct sp_flow *flow)
{
	struct sp_flow *refused;
	struct net *net;

	if (sp_flow_insert(&flow->desc, SALLYPORT_DENY, 0, &refused))
		pr_debug("no entry for a connection that is being ended\n");
	for_each_net_rcu(net)
		if (net->net_cookie == flow->desc.wire.netns)
			abort_connection(flow, net);
}

static bool is_open_connection(const struct sp_flow *flow)
{
	return flow->desc.key.protocol == IPPROTO_TCP &&
	       flow->action == SALLYPORT_ALLOW;
}

/* What can't be stopped ends: nothing of it may pass. */
void sp_connection_end(const struct sp_flow_key *key, bool stop)
{
	struct sp_flow *flow;

	rcu_read_lock();
	flow = sp_flow_find(key);
	if (flow && !(stop && is_open_connection(flow) && !sp_flow_stop(flow))) {
		sp_flow_kill(flow);
		if (is_open_connection(flow))
			end_tcp(flow);
	}
	rcu_read_unlock();
}
