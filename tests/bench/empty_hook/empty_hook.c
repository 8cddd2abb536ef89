// SPDX-License-Identifier: GPL-2.0
/* The least that a netfilter hook on LOCAL_OUT can cost. */
#include <linux/module.h>
#include <linux/netfilter_ipv4.h>
#include <net/net_namespace.h>

static unsigned int accept(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static const struct nf_hook_ops hook = {
	.hook = accept,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_LOCAL_OUT,
	.priority = NF_IP_PRI_NAT_DST - 1,
};

static int __init empty_hook_init(void)
{
	return nf_register_net_hook(&init_net, &hook);
}

static void __exit empty_hook_exit(void)
{
	nf_unregister_net_hook(&init_net, &hook);
}

module_init(empty_hook_init);
module_exit(empty_hook_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("An empty netfilter hook, for comparison");
