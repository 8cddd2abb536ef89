/* SPDX-License-Identifier: GPL-2.0 */
/* References to sockets for those who know nothing else about them. */
#ifndef _SALLYPORT_SOCKET_H
#define _SALLYPORT_SOCKET_H

#include <linux/types.h>

struct sock;

/* @sk, a full socket or NULL; NULL where it is being freed. Under RCU. */
struct sock *sp_socket_get(struct sock *sk);
void sp_socket_put(struct sock *sk);	/* NULL is fine */

/* Has its program closed it? No program hears of its packets any more. */
bool sp_socket_is_closed(const struct sock *sk);

#endif
