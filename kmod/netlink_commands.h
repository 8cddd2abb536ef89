/* SPDX-License-Identifier: GPL-2.0 */
/* The family's inside: what the files of its commands share. */
#ifndef _SALLYPORT_NETLINK_COMMANDS_H
#define _SALLYPORT_NETLINK_COMMANDS_H

#include <linux/types.h>
#include <net/genetlink.h>
#include "uapi/sallyport.h"

struct file;
struct netlink_callback;
struct sk_buff;
struct sp_image;

extern struct genl_family sp_netlink_family;

/* --- checks: 0 or an error that the sender is told ------------------------------ */

int sp_needs_daemon(struct genl_info *info);
int sp_lacks(struct genl_info *info, const u8 *attrs, size_t count);

/* --- messages --------------------------------------------------------------------- */

int sp_put_image(struct sk_buff *skb, const struct sp_image *image);
size_t sp_image_size(const struct sp_image *image);	/* of what that puts */
int sp_put_tag(struct sk_buff *skb, const struct sp_image *image,
	       const struct sallyport_pending *tag);

struct sk_buff *sp_reply_new(struct genl_info *info, size_t payload, void **header);
/* @error: of what was put into it; then it is not sent, and the error returned. */
int sp_reply_send(struct genl_info *info, struct sk_buff *skb, void *header,
		  int error);
/* Sends @file as a descriptor of the running process; it is the caller's if that fails. */
int sp_reply_file(struct genl_info *info, struct file *file);

u32 sp_degraded(void);		/* SALLYPORT_DEGRADED_* of all parts */

/* --- commands ----------------------------------------------------------------------- */

int sp_command_delete(struct sk_buff *skb, struct genl_info *info);
int sp_command_end_flows(struct sk_buff *skb, struct genl_info *info);

int sp_command_get_image(struct sk_buff *request, struct genl_info *info);
int sp_command_get_cgroup(struct sk_buff *request, struct genl_info *info);
int sp_command_get_process(struct sk_buff *request, struct genl_info *info);
int sp_command_open_process(struct sk_buff *request, struct genl_info *info);
int sp_command_get_stats(struct sk_buff *request, struct genl_info *info);

int sp_command_set_namespace(struct sk_buff *skb, struct genl_info *info);
int sp_command_open_namespace(struct sk_buff *skb, struct genl_info *info);

int sp_dump_verdicts(struct sk_buff *skb, struct netlink_callback *cb);
int sp_dump_flows(struct sk_buff *skb, struct netlink_callback *cb);
int sp_dump_pendings(struct sk_buff *skb, struct netlink_callback *cb);

#endif
