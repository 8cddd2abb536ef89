// SPDX-License-Identifier: GPL-2.0
/* The law: the flows that should be in the module's table, and whether they are. */
#include <string.h>

#include "law.h"

struct law_open law_open[LAW_OPEN];
int law_open_count;

struct law_open *law_open_find(const struct law_key *key)
{
	int i;

	for (i = 0; i < law_open_count; i++)
		if (law_same_key(&law_open[i].flow.key, key))
			return &law_open[i];
	return NULL;
}

struct law_open *law_open_find_wire(const struct law_key *key)
{
	struct law_open *refused = NULL;
	int i;

	for (i = law_open_count - 1; i >= 0; i--) {
		struct law_open *open = &law_open[i];

		if (open->flow.key.cookie != key->cookie ||
		    !law_same_wire(&open->flow.key, key))
			continue;
		if (open->action == SALLYPORT_ALLOW)
			return open;
		if (!refused)
			refused = open;
	}
	return refused;
}

void law_open_enter(const struct law_flow *flow, u8 action, bool unjudged)
{
	if (law_open_find(&flow->key))
		return;
	if (law_open_count == LAW_OPEN)
		law_fail("too many flows for the model");
	law_trace("opens %llu, dev %d remote %d:%d, action %d",
		  (unsigned long long)flow->key.cookie, flow->key.ifindex,
		  flow->key.remote, flow->key.remote_port, action);
	law_open[law_open_count++] = (struct law_open) {
		.flow = *flow, .action = action, .unjudged = unjudged,
		.created = shim_boottime, .used = jiffies,
	};
}

void law_open_remove(struct law_open *open)
{
	memmove(open, open + 1, (law_open + --law_open_count - open) * sizeof(*open));
}

void law_open_close(u64 cookie)
{
	int i;

	for (i = 0; i < law_open_count; i++)
		if (law_open[i].flow.key.cookie == cookie)
			law_open[i].closed = true;
}

void law_open_connect(const struct law_socket *socket)
{
	int i;

	for (i = law_open_count - 1; i >= 0; i--)
		if (law_open[i].flow.key.cookie == (u64)socket->sk->sk_cookie.counter)
			law_open_remove(&law_open[i]);
}

static struct law_open *find_exported(const struct sallyport_flow *flow)
{
	int i;

	for (i = 0; i < law_open_count; i++) {
		const struct law_key *key = &law_open[i].flow.key;

		if (key->cookie == flow->cookie && key->ifindex == (int)flow->ifindex &&
		    key->protocol == flow->protocol && key->family == flow->family &&
		    htons(key->remote_port) == flow->remote_port &&
		    htons(key->local_port) == flow->local_port &&
		    !memcmp(law_address(key->remote, key->family), flow->remote, 16))
			return &law_open[i];
	}
	return NULL;
}

static void compare_open(struct nlattr **attrs, void *arg)
{
	struct sallyport_counts counts;
	struct sallyport_flow flow;
	struct law_open *open;
	int i;

	memcpy(&flow, nla_data(attrs[SALLYPORT_A_FLOW]), sizeof(flow));
	open = find_exported(&flow);
	memcpy(&counts, nla_data(attrs[SALLYPORT_A_COUNTS]), sizeof(counts));
	if (!open)
		law_fail("a flow is in the table that should not be: cookie %llu",
			 (unsigned long long)flow.cookie);
	if (open->action != counts.action || open->flow.uid != flow.uid ||
	    open->flow.direction != flow.direction)
		law_fail("a flow is another than it should be: action %d for %d",
			 counts.action, open->action);
	for (i = 0; i < 2 && !open->uncounted; i++)
		if (open->packets[i] != counts.packets[i] ||
		    open->bytes[i] != counts.bytes[i])
			law_fail("counts of a flow: %llu packets for %llu",
				 (unsigned long long)counts.packets[i],
				 (unsigned long long)open->packets[i]);
	open->seen = true;
}

/* As flow_table.h says. */
static bool may_be_gone(const struct law_open *open)
{
	unsigned long idle = jiffies - open->used;

	if (open->closed)
		return true;
	if (open->action != SALLYPORT_ALLOW)
		return shim_boottime - open->created > 5 * NSEC_PER_SEC;
	switch (open->flow.key.protocol) {
	case IPPROTO_TCP:
		return idle > 5UL * 24 * 3600 * HZ;
	case IPPROTO_UDP:
		return idle > 180 * HZ;
	}
	return idle > 30 * HZ;
}

void law_open_compare(bool adopt)
{
	int i;

	for (i = 0; i < law_open_count; i++)
		law_open[i].seen = false;
	shim_dump(LAW_PORT, SALLYPORT_CMD_FLOW_DUMP, compare_open, NULL);
	for (i = law_open_count - 1; i >= 0; i--) {
		if (law_open[i].seen)
			continue;
		if (!adopt && !may_be_gone(&law_open[i]))
			law_fail("a flow is gone: cookie %llu",
				 (unsigned long long)law_open[i].flow.key.cookie);
		law_open_remove(&law_open[i]);
	}
}
