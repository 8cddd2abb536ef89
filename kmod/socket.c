// SPDX-License-Identifier: GPL-2.0
#include <net/sock.h>
#include "socket.h"

struct sock *sp_socket_get(struct sock *sk)
{
	return sk && refcount_inc_not_zero(&sk->sk_refcnt) ? sk : NULL;
}

void sp_socket_put(struct sock *sk)
{
	if (sk)
		sock_put(sk);
}

bool sp_socket_is_closed(const struct sock *sk)
{
	return sk && sock_flag(sk, SOCK_DEAD);
}
