/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets that share an address (SO_REUSEPORT): the kernel picks one of them for each
 * connection that comes in and each datagram. Under RCU.
 */
#ifndef _SALLYPORT_GROUP_H
#define _SALLYPORT_GROUP_H

#include "flow_table.h"

/* Does a BPF program pick, so that the hook can't tell which of them gets it? */
bool sp_group_is_picked_from(const struct sock *sk);

/* Leaves in @desc, which says whose @sk is, what is so of all of its group. */
void sp_group_describe(const struct sock *sk, struct sp_flow_desc *desc);

#endif
