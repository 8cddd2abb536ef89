// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel knows about a flow, in the form of the protocol, and the
 * protocol's name of a flow as a key. Every byte of the output is written.
 */
#include <linux/string.h>
#include "flow_desc.h"

void sp_flow_desc_export(const struct sp_flow_desc *desc,
			 struct sallyport_flow *flow)
{
	const struct sp_flow_key *key = &desc->key;

	*flow = (struct sallyport_flow) {
		.cookie = key->cookie,
		.image = desc->image->info.id,
		.process = desc->process,
		.cgroup = desc->cgroup,
		.local_port = key->local_port,
		.remote_port = key->remote_port,
		.ifindex = key->ifindex,
		.uid = desc->uid,
		.pid = desc->pid,
		.netns = desc->wire.netns,
		.family = key->family,
		.protocol = key->protocol,
		.direction = desc->direction,
		.flags = desc->flags,
	};
	memcpy(flow->local, &desc->wire.local, sizeof(flow->local));
	memcpy(flow->remote, &key->remote, sizeof(flow->remote));
}

void sp_flow_ref_import(const struct sallyport_flow_ref *ref,
			struct sp_flow_key *key)
{
	*key = (struct sp_flow_key) {
		.cookie = ref->cookie,
		.remote_port = ref->remote_port,
		.local_port = ref->local_port,
		.ifindex = ref->ifindex,
		.protocol = ref->protocol,
		.family = ref->family,
	};
	memcpy(&key->remote, ref->remote, sizeof(key->remote));
}
