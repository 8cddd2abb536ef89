// SPDX-License-Identifier: GPL-2.0
/* Queues in other network namespaces: what the daemon asks for and tells. */
#include <linux/err.h>
#include <linux/file.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "namespace.h"
#include "netlink_commands.h"

static struct net *namespace_asked_for(struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_NETNS };
	int error = sp_needs_daemon(info) ?: sp_lacks(info, needed, ARRAY_SIZE(needed));
	struct net *net;

	if (error)
		return ERR_PTR(error);
	net = sp_namespace_get(nla_get_u64(info->attrs[SALLYPORT_A_NETNS]));
	return net ?: ERR_PTR(-ENOENT);
}

int sp_command_set_namespace(struct sk_buff *skb, struct genl_info *info)
{
	static const u8 needed[] = { SALLYPORT_A_NETNS_STATE };
	struct nlattr *sockets = info->attrs[SALLYPORT_A_NETNS_SOCKETS];
	int error = sp_lacks(info, needed, ARRAY_SIZE(needed));
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

int sp_command_open_namespace(struct sk_buff *skb, struct genl_info *info)
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
	error = sp_reply_file(info, file);
	if (error)
		fput(file);
	return error;
}
