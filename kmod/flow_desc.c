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

static bool calls_same_port(const struct sp_flow_key *key,
			    const struct sallyport_flow *flow)
{
	return flow->direction == SALLYPORT_IN ? flow->local_port == key->local_port :
						 flow->remote_port == key->remote_port;
}

/* The process first: mostly it tells them apart. */
bool sp_flow_desc_is_alike(const struct sp_flow_desc *desc,
			   const struct sallyport_flow *flow)
{
	const struct sp_flow_key *key = &desc->key;
	const struct sp_wire_key *wire = &desc->wire;

	return flow->process == desc->process &&
	       sp_words_equal(flow->remote, &key->remote, 2) &&
	       flow->direction == desc->direction && calls_same_port(key, flow) &&
	       sp_words_equal(flow->local, &wire->local, 2) &&
	       flow->image == desc->image->info.id && flow->cgroup == desc->cgroup &&
	       flow->netns == wire->netns && flow->ifindex == key->ifindex &&
	       flow->uid == desc->uid && flow->pid == desc->pid &&
	       flow->family == key->family && flow->protocol == key->protocol &&
	       flow->flags == desc->flags;
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
