// SPDX-License-Identifier: GPL-2.0
/*
 * Commands of the daemon and messages to it.
 *
 * Commands run one at a time under the family's lock. sp_daemon is written
 * here alone. The daemon leaves when one of its two sockets is closed: the
 * notifier runs in the closing task and takes no family lock, so that it only
 * marks the daemon absent (first) and clears what waits.
 */
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/uidgid.h>
#include <net/genetlink.h>

#include "cgroup.h"
#include "connection.h"
#include "daemon.h"
#include "egress.h"
#include "events.h"
#include "flow_cache.h"
#include "flow_desc.h"
#include "image_capture.h"
#include "life.h"
#include "namespace.h"
#include "netlink.h"
#include "owner.h"
#include "pending.h"
#include "process.h"
#include "stats.h"
#include "verdict_table.h"
#include "version.h"

struct sp_daemon sp_daemon = {
	.tgid = -1,
	.absent = { SALLYPORT_DENY, SALLYPORT_DENY },
};

static struct genl_family family;

/* --- sending --------------------------------------------------------------- */

static int put_image(struct sk_buff *skb, const struct sp_image *image)
{
	if (nla_put(skb, SALLYPORT_A_IMAGE, sizeof(image->info), &image->info))
		return -EMSGSIZE;
	if (!image->path_length)
		return 0;
	return nla_put(skb, SALLYPORT_A_PATH, image->path_length, image->path);
}

static size_t image_size(const struct sp_image *image)
{
	return nla_total_size(sizeof(image->info)) +
	       nla_total_size(image->path_length);
}

/* Who runs when a flow begins is who it is about, or close to it. */
static int put_comm(struct sk_buff *skb)
{
	if (!in_task())
		return 0;
	return nla_put(skb, SALLYPORT_A_COMM, strnlen(current->comm, TASK_COMM_LEN),
		       current->comm);
}

static int put_tag(struct sk_buff *skb, const struct sp_image *image,
		   const struct sallyport_pending *tag)
{
	if (nla_put(skb, SALLYPORT_A_PENDING, sizeof(*tag), tag))
		return -EMSGSIZE;
	return put_image(skb, image);
}

static int send_to_daemon(struct sk_buff *skb, void *header)
{
	genlmsg_end(skb, header);
	return genlmsg_unicast(&init_net, skb, READ_ONCE(sp_daemon.event_port));
}

int sp_netlink_tag(const struct sp_flow_desc *desc,
		   const struct sallyport_pending *tag)
{
	struct sk_buff *skb;
	void *header;

	skb = genlmsg_new(nla_total_size(sizeof(*tag)) + image_size(desc->image) +
			  nla_total_size(TASK_COMM_LEN), GFP_ATOMIC);
	if (!skb)
		return -ENOMEM;
	header = genlmsg_put(skb, 0, 0, &family, 0, SALLYPORT_CMD_PENDING);
	if (!header || put_tag(skb, desc->image, tag) || put_comm(skb)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return send_to_daemon(skb, header);
}

int sp_netlink_query(const struct sp_flow_desc *desc, const void *question,
		     size_t length)
{
	struct sallyport_flow flow;
	struct sk_buff *skb;
	void *header;

	skb = genlmsg_new(nla_total_size(sizeof(flow)) + nla_total_size(length),
			  GFP_ATOMIC);
	if (!skb)
		return -ENOMEM;
	sp_flow_desc_export(desc, &flow);
	header = genlmsg_put(skb, 0, 0, &family, 0, SALLYPORT_CMD_QUERY);
	if (!header ||
	    nla_put(skb, SALLYPORT_A_FLOW, sizeof(flow), &flow) ||
	    nla_put(skb, SALLYPORT_A_QUESTION, length, question)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return genlmsg_unicast(&init_net, skb, READ_ONCE(sp_daemon.observe_port));
}

int sp_netlink_namespace(u64 netns, u8 state)
{
	struct sk_buff *skb;
	void *header;

	skb = genlmsg_new(nla_total_size_64bit(sizeof(netns)) +
			  nla_total_size(sizeof(state)), GFP_ATOMIC);
	if (!skb)
		return -ENOMEM;
	header = genlmsg_put(skb, 0, 0, &family, 0, SALLYPORT_CMD_NETNS);
	if (!header ||
	    nla_put_u64_64bit(skb, SALLYPORT_A_NETNS, netns, SALLYPORT_A_PAD) ||
	    nla_put_u8(skb, SALLYPORT_A_NETNS_STATE, state)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return send_to_daemon(skb, header);
}

int sp_netlink_events(const struct sallyport_event *events, u32 count, u32 lost)
{
	struct sk_buff *skb;
	void *header;

	if (!sp_daemon_present())
		return -ENOTCONN;
	skb = genlmsg_new(nla_total_size(count * sizeof(*events)) +
			  nla_total_size(sizeof(lost)), GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	header = genlmsg_put(skb, 0, 0, &family, 0, SALLYPORT_CMD_EVENTS);
	if (!header ||
	    nla_put(skb, SALLYPORT_A_EVENTS, count * sizeof(*events), events) ||
	    nla_put_u32(skb, SALLYPORT_A_EVENTS_LOST, lost)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return send_to_daemon(skb, header);
}

static struct sk_buff *new_reply(struct genl_info *info, size_t payload,
				 void **header)
{
	struct sk_buff *skb = genlmsg_new(payload, GFP_KERNEL);

	if (!skb)
		return NULL;
	*header = genlmsg_put_reply(skb, info, &family, 0, info->genlhdr->cmd);
	if (*header)
		return skb;
	nlmsg_free(skb);
	return NULL;
}

static int send_reply(struct genl_info *info, struct sk_buff *skb, void *header,
		      int error)
{
	if (error) {
		nlmsg_free(skb);
		return error;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

/* --- arriving and leaving -------------------------------------------------- */

static u32 degraded(void)
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

static int lacks(struct genl_info *info, const u8 *attrs, size_t count)
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

	skb = new_reply(info, NLMSG_DEFAULT_SIZE, &header);
	if (!skb)
		return -ENOMEM;
	error = nla_put_string(skb, SALLYPORT_A_VERSION, SALLYPORT_VERSION) ?:
		nla_put_u64_64bit(skb, SALLYPORT_A_EPOCH, sp_daemon.epoch,
				  SALLYPORT_A_PAD) ?:
		nla_put_u32(skb, SALLYPORT_A_DEGRADED, degraded());
	return send_reply(info, skb, header, error);
}

static int arrive(struct genl_info *info)
{
	int error = -EBUSY;

	mutex_lock(&presence);
	if (sp_daemon_present())
		goto out;
	error = read_queues(info) ?: read_observers(info);
	if (error)
		goto out;
	sp_daemon.port = info->snd_portid;
	WRITE_ONCE(sp_daemon.event_port,
		   nla_get_u32(info->attrs[SALLYPORT_A_EVENT_PORT]));
	WRITE_ONCE(sp_daemon.tgid, current->tgid);
	WRITE_ONCE(sp_daemon.arrivals, sp_daemon.arrivals + 1);
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
	int error = lacks(info, needed, ARRAY_SIZE(needed));

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

static int needs_daemon(struct genl_info *info)
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
	int error = needs_daemon(info);

	if (error)
		return error;
	set_u8(info, SALLYPORT_A_MODE, &sp_daemon.mode);
	set_u8(info, SALLYPORT_A_ABSENT_OUT, &sp_daemon.absent[SALLYPORT_OUT]);
	set_u8(info, SALLYPORT_A_ABSENT_IN, &sp_daemon.absent[SALLYPORT_IN]);
	set_u8(info, SALLYPORT_A_JUDGE_LOOPBACK, &sp_daemon.judge_loopback);
	if (limits)
		sp_pending_set_limits(nla_data(limits));
	void_answers();
	return 0;
}

static int set_epoch(struct sk_buff *skb, struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_EPOCH };
	int error = needs_daemon(info) ?: lacks(info, needed, ARRAY_SIZE(needed));
	u64 epoch;

	if (error)
		return error;
	epoch = nla_get_u64(info->attrs[SALLYPORT_A_EPOCH]);
	if (epoch <= sp_daemon.epoch) {
		GENL_SET_ERR_MSG(info, "the epoch must grow");
		return -EINVAL;
	}
	WRITE_ONCE(sp_daemon.epoch, epoch);
	void_answers();
	return 0;
}

/* --- answers --------------------------------------------------------------- */

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

static int push(struct sk_buff *skb, struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_VERDICT, SALLYPORT_A_EPOCH };
	struct sallyport_verdict verdict;
	struct sp_image *image;
	const char *what;
	int error;

	error = needs_daemon(info) ?: lacks(info, needed, ARRAY_SIZE(needed)) ?:
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

static int resolve(struct sk_buff *skb, struct genl_info *info)
{
	static const u8 needed[] = {
		SALLYPORT_A_PENDING_IDS, SALLYPORT_A_ACTION, SALLYPORT_A_EPOCH,
	};
	struct nlattr *rule = info->attrs[SALLYPORT_A_RULE];
	u32 count, i;
	const u64 *ids;
	int error;
	u8 action;

	error = needs_daemon(info) ?: lacks(info, needed, ARRAY_SIZE(needed)) ?:
		check_epoch(info);
	if (error)
		return error;
	action = nla_get_u8(info->attrs[SALLYPORT_A_ACTION]);
	count = pending_ids(info, &ids);
	for (i = 0; i < count; i++)
		resolve_one(id_at(ids, i), action, rule ? nla_get_u64(rule) : 0);
	return 0;
}

static int delete(struct sk_buff *skb, struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_VERDICT_REFS };
	struct sallyport_verdict_ref ref;
	int error, length, offset;
	const u8 *refs;

	error = needs_daemon(info) ?: lacks(info, needed, ARRAY_SIZE(needed));
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

static int end_flows(struct sk_buff *skb, struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_FLOW_REFS };
	struct sallyport_flow_ref ref;
	int error, length, offset;
	struct sp_flow_key key;
	const u8 *refs;

	error = needs_daemon(info) ?: lacks(info, needed, ARRAY_SIZE(needed));
	if (error)
		return error;
	refs = nla_data(info->attrs[SALLYPORT_A_FLOW_REFS]);
	length = nla_len(info->attrs[SALLYPORT_A_FLOW_REFS]);
	for (offset = 0; offset + (int)sizeof(ref) <= length; offset += sizeof(ref)) {
		memcpy(&ref, refs + offset, sizeof(ref));
		sp_flow_ref_import(&ref, &key);
		sp_connection_end(&key);
		cond_resched();
	}
	synchronize_rcu_expedited();
	return 0;
}

/* --- queues in other namespaces --------------------------------------------- */

static struct net *namespace_asked_for(struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_NETNS };
	int error = needs_daemon(info) ?: lacks(info, needed, ARRAY_SIZE(needed));
	struct net *net;

	if (error)
		return ERR_PTR(error);
	net = sp_namespace_get(nla_get_u64(info->attrs[SALLYPORT_A_NETNS]));
	return net ?: ERR_PTR(-ENOENT);
}

static int set_namespace(struct sk_buff *skb, struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_NETNS_STATE };
	struct nlattr *sockets = info->attrs[SALLYPORT_A_NETNS_SOCKETS];
	int error = lacks(info, needed, ARRAY_SIZE(needed));
	struct net *net;

	if (error)
		return error;
	net = namespace_asked_for(info);
	if (IS_ERR(net))
		return PTR_ERR(net);
	sp_namespace_set(net, nla_get_u8(info->attrs[SALLYPORT_A_NETNS_STATE]),
			 sockets ? nla_get_u32(sockets) : 0);
	put_net(net);
	return 0;
}

/* The caller sees the descriptor only if he gets the reply that tells of it. */
static int reply_file(struct genl_info *info, struct file *file)
{
	int fd = get_unused_fd_flags(O_CLOEXEC), error = -ENOMEM;
	struct sk_buff *skb;
	void *header;

	if (fd < 0)
		return fd;
	skb = new_reply(info, nla_total_size(sizeof(u32)), &header);
	if (skb)
		error = send_reply(info, skb, header,
				   nla_put_u32(skb, SALLYPORT_A_FD, fd));
	if (error)
		put_unused_fd(fd);
	else
		fd_install(fd, file);
	return error;
}

static int open_namespace(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net = namespace_asked_for(info);
	struct file *file;
	int error;

	if (IS_ERR(net))
		return PTR_ERR(net);
	error = sp_namespace_socket(net, &file);
	put_net(net);
	if (error)
		return error;
	error = reply_file(info, file);
	if (error)
		fput(file);
	return error;
}

/* --- questions of the daemon ----------------------------------------------- */

static struct sp_image *image_of_fd(u32 fd)
{
	struct file *file = fget(fd);
	struct sp_image *image;

	if (!file)
		return ERR_PTR(-EBADF);
	image = sp_image_of_file(file);
	fput(file);
	return image;
}

static struct sp_image *image_asked_for(struct genl_info *info)
{
	if (info->attrs[SALLYPORT_A_FD])
		return image_of_fd(nla_get_u32(info->attrs[SALLYPORT_A_FD]));
	if (info->attrs[SALLYPORT_A_IMAGE_ID])
		return sp_image_by_id(nla_get_u64(info->attrs[SALLYPORT_A_IMAGE_ID])) ?:
		       ERR_PTR(-ENOENT);
	return ERR_PTR(-EINVAL);
}

static int get_image(struct sk_buff *request, struct genl_info *info)
{
	struct sp_image *image = image_asked_for(info);
	struct sk_buff *skb;
	void *header;
	int error = -ENOMEM;

	if (IS_ERR(image))
		return PTR_ERR(image);
	skb = new_reply(info, image_size(image), &header);
	if (skb)
		error = send_reply(info, skb, header, put_image(skb, image));
	sp_image_put(image);
	return error;
}

static int get_cgroup(struct sk_buff *request, struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_CGROUP_ID };
	int length = lacks(info, needed, ARRAY_SIZE(needed));
	struct sk_buff *skb;
	void *header;
	char *path;

	if (length)
		return length;
	path = kmalloc(SALLYPORT_PATH_MAX + 1, GFP_KERNEL);
	if (!path)
		return -ENOMEM;
	length = sp_cgroup_path(nla_get_u64(info->attrs[SALLYPORT_A_CGROUP_ID]), path,
				SALLYPORT_PATH_MAX + 1);
	if (length < 0)
		goto out;
	skb = new_reply(info, nla_total_size(length), &header);
	length = skb ? send_reply(info, skb, header,
				  nla_put(skb, SALLYPORT_A_PATH, length, path)) : -ENOMEM;
out:
	kfree(path);
	return length;
}

static u64 process_asked_for(struct genl_info *info)
{
	if (info->attrs[SALLYPORT_A_PID])
		return sp_process_of(nla_get_u32(info->attrs[SALLYPORT_A_PID]));
	return nla_get_u64(info->attrs[SALLYPORT_A_PROCESS_ID]);
}

static int get_process(struct sk_buff *request, struct genl_info *info)
{
	struct sallyport_process *chain;
	struct sk_buff *skb;
	void *header;
	int error;
	u32 size;

	if (!info->attrs[SALLYPORT_A_PID] && !info->attrs[SALLYPORT_A_PROCESS_ID])
		return -EINVAL;
	chain = kcalloc(SALLYPORT_CHAIN_MAX, sizeof(*chain), GFP_KERNEL);
	if (!chain)
		return -ENOMEM;
	size = sizeof(*chain) * sp_life_chain(process_asked_for(info), chain);
	error = -ENOENT;
	if (!size)
		goto out;
	skb = new_reply(info, nla_total_size(size), &header);
	error = skb ? send_reply(info, skb, header,
				 nla_put(skb, SALLYPORT_A_PROCESSES, size, chain)) : -ENOMEM;
out:
	kfree(chain);
	return error;
}

static int open_process(struct sk_buff *request, struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_PROCESS_ID };
	int error = lacks(info, needed, ARRAY_SIZE(needed));
	struct file *file;

	if (error)
		return error;
	if (!sp_daemon_is_current())
		return -EPERM;
	error = sp_process_open(nla_get_u64(info->attrs[SALLYPORT_A_PROCESS_ID]), &file);
	if (error)
		return error;
	error = reply_file(info, file);
	if (error)
		fput(file);
	return error;
}

static void fill_tables(struct sallyport_tables *tables)
{
	*tables = (struct sallyport_tables) {
		.flows = sp_flow_count(), .flows_max = sp_flow_max(),
		.subjects = sp_subject_count(), .subjects_max = sp_subject_max(),
		.verdicts = sp_verdict_count(), .verdicts_max = sp_verdict_max(),
		.pending = sp_pending_count(), .pending_max = sp_pending_max(),
		.owners = sp_owner_count(), .owners_max = sp_owner_max(),
		.images = sp_image_count(), .images_max = sp_image_max(),
		.processes = sp_process_count(), .processes_max = sp_process_max(),
		.origins = sp_origin_count(), .origins_max = sp_origin_max(),
		.users = sp_user_count(), .users_max = sp_user_max(),
	};
}

static int put_stats(struct sk_buff *skb)
{
	u64 sum[__SALLYPORT_STAT_MAX] = { };
	struct sallyport_tables tables;

	sp_stats_sum(sum);
	fill_tables(&tables);
	return nla_put(skb, SALLYPORT_A_STATS, sizeof(sum), sum) ?:
	       nla_put(skb, SALLYPORT_A_TABLES, sizeof(tables), &tables) ?:
	       nla_put_u64_64bit(skb, SALLYPORT_A_EPOCH, sp_daemon.epoch,
				 SALLYPORT_A_PAD) ?:
	       nla_put_u32(skb, SALLYPORT_A_DEGRADED, degraded()) ?:
	       nla_put_u8(skb, SALLYPORT_A_MODE, sp_daemon.mode) ?:
	       nla_put_string(skb, SALLYPORT_A_VERSION, SALLYPORT_VERSION);
}

static int get_stats(struct sk_buff *request, struct genl_info *info)
{
	struct sk_buff *skb;
	void *header;

	skb = new_reply(info, NLMSG_GOODSIZE, &header);
	if (!skb)
		return -ENOMEM;
	return send_reply(info, skb, header, put_stats(skb));
}

/* --- dumps ------------------------------------------------------------------ */

struct dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

/* Begins a message of a dump; NULL: the buffer is full. */
static void *dump_header(struct dump *dump, u8 command)
{
	return genlmsg_put(dump->skb, NETLINK_CB(dump->cb->skb).portid,
			   dump->cb->nlh->nlmsg_seq, &family, NLM_F_MULTI, command);
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
	return dump_end(dump, header, nla_put(dump->skb, SALLYPORT_A_VERDICT,
					      sizeof(*verdict), verdict));
}

static int dump_verdicts(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump dump = { skb, cb };
	u32 position = cb->args[0];

	sp_verdict_table_walk(&position, dump_verdict, &dump);
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

static int dump_flows(struct sk_buff *skb, struct netlink_callback *cb)
{
	u32 bucket = cb->args[0], skip = cb->args[1];
	struct dump dump = { skb, cb };

	if (!bucket && !skip)
		sp_cache_harvest();
	rcu_read_lock();
	sp_flow_table_walk(&bucket, &skip, dump_flow, &dump);
	rcu_read_unlock();
	cb->args[0] = bucket;
	cb->args[1] = skip;
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
			put_tag(dump->skb, pending->desc.image, &tag));
}

static int dump_pendings(struct sk_buff *skb, struct netlink_callback *cb)
{
	u32 bucket = cb->args[0], skip = cb->args[1];
	struct dump dump = { skb, cb };
	int error;

	rcu_read_lock();
	error = sp_pending_walk(&bucket, &skip, dump_pending, &dump);
	rcu_read_unlock();
	cb->args[0] = bucket;
	cb->args[1] = skip;
	return skb->len ?: error;	/* one that does not fit is no end */
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
	[SALLYPORT_A_PENDING_LIMITS] = AT_LEAST(struct sallyport_pending_limits),
	[SALLYPORT_A_VERDICT] = AT_LEAST(struct sallyport_verdict),
	[SALLYPORT_A_VERDICT_REFS] = AT_LEAST(struct sallyport_verdict_ref),
	[SALLYPORT_A_PENDING_IDS] = AT_LEAST(u64),
	[SALLYPORT_A_ACTION] = ACTIONS,
	[SALLYPORT_A_RULE] = { .type = NLA_U64 },
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
	{ .cmd = SALLYPORT_CMD_VERDICT_PUSH, .flags = GENL_ADMIN_PERM, .doit = push },
	{ .cmd = SALLYPORT_CMD_VERDICT_DELETE, .flags = GENL_ADMIN_PERM,
	  .doit = delete },
	{ .cmd = SALLYPORT_CMD_VERDICT_DUMP, .flags = GENL_ADMIN_PERM,
	  .dumpit = dump_verdicts },
	{ .cmd = SALLYPORT_CMD_EPOCH, .flags = GENL_ADMIN_PERM, .doit = set_epoch },
	{ .cmd = SALLYPORT_CMD_RESOLVE, .flags = GENL_ADMIN_PERM, .doit = resolve },
	{ .cmd = SALLYPORT_CMD_PENDING, .flags = GENL_ADMIN_PERM,
	  .dumpit = dump_pendings },
	{ .cmd = SALLYPORT_CMD_FLOW_DUMP, .flags = GENL_ADMIN_PERM,
	  .dumpit = dump_flows },
	{ .cmd = SALLYPORT_CMD_FLOW_END, .flags = GENL_ADMIN_PERM, .doit = end_flows },
	{ .cmd = SALLYPORT_CMD_IMAGE_GET, .flags = GENL_ADMIN_PERM, .doit = get_image },
	{ .cmd = SALLYPORT_CMD_CGROUP_GET, .flags = GENL_ADMIN_PERM,
	  .doit = get_cgroup },
	{ .cmd = SALLYPORT_CMD_PROCESS_GET, .flags = GENL_ADMIN_PERM,
	  .doit = get_process },
	{ .cmd = SALLYPORT_CMD_PROCESS_OPEN, .flags = GENL_ADMIN_PERM,
	  .doit = open_process },
	{ .cmd = SALLYPORT_CMD_STATS, .flags = GENL_ADMIN_PERM, .doit = get_stats },
	{ .cmd = SALLYPORT_CMD_NETNS, .flags = GENL_ADMIN_PERM,
	  .doit = set_namespace },
	{ .cmd = SALLYPORT_CMD_NETNS_SOCKET, .flags = GENL_ADMIN_PERM,
	  .doit = open_namespace },
};

static struct genl_family family __ro_after_init = {
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

	if (error)
		return error;
	error = genl_register_family(&family);
	if (error)
		netlink_unregister_notifier(&notifier);
	return error;
}

void sp_netlink_exit(void)
{
	daemon_left();
	genl_unregister_family(&family);
	netlink_unregister_notifier(&notifier);
}
