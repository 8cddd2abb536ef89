// SPDX-License-Identifier: GPL-2.0
/*
 * What the daemon ends: verdicts, flows.
 */
#include <linux/sched.h>
#include <linux/string.h>
#include <net/genetlink.h>

#include "connection.h"
#include "flow_desc.h"
#include "netlink_commands.h"
#include "verdict_table.h"

int sp_command_delete(struct sk_buff *skb, struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_VERDICT_REFS };
	struct sallyport_verdict_ref ref;
	int error, length, offset;
	const u8 *refs;

	error = sp_needs_daemon(info) ?: sp_lacks(info, needed, ARRAY_SIZE(needed));
	if (error)
		return error;
	refs = nla_data(info->attrs[SALLYPORT_A_VERDICT_REFS]);
	length = nla_len(info->attrs[SALLYPORT_A_VERDICT_REFS]);
	for (offset = 0; offset + (int)sizeof(ref) <= length; offset += sizeof(ref)) {
		memcpy(&ref, refs + offset, sizeof(ref));
		sp_verdict_delete(&ref);
	}
	return 0;
}

int sp_command_end_flows(struct sk_buff *skb, struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_FLOW_REFS };
	const struct nlattr *action = info->attrs[SALLYPORT_A_ACTION];
	struct sallyport_flow_ref ref;
	int error, length, offset;
	struct sp_flow_key key;
	const u8 *refs;

	error = sp_needs_daemon(info) ?: sp_lacks(info, needed, ARRAY_SIZE(needed));
	if (error)
		return error;
	if (action && nla_get_u8(action) != SALLYPORT_DROP)
		return -EINVAL;
	refs = nla_data(info->attrs[SALLYPORT_A_FLOW_REFS]);
	length = nla_len(info->attrs[SALLYPORT_A_FLOW_REFS]);
	for (offset = 0; offset + (int)sizeof(ref) <= length; offset += sizeof(ref)) {
		memcpy(&ref, refs + offset, sizeof(ref));
		sp_flow_ref_import(&ref, &key);
		sp_connection_end(&key, action);
		cond_resched();
	}
	synchronize_rcu_expedited();
	return 0;
}
