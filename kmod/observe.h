/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DNS, as the machine's own sockets speak it with servers: the daemon is told of
 * each query, with who sent it, before it leaves, and sees each reply before its
 * program does. Both have been allowed by then. Port 53 over UDP and TCP, in the
 * initial network namespace, loopback too (a stub resolver is there); mDNS and LLMNR
 * over UDP, where anybody may answer: of that little is shown, and none is missed.
 *
 * What could be DNS is told by 12 bytes. Of TCP all that has a payload is, with its place
 * in the connection: messages are as long as they say, not as segments are. A user who asks for more than
 * SP_QUERIES_BURST names at once is not told of beyond that, so that he does not
 * use up the daemon's buffer: his replies then count for nothing. The daemon hears
 * that it was so, and of everything else that it can't have seen, when it last was: a
 * name that could not be noted is not one that nobody asked for.
 */
#ifndef _SALLYPORT_OBSERVE_H
#define _SALLYPORT_OBSERVE_H

#include "daemon.h"
#include "packet.h"

#define SP_QUERIES_SECOND	256	/* of one user */
#define SP_QUERIES_BURST	512
#define SP_LOCAL_SECOND		64	/* answers of mDNS and LLMNR */
#define SP_LOCAL_BURST		256
#define SP_SEGMENT_PIECES	8	/* of SALLYPORT_QUESTION_MAX bytes */
/* A daemon that looks at no reply for so long is not waited for any more. */
#define SP_OBSERVE_PATIENCE	(2 * HZ)
/*
 * Then it is shown one now and again, to see. Rarely: who asks again because that one
 * did not come, after some seconds, must not be the next to be tried.
 */
#define SP_OBSERVE_TRIAL	(10 * HZ)

void sp_observe_init(void);

/* A first look at the ports, before anything is parsed. */
static __always_inline bool sp_observe_may_want(const struct sk_buff *skb,
						u8 direction)
{
	const __be16 *ports = (const __be16 *)skb_transport_header(skb);

	return (unsigned char *)(ports + 2) <= skb_tail_pointer(skb) &&
	       ports[direction == SALLYPORT_OUT] == htons(53);
}

/* Could a parsed packet, which passes, be a query or a reply? */
static inline bool sp_observe_wants(const struct sp_packet *packet)
{
	return sp_flow_key_is_dns(&packet->desc.key) &&
	       net_eq(packet->state->net, &init_net);
}

/*
 * An outbound packet: tells the daemon, if it is a query. packet->sk, which may
 * be NULL, says whose it is unless packet->desc has an image.
 */
void sp_observe_query(struct sp_packet *packet);
/* An inbound packet: is it for a socket, and could it be the answer to a query? */
bool sp_observe_reply(const struct sp_packet *packet);

/*
 * Is the daemon looking at replies? One that is to be shown now is noted; if it hangs,
 * one in SP_OBSERVE_TRIAL is, to see.
 */
bool sp_observe_is_seen(void);
void sp_observe_seen(void);	/* it did */

/* Something passed that no daemon knows of. */
void sp_observe_missed(void);
/* When it last did: boottime in ns, or 0. @shares: what was beyond a user's, too. */
u64 sp_observe_last_missed(bool shares);

#endif
