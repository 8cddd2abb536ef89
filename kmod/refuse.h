/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Refusing so that the program learns of it at once.
 *
 *  - a first packet in its program's context: an errno from the send
 *  - TCP otherwise: the connection is ended, from a work item
 *  - other packets that had been held: an ICMP error to the socket
 *  - inbound: a reset or unreachable to the other side; but what comes for a
 *    flow of a program that is refused ends the connection, or is dropped
 */
#ifndef _SALLYPORT_REFUSE_H
#define _SALLYPORT_REFUSE_H

#include "packet.h"

int sp_refuse_init(void);
void sp_refuse_exit(void);	/* no hook runs any more */

/*
 * Lets the packet's program (or the remote side) know. The hook then drops the
 * packet with the returned value, 0 or -ECONNREFUSED for NF_DROP_ERR. @held: it
 * came back from the queue. desc.direction is the flow's, not the packet's.
 */
int sp_refuse(struct sp_packet *packet, bool held);

/*
 * Ends the connection of @sk, a full TCP socket, soon: as soon as its program does
 * not have it locked. Any context.
 */
void sp_refuse_abort(struct sock *sk);

#endif
