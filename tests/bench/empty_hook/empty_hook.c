// SPDX-License-Identifier: GPL-2.0
/*
 * The least that a netfilter hook on LOCAL_OUT can cost, or one at the egress of a
 * device.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
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

static char *device;
module_param(device, charp, 0444);

static struct nf_hook_ops egress = {
	.hook = accept,
	.pf = NFPROTO_NETDEV,
	.hooknum = NF_NETDEV_EGRESS,
};

static int __init empty_hook_init(void)
{
	int error;

	if (!device)
		return nf_register_net_hook(&init_net, &hook);
	egress.dev = dev_get_by_name(&init_net, device);
	if (!egress.dev)
		return -ENODEV;
	error = nf_register_net_hook(&init_net, &egress);
	if (error)
		dev_put(egress.dev);
	return error;
}

static void __exit empty_hook_exit(void)
{
	if (!device) {
		nf_unregister_net_hook(&init_net, &hook);
		return;
	}
	nf_unregister_net_hook(&init_net, &egress);
	dev_put(egress.dev);
}

module_init(empty_hook_init);
module_exit(empty_hook_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("An empty netfilter hook, for comparison");
