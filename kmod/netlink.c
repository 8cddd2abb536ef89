// SPDX-License-Identifier: GPL-2.0
/*
 * The family, and who the daemon is: arriving, leaving, configuration. Other
 * commands are in netlink_ends.c, netlink_questions.c, netlink_namespaces.c
 * and netlink_dumps.c.
 *
 * Commands run one at a time under the family's lock. sp_daemon is written
 * here alone, but for its epoch (answer.c). The daemon leaves when one of its two
 * sockets is closed: the notifier runs in the closing task and takes no family
 * lock, so that it only marks the daemon absent (first) and clears what waits.
 */
#include <linux/cred.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/uidgid.h>
#include <net/genetlink.h>

#include "answer.h"
#include "daemon.h"
#include "egress.h"
#include "flow_cache.h"
#include "namespace.h"
#include "netlink.h"
#include "netlink_commands.h"
#include "observe.h"
#include "owner.h"
#include "pending.h"
#include "process.h"
#include "upcall.h"
#include "version.h"

struct sp_daemon sp_daemon = {
	.tgid = -1,
	.absent = { SALLYPORT_DENY, SALLYPORT_DENY },
};

/* When the module was loaded: images are numbered anew from there. */
static u64 instance;

/* --- arriving and leaving -------------------------------------------------- */

u32 sp_degraded(void)
{
	return sp_process_degraded() | sp_owner_degraded() |
	       sp_egress_degraded();
}

/* Arrival and departure: one after the other. */
static DEFINE_MUTEX(presence);

static bool is_daemon(const struct genl_info *info)
{
	return sp_daemon_present() && info->snd_portid == sp_daemon.port &&
	       net_eq(genl_info_net((struct genl_info *)info), &init_net);
}

static bool is_root(void)
{
	return current_user_ns() == &init_user_ns &&
	       uid_eq(current_euid(), GLOBAL_ROOT_UID);
}

static int read_queues(struct genl_info *info)
{
	u32 first = nla_get_u16(info->attrs[SALLYPORT_A_QUEUE_FIRST]);
	u32 count = nla_get_u16(info->attrs[SALLYPORT_A_QUEUE_COUNT]);
	u32 wait = nla_get_u16(info->attrs[SALLYPORT_A_QUEUE_WAIT]);

	if (first + count > 65536 || (wait >= first && wait < first + count)) {
		GENL_SET_ERR_MSG(info, "queue numbers overlap or are too large");
		return -EINVAL;
	}
	WRITE_ONCE(sp_daemon.queue_first, first);
	WRITE_ONCE(sp_daemon.queue_count, count);
	WRITE_ONCE(sp_daemon.queue_wait, wait);
	return 0;
}

/* Both or none. */
static int read_observers(struct genl_info *info)
{
	struct nlattr *port = info->attrs[SALLYPORT_A_OBSERVE_PORT];
	struct nlattr *queue = info->attrs[SALLYPORT_A_QUEUE_OBSERVE];
	u32 number;

	if (!port && !queue)
		return 0;
	if (!port || !queue) {
		GENL_SET_ERR_MSG(info, "observing needs a port and a queue");
		return -EINVAL;
	}
	number = nla_get_u16(queue);
	if (number == sp_daemon.queue_wait ||
	    (number >= sp_daemon.queue_first &&
	     number < sp_daemon.queue_first + sp_daemon.queue_count)) {
		GENL_SET_ERR_MSG(info, "the observing queue is another one too");
		return -EINVAL;
	}
	WRITE_ONCE(sp_daemon.queue_observe, number);
	WRITE_ONCE(sp_daemon.observe_port, nla_get_u32(port));
	return 0;
}

int sp_lacks(struct genl_info *info, const u8 *attrs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (info->attrs[attrs[i]])
			continue;
		GENL_SET_ERR_MSG(info, "an attribute that the command needs is missing");
		return -EINVAL;
	}
	return 0;
}

static int reply_hello(struct genl_info *info)
{
	struct sk_buff *skb;
	void *header;
	int error;

	skb = sp_reply_new(info, NLMSG_DEFAULT_SIZE, &header);
	if (!skb)
		return -ENOMEM;
	error = nla_put_string(skb, SALLYPORT_A_VERSION, SALLYPORT_VERSION) ?:
		nla_put_u64_64bit(skb, SALLYPORT_A_INSTANCE, instance, SALLYPORT_A_PAD) ?:
		nla_put_u64_64bit(skb, SALLYPORT_A_EPOCH, sp_daemon.epoch,
				  SALLYPORT_A_PAD) ?:
		nla_put_u64_64bit(skb, SALLYPORT_A_MISSED, sp_observe_last_missed(true),
				  SALLYPORT_A_PAD) ?:
		nla_put_u32(skb, SALLYPORT_A_DEGRADED, sp_degraded());
	return sp_reply_send(info, skb, header, error);
}

static int arrive(struct genl_info *info)
{
	int error = -EBUSY;

	mutex_lock(&presence);
	if (sp_daemon_present())
		goto out;
	sp_observe_seen();
	sp_upcall_begin();
	error = read_queues(info) ?: read_observers(info);
	if (error)
		goto out;
	sp_daemon.port = info->snd_portid;
	WRITE_ONCE(sp_daemon.event_port,
		   nla_get_u32(info->attrs[SALLYPORT_A_EVENT_PORT]));
	WRITE_ONCE(sp_daemon.tgid, current->tgid);
	WRITE_ONCE(sp_daemon.arrivals, sp_daemon.arrivals + 1);
	/* what it said of itself is there before it: see sp_daemon_present() */
	smp_store_release(&sp_daemon.present, true);
	WRITE_ONCE(sp_daemon.observes, info->attrs[SALLYPORT_A_OBSERVE_PORT] != NULL);
	sp_namespaces_announce();
out:
	mutex_unlock(&presence);
	return error;
}

static int hello(struct sk_buff *skb, struct genl_info *info)
{
	static const u8 needed[] = {
		SALLYPORT_A_PROTOCOL, SALLYPORT_A_EVENT_PORT,
		SALLYPORT_A_QUEUE_FIRST, SALLYPORT_A_QUEUE_COUNT,
		SALLYPORT_A_QUEUE_WAIT,
	};
	int error = sp_lacks(info, needed, ARRAY_SIZE(needed));

	if (error)
		return error;
	if (!is_root() || !net_eq(genl_info_net(info), &init_net)) {
		GENL_SET_ERR_MSG(info, "only root of the machine can be the daemon");
		return -EPERM;
	}
	if (nla_get_u32(info->attrs[SALLYPORT_A_PROTOCOL]) != SALLYPORT_PROTOCOL) {
		GENL_SET_ERR_MSG(info, "module and daemon speak different protocols");
		return -EPROTONOSUPPORT;
	}
	error = arrive(info);
	if (error)
		return error;
	pr_info("the daemon is here (pid %d)\n", current->tgid);
	return reply_hello(info);
}

static void daemon_left(void)
{
	mutex_lock(&presence);
	if (!sp_daemon_present())
		goto out;
	WRITE_ONCE(sp_daemon.observes, false);
	/* nobody shows it replies any more when it is gone */
	smp_store_release(&sp_daemon.present, false);
	synchronize_net();
	WRITE_ONCE(sp_daemon.tgid, -1);
	sp_pending_clear();
	pr_info("the daemon is gone; what is decided stays in force\n");
out:
	mutex_unlock(&presence);
}

static int on_netlink(struct notifier_block *block, unsigned long event,
		      void *data)
{
	struct netlink_notify *notify = data;

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC ||
	    !net_eq(notify->net, &init_net))
		return NOTIFY_DONE;
	if (notify->portid == sp_daemon.port ||
	    notify->portid == sp_daemon.event_port)
		daemon_left();
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = on_netlink };

/* --- configuration --------------------------------------------------------- */

int sp_needs_daemon(struct genl_info *info)
{
	if (is_daemon(info))
		return 0;
	GENL_SET_ERR_MSG(info, "only the daemon may change anything");
	return -EPERM;
}

static void set_u8(struct genl_info *info, int attr, u8 *field)
{
	if (info->attrs[attr])
		WRITE_ONCE(*field, nla_get_u8(info->attrs[attr]));
}

/*
 * Once this returns no packet passes by an old answer: also a hook that read the
 * generation before it moved, and was preempted, is done. The daemon waits for
 * the reply, so no longer than must be.
 */
static void void_answers(void)
{
	sp_cache_invalidate();
	synchronize_rcu_expedited();
}

static int configure(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *limits = info->attrs[SALLYPORT_A_PENDING_LIMITS];
	int error = sp_needs_daemon(info);

	if (error)
		return error;
	set_u8(info, SALLYPORT_A_MODE, &sp_daemon.mode);
	set_u8(info, SALLYPORT_A_ABSENT_OUT, &sp_daemon.absent[SALLYPORT_OUT]);
	set_u8(info, SALLYPORT_A_ABSENT_IN, &sp_daemon.absent[SALLYPORT_IN]);
	set_u8(info, SALLYPORT_A_JUDGE_LOOPBACK, &sp_daemon.judge_loopback);
	set_u8(info, SALLYPORT_A_STEALTH, &sp_daemon.stealth);
	if (limits)
		sp_pending_set_limits(nla_data(limits));
	void_answers();
	return 0;
}

static int observed(struct sk_buff *request, struct genl_info *info)
{
	int error = sp_needs_daemon(info);
	struct sk_buff *skb;
	void *header;

	if (error)
		return error;
	sp_observe_seen();
	skb = sp_reply_new(info, NLMSG_DEFAULT_SIZE, &header);
	if (!skb)
		return -ENOMEM;
	error = nla_put_u64_64bit(skb, SALLYPORT_A_MISSED, sp_observe_last_missed(false),
				  SALLYPORT_A_PAD);
	return sp_reply_send(info, skb, header, error);
}

static int set_epoch(struct sk_buff *skb, struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_EPOCH };
	int error = sp_needs_daemon(info) ?: sp_lacks(info, needed, ARRAY_SIZE(needed));
	u64 epoch;

	if (error)
		return error;
	epoch = nla_get_u64(info->attrs[SALLYPORT_A_EPOCH]);
	if (epoch <= sp_daemon.epoch) {
		GENL_SET_ERR_MSG(info, "the epoch must grow");
		return -EINVAL;
	}
	sp_answers_begin_epoch(epoch);
	void_answers();
	return 0;
}

/* --- the family -------------------------------------------------------------- */

#define ACTIONS		NLA_POLICY_RANGE(NLA_U8, SALLYPORT_ALLOW, SALLYPORT_DROP)
#define AT_LEAST(type)	NLA_POLICY_MIN_LEN(sizeof(type))

static const struct nla_policy policy[SALLYPORT_A_MAX + 1] = {
	[SALLYPORT_A_PROTOCOL] = { .type = NLA_U32 },
	[SALLYPORT_A_EVENT_PORT] = NLA_POLICY_MIN(NLA_U32, 1),
	[SALLYPORT_A_QUEUE_FIRST] = { .type = NLA_U16 },
	[SALLYPORT_A_QUEUE_COUNT] = NLA_POLICY_RANGE(NLA_U16, 1, 64),
	[SALLYPORT_A_QUEUE_WAIT] = { .type = NLA_U16 },
	[SALLYPORT_A_EPOCH] = { .type = NLA_U64 },
	[SALLYPORT_A_MODE] = NLA_POLICY_MAX(NLA_U8, SALLYPORT_MODE_OFF),
	[SALLYPORT_A_ABSENT_OUT] = ACTIONS,
	[SALLYPORT_A_ABSENT_IN] = ACTIONS,
	[SALLYPORT_A_JUDGE_LOOPBACK] = NLA_POLICY_MAX(NLA_U8, 1),
	[SALLYPORT_A_STEALTH] = NLA_POLICY_MAX(NLA_U8, 1),
	[SALLYPORT_A_PENDING_LIMITS] = AT_LEAST(struct sallyport_pending_limits),
	[SALLYPORT_A_VERDICT_REFS] = AT_LEAST(struct sallyport_verdict_ref),
	[SALLYPORT_A_ACTION] = ACTIONS,
	[SALLYPORT_A_IMAGE_ID] = { .type = NLA_U64 },
	[SALLYPORT_A_FD] = { .type = NLA_U32 },
	[SALLYPORT_A_FLOW_REFS] = AT_LEAST(struct sallyport_flow_ref),
	[SALLYPORT_A_CGROUP_ID] = { .type = NLA_U64 },
	[SALLYPORT_A_PROCESS_ID] = { .type = NLA_U64 },
	[SALLYPORT_A_PID] = { .type = NLA_U32 },
	[SALLYPORT_A_NETNS] = { .type = NLA_U64 },
	[SALLYPORT_A_NETNS_STATE] = NLA_POLICY_RANGE(NLA_U8, SALLYPORT_NETNS_READY,
						     SALLYPORT_NETNS_REFUSED),
	[SALLYPORT_A_NETNS_SOCKETS] = NLA_POLICY_MIN(NLA_U32, 1),
	[SALLYPORT_A_OBSERVE_PORT] = NLA_POLICY_MIN(NLA_U32, 1),
	[SALLYPORT_A_QUEUE_OBSERVE] = { .type = NLA_U16 },
};

static const struct genl_small_ops ops[] = {
	{ .cmd = SALLYPORT_CMD_HELLO, .flags = GENL_ADMIN_PERM, .doit = hello },
	{ .cmd = SALLYPORT_CMD_CONFIG, .flags = GENL_ADMIN_PERM, .doit = configure },
	{ .cmd = SALLYPORT_CMD_VERDICT_DELETE, .flags = GENL_ADMIN_PERM,
	  .doit = sp_command_delete },
	{ .cmd = SALLYPORT_CMD_VERDICT_DUMP, .flags = GENL_ADMIN_PERM,
	  .dumpit = sp_dump_verdicts },
	{ .cmd = SALLYPORT_CMD_EPOCH, .flags = GENL_ADMIN_PERM, .doit = set_epoch },
	{ .cmd = SALLYPORT_CMD_PENDING, .flags = GENL_ADMIN_PERM,
	  .dumpit = sp_dump_pendings },
	{ .cmd = SALLYPORT_CMD_FLOW_DUMP, .flags = GENL_ADMIN_PERM,
	  .dumpit = sp_dump_flows },
	{ .cmd = SALLYPORT_CMD_FLOW_END, .flags = GENL_ADMIN_PERM, .doit = sp_command_end_flows },
	{ .cmd = SALLYPORT_CMD_IMAGE_GET, .flags = GENL_ADMIN_PERM, .doit = sp_command_get_image },
	{ .cmd = SALLYPORT_CMD_CGROUP_GET, .flags = GENL_ADMIN_PERM,
	  .doit = sp_command_get_cgroup },
	{ .cmd = SALLYPORT_CMD_PROCESS_GET, .flags = GENL_ADMIN_PERM,
	  .doit = sp_command_get_process },
	{ .cmd = SALLYPORT_CMD_PROCESS_OPEN, .flags = GENL_ADMIN_PERM,
	  .doit = sp_command_open_process },
	{ .cmd = SALLYPORT_CMD_OBSERVED, .flags = GENL_ADMIN_PERM, .doit = observed },
	{ .cmd = SALLYPORT_CMD_STATS, .flags = GENL_ADMIN_PERM, .doit = sp_command_get_stats },
	{ .cmd = SALLYPORT_CMD_NETNS, .flags = GENL_ADMIN_PERM,
	  .doit = sp_command_set_namespace },
	{ .cmd = SALLYPORT_CMD_NETNS_SOCKET, .flags = GENL_ADMIN_PERM,
	  .doit = sp_command_open_namespace },
};

struct genl_family sp_netlink_family __ro_after_init = {
	.name = SALLYPORT_GENL_NAME,
	.version = SALLYPORT_GENL_VERSION,
	.module = THIS_MODULE,
	.maxattr = SALLYPORT_A_MAX,
	.policy = policy,
	.small_ops = ops,
	.n_small_ops = ARRAY_SIZE(ops),
	.resv_start_op = SALLYPORT_CMD_HELLO,
};

int sp_netlink_init(void)
{
	int error = netlink_register_notifier(&notifier);

	instance = ktime_get_boottime_ns();
	if (error)
		return error;
	error = genl_register_family(&sp_netlink_family);
	if (error)
		netlink_unregister_notifier(&notifier);
	return error;
}

void sp_netlink_exit(void)
{
	daemon_left();
	genl_unregister_family(&sp_netlink_family);
	daemon_left();	/* one may have come until then */
	netlink_unregister_notifier(&notifier);
}
