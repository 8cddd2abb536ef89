// SPDX-License-Identifier: GPL-2.0
/*
 * By default the kernel picks by a hash of the addresses, and the hook's look-up finds
 * the same socket. But any of the group can have attached a BPF program that picks,
 * for all of them, and it need not pick the same when it is asked again: whose the
 * socket is that the hook has found then says nothing. What they all have in common
 * does: as a rule it is one program, of which each process has a socket.
 */
#include <net/sock_reuseport.h>
#include <net/tcp_states.h>

#include "group.h"
#include "owner.h"

#define SP_GROUP_MAX	128	/* members that are looked at; of more, nobody knows */

/* NULL: none, or the hash picks. A connected socket is not picked. */
static const struct sock_reuseport *group_of(const struct sock *sk)
{
	const struct sock_reuseport *group = rcu_dereference(sk->sk_reuseport_cb);

	if (likely(!group) || sk->sk_state == TCP_ESTABLISHED)
		return NULL;
	return rcu_access_pointer(group->prog) ? group : NULL;
}

bool sp_group_is_picked_from(const struct sock *sk)
{
	return group_of(sk);
}

static void keep_common(struct sp_flow_desc *desc, const struct sp_flow_desc *other)
{
	if (desc->image != other->image) {
		sp_image_put(desc->image);
		desc->image = sp_image_get(sp_image_unknown);
	}
	if (desc->image != other->image || desc->process != other->process) {
		desc->process = 0;
		desc->pid = 0;
	}
	if (desc->cgroup != other->cgroup)
		desc->cgroup = 0;
	desc->flags |= other->flags;
}

static void keep_common_with(struct sp_flow_desc *desc, struct sock *member)
{
	struct sp_flow_desc other = { .key.cookie = sp_socket_cookie(member) };

	sp_owner_fill(member, false, &other);
	keep_common(desc, &other);
	sp_image_put(other.image);
}

void sp_group_describe(const struct sock *sk, struct sp_flow_desc *desc)
{
	const struct sp_flow_desc nobody = { .image = sp_image_unknown };
	const struct sock_reuseport *group = group_of(sk);
	u16 count = group ? READ_ONCE(group->num_socks) : 0, i;

	if (count > SP_GROUP_MAX) {
		keep_common(desc, &nobody);
		return;
	}
	for (i = 0; i < count; i++)
		keep_common_with(desc, READ_ONCE(group->socks[i]));
}
