// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon's answers: verdicts, what becomes of flows that wait, what ends.
 */
#include <linux/sched.h>
#include <linux/string.h>
#include <net/genetlink.h>

#include "connection.h"
#include "daemon.h"
#include "flow_desc.h"
#include "flow_table.h"
#include "image.h"
#include "netlink_commands.h"
#include "owner.h"
#include "pending.h"
#include "stats.h"
#include "verdict_table.h"

static int check_epoch(struct genl_info *info)
{
	if (nla_get_u64(info->attrs[SALLYPORT_A_EPOCH]) >= sp_daemon.epoch)
		return 0;
	sp_stat(SALLYPORT_STAT_STALE);
	return -ESTALE;
}

static u32 pending_ids(struct genl_info *info, const u64 **ids)
{
	struct nlattr *attr = info->attrs[SALLYPORT_A_PENDING_IDS];

	*ids = attr ? nla_data(attr) : NULL;
	return attr ? nla_len(attr) / sizeof(u64) : 0;
}

/* Unaligned: attributes are aligned to four bytes only. */
static u64 id_at(const u64 *ids, u32 i)
{
	u64 id;

	memcpy(&id, ids + i, sizeof(id));
	return id;
}

/* Those that the verdict does not match stay: the daemon answers them apart. */
static void release_matching(struct genl_info *info,
			     const struct sallyport_verdict *verdict)
{
	const struct sp_pending_answer in_table = { };
	struct sp_pending *pending;
	const u64 *ids;
	u32 count = pending_ids(info, &ids), i;

	rcu_read_lock();
	for (i = 0; i < count; i++) {
		pending = sp_pending_by_id(id_at(ids, i));
		if (pending && sp_verdict_matches(verdict, &pending->desc))
			sp_pending_answer(pending, &in_table);
	}
	rcu_read_unlock();
}

int sp_command_push(struct sk_buff *skb, struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_VERDICT, SALLYPORT_A_EPOCH };
	struct sallyport_verdict verdict;
	struct sp_image *image;
	const char *what;
	int error;

	error = sp_needs_daemon(info) ?: sp_lacks(info, needed, ARRAY_SIZE(needed)) ?:
		check_epoch(info);
	if (error)
		return error;
	memcpy(&verdict, nla_data(info->attrs[SALLYPORT_A_VERDICT]), sizeof(verdict));
	error = sp_verdict_check(&verdict, &what);
	if (error) {
		pr_warn_ratelimited("refused a verdict: %s\n", what);
		return error;
	}
	image = sp_image_by_id(verdict.image);
	if (!image)
		return -ENOENT;
	error = sp_verdict_push(&verdict, image);
	sp_image_put(image);
	if (!error)
		release_matching(info, &verdict);
	return error;
}

/*
 * Enters the flow. Not if its socket has no record (any more), so that its end
 * is seen: the record goes first, then the flows.
 */
static bool enter(const struct sp_flow_desc *desc, u8 action, u64 rule)
{
	struct sp_flow *flow;

	if (sp_flow_insert(desc, action, rule, &flow))
		return false;
	smp_mb();	/* the flow is in the table before the record is looked for */
	if (sp_owner_known(desc->key.cookie))
		return true;
	sp_flow_kill(flow);
	return false;
}

/* Where there is no room for the flow the answer is for what is held now. */
static void resolve_one(u64 id, u8 action, u64 rule)
{
	struct sp_pending_answer answer = { };
	struct sp_pending *pending;

	rcu_read_lock();
	pending = sp_pending_by_id(id);
	if (pending) {
		if (!enter(&pending->desc, action, rule))
			answer = (struct sp_pending_answer) {
				.action = action, .rule = rule,
				.epoch = sp_daemon.epoch,
			};
		sp_pending_answer(pending, &answer);
	}
	rcu_read_unlock();
}

int sp_command_resolve(struct sk_buff *skb, struct genl_info *info)
{
	static const u8 needed[] = {
		SALLYPORT_A_PENDING_IDS, SALLYPORT_A_ACTION, SALLYPORT_A_EPOCH,
	};
	struct nlattr *rule = info->attrs[SALLYPORT_A_RULE];
	u32 count, i;
	const u64 *ids;
	int error;
	u8 action;

	error = sp_needs_daemon(info) ?: sp_lacks(info, needed, ARRAY_SIZE(needed)) ?:
		check_epoch(info);
	if (error)
		return error;
	action = nla_get_u8(info->attrs[SALLYPORT_A_ACTION]);
	count = pending_ids(info, &ids);
	for (i = 0; i < count; i++)
		resolve_one(id_at(ids, i), action, rule ? nla_get_u64(rule) : 0);
	return 0;
}

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
