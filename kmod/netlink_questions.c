// SPDX-License-Identifier: GPL-2.0
/* What the daemon asks: images, cgroups, processes, figures. */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "cgroup.h"
#include "daemon.h"
#include "flow_table.h"
#include "image_capture.h"
#include "life.h"
#include "netlink_commands.h"
#include "owner.h"
#include "pending.h"
#include "process.h"
#include "stats.h"
#include "user.h"
#include "verdict_table.h"
#include "version.h"

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

int sp_command_get_image(struct sk_buff *request, struct genl_info *info)
{
	struct sp_image *image = image_asked_for(info);
	struct sk_buff *skb;
	void *header;
	int error = -ENOMEM;

	if (IS_ERR(image))
		return PTR_ERR(image);
	skb = sp_reply_new(info, sp_image_size(image), &header);
	if (skb)
		error = sp_reply_send(info, skb, header, sp_put_image(skb, image));
	sp_image_put(image);
	return error;
}

int sp_command_get_cgroup(struct sk_buff *request, struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_CGROUP_ID };
	int length = sp_lacks(info, needed, ARRAY_SIZE(needed));
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
	skb = sp_reply_new(info, nla_total_size(length), &header);
	length = skb ? sp_reply_send(info, skb, header,
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

int sp_command_get_process(struct sk_buff *request, struct genl_info *info)
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
	skb = sp_reply_new(info, nla_total_size(size), &header);
	error = skb ? sp_reply_send(info, skb, header,
				    nla_put(skb, SALLYPORT_A_PROCESSES, size, chain)) : -ENOMEM;
out:
	kfree(chain);
	return error;
}

int sp_command_open_process(struct sk_buff *request, struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_PROCESS_ID };
	int error = sp_lacks(info, needed, ARRAY_SIZE(needed));
	struct file *file;

	if (error)
		return error;
	if (!sp_daemon_is_current())
		return -EPERM;
	error = sp_process_open(nla_get_u64(info->attrs[SALLYPORT_A_PROCESS_ID]), &file);
	if (error)
		return error;
	error = sp_reply_file(info, file);
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
	       nla_put_u32(skb, SALLYPORT_A_DEGRADED, sp_degraded()) ?:
	       nla_put_u8(skb, SALLYPORT_A_MODE, sp_daemon.mode) ?:
	       nla_put_string(skb, SALLYPORT_A_VERSION, SALLYPORT_VERSION);
}

int sp_command_get_stats(struct sk_buff *request, struct genl_info *info)
{
	struct sk_buff *skb;
	void *header;

	skb = sp_reply_new(info, NLMSG_GOODSIZE, &header);
	if (!skb)
		return -ENOMEM;
	return sp_reply_send(info, skb, header, put_stats(skb));
}
