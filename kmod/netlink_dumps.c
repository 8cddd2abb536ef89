// SPDX-License-Identifier: GPL-2.0
/* Lists of what is in the tables, in as many messages as it takes. */
#include <linux/ktime.h>
#include <linux/netlink.h>
#include <net/genetlink.h>

#include "flow_cache.h"
#include "flow_desc.h"
#include "flow_table.h"
#include "netlink_commands.h"
#include "pending.h"
#include "verdict_table.h"

struct dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

/* Begins a message of a dump; NULL: the buffer is full. */
static void *dump_header(struct dump *dump, u8 command)
{
	return genlmsg_put(dump->skb, NETLINK_CB(dump->cb->skb).portid,
			   dump->cb->nlh->nlmsg_seq, &sp_netlink_family, NLM_F_MULTI, command);
}

static int dump_end(struct dump *dump, void *header, int error)
{
	if (error)
		genlmsg_cancel(dump->skb, header);
	else
		genlmsg_end(dump->skb, header);
	return error;
}

static int dump_verdict(const struct sallyport_verdict *verdict, void *arg)
{
	void *header = dump_header(arg, SALLYPORT_CMD_VERDICT_DUMP);
	struct dump *dump = arg;

	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(dump->cb, header);
	return dump_end(dump, header, nla_put(dump->skb, SALLYPORT_A_VERDICT,
					      sizeof(*verdict), verdict));
}

int sp_dump_verdicts(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump dump = { skb, cb };
	u32 position = cb->args[0];

	sp_verdict_table_walk(&position, &cb->seq, dump_verdict, &dump);
	cb->args[0] = position;
	return skb->len;
}

static u64 boottime_of(unsigned long when)
{
	return ktime_get_boottime_ns() - jiffies64_to_nsecs((u64)(jiffies - when));
}

static int put_flow(struct sk_buff *skb, const struct sp_flow *flow)
{
	struct sallyport_counts counts = {
		.rule = flow->rule,
		.created = flow->created,
		.used = boottime_of(READ_ONCE(flow->used)),
		.action = flow->action,
	};
	struct sallyport_flow exported;
	int i;

	for (i = 0; i < 2; i++) {
		counts.bytes[i] = atomic64_read(&flow->bytes[i]);
		counts.packets[i] = atomic64_read(&flow->packets[i]);
	}
	sp_flow_desc_export(&flow->desc, &exported);
	return nla_put(skb, SALLYPORT_A_FLOW, sizeof(exported), &exported) ?:
	       nla_put(skb, SALLYPORT_A_COUNTS, sizeof(counts), &counts);
}

static int dump_flow(struct sp_flow *flow, void *arg)
{
	void *header = dump_header(arg, SALLYPORT_CMD_FLOW_DUMP);
	struct dump *dump = arg;

	if (!header)
		return -EMSGSIZE;
	return dump_end(dump, header, put_flow(dump->skb, flow));
}

int sp_dump_flows(struct sk_buff *skb, struct netlink_callback *cb)
{
	u32 bucket = cb->args[0], left = cb->args[1];
	struct dump dump = { skb, cb };

	if (!bucket && !left)
		sp_cache_harvest();
	rcu_read_lock();
	sp_flow_table_walk(&bucket, &left, dump_flow, &dump);
	rcu_read_unlock();
	cb->args[0] = bucket;
	cb->args[1] = left;
	return skb->len;
}

static int dump_pending(const struct sp_pending *pending, void *arg)
{
	void *header = dump_header(arg, SALLYPORT_CMD_PENDING);
	struct sallyport_pending tag;
	struct dump *dump = arg;

	if (!header)
		return -EMSGSIZE;
	sp_pending_tag(pending, &tag);
	return dump_end(dump, header,
			sp_put_tag(dump->skb, pending->desc.image, &tag));
}

int sp_dump_pendings(struct sk_buff *skb, struct netlink_callback *cb)
{
	u32 bucket = cb->args[0], left = cb->args[1];
	struct dump dump = { skb, cb };
	int error;

	rcu_read_lock();
	error = sp_pending_walk(&bucket, &left, dump_pending, &dump);
	rcu_read_unlock();
	cb->args[0] = bucket;
	cb->args[1] = left;
	return skb->len ?: error;	/* one that does not fit is no end */
}
