// SPDX-License-Identifier: GPL-2.0
/*
 * The ladder up and down. Going up, everything that the hooks use is there
 * before the first of them. Going down: no verdicts for new packets (they pass),
 * what is queued is dropped, no hook, then the rest.
 */
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "daemon.h"
#include "egress.h"
#include "events.h"
#include "flow_cache.h"
#include "hook.h"
#include "image_capture.h"
#include "namespace.h"
#include "netlink.h"
#include "observe.h"
#include "owner.h"
#include "pending.h"
#include "process.h"
#include "refuse.h"
#include "stats.h"
#include "upcall.h"
#include "verdict_table.h"
#include "version.h"

#define SP_HOUSEKEEPING	(5 * HZ)	/* deferrable: wakes no idle CPU */

/* Parameters. */
#define SP_SIZE_MIN	1024u
#define SP_SIZE_MAX	(16u * 1024 * 1024)
#define SP_CACHE_SETS_MAX 65536u

static char *mode = "normal";
module_param(mode, charp, 0444);
MODULE_PARM_DESC(mode, "normal, or off: everything passes until the daemon says otherwise");

static unsigned int flows = 65536;
module_param(flows, uint, 0444);
MODULE_PARM_DESC(flows, "size of the flow table");

static unsigned int sockets = 262144;
module_param(sockets, uint, 0444);
MODULE_PARM_DESC(sockets, "records of whose a socket is");

static unsigned int images = 16384;
module_param(images, uint, 0444);
MODULE_PARM_DESC(images, "executed files that are known at once");

static unsigned int processes = 131072;
module_param(processes, uint, 0444);
MODULE_PARM_DESC(processes, "processes that are known at once");

static unsigned int subjects = 16384;	/* half a kilobyte each, when used */
module_param(subjects, uint, 0444);
MODULE_PARM_DESC(subjects, "programs of users that verdicts are installed for");

static unsigned int verdicts = 131072;
module_param(verdicts, uint, 0444);
MODULE_PARM_DESC(verdicts, "size of the verdict table");

static unsigned int cache_sets = 512;
module_param(cache_sets, uint, 0444);
MODULE_PARM_DESC(cache_sets, "sets of four flows in each CPU's cache, a power of two");

static void keep_house(struct work_struct *work);
static DECLARE_DEFERRABLE_WORK(housekeeping, keep_house);

static void keep_house(struct work_struct *work)
{
	sp_flow_table_age();
	sp_verdict_table_age();
	sp_owner_age();
	sp_namespaces_check();
	schedule_delayed_work(&housekeeping, SP_HOUSEKEEPING);
}

static int __net_init net_begin(struct net *net)
{
	return sp_hook_judges(net) ? sp_hook_register(net) : 0;
}

static void __net_exit net_drain(struct net *net)
{
	if (sp_hook_judges(net))
		sp_hook_drain(net);
}

static void __net_exit net_end(struct net *net)
{
	if (sp_hook_judges(net))
		sp_hook_unregister(net);
}

/* pre_exit of all namespaces comes before the first exit. */
static struct pernet_operations net_operations = {
	.init = net_begin,
	.pre_exit = net_drain,
	.exit = net_end,
	.id = &sp_namespace_id,
	.size = sizeof(struct sp_namespace),
};

static int tables_init(void)
{
	const struct sp_flow_limits flow_limits = {
		.total = flows, .user = flows / 2, .socket = flows / 8,
	};
	const struct sp_verdict_limits verdict_limits = {
		.subjects = subjects, .user_subjects = subjects / 4,
		.verdicts = verdicts, .user_verdicts = verdicts / 4,
	};
	int error;

	error = sp_cache_init(cache_sets);
	if (error)
		return error;
	error = sp_flow_table_init(&flow_limits, sp_event_ended);
	if (error)
		goto no_flows;
	error = sp_verdict_table_init(&verdict_limits);
	if (error)
		goto no_verdicts;
	error = sp_pending_init(sp_event_given_up);
	if (error)
		goto no_pending;
	return 0;
no_pending:
	sp_verdict_table_exit();
no_verdicts:
	sp_flow_table_exit();
no_flows:
	sp_cache_exit();
	return error;
}

static void tables_exit(void)
{
	sp_pending_exit();
	sp_verdict_table_exit();
	sp_flow_table_exit();
	sp_cache_exit();
}

static bool is_size(const char *name, unsigned int size)
{
	if (size >= SP_SIZE_MIN && size <= SP_SIZE_MAX)
		return true;
	pr_err("%s=%u: expected %u to %u\n", name, size, SP_SIZE_MIN, SP_SIZE_MAX);
	return false;
}

static bool is_cache(unsigned int sets)
{
	if (is_power_of_2(sets) && sets <= SP_CACHE_SETS_MAX)
		return true;
	pr_err("cache_sets=%u: expected a power of two up to %u\n", sets,
	       SP_CACHE_SETS_MAX);
	return false;
}

static int read_parameters(void)
{
	if (!strcmp(mode, "off")) {
		sp_daemon.mode = SALLYPORT_MODE_OFF;
	} else if (strcmp(mode, "normal")) {
		pr_err("mode=%s: expected normal or off\n", mode);
		return -EINVAL;
	}
	if (!is_size("flows", flows) || !is_size("sockets", sockets) ||
	    !is_size("images", images) ||
	    !is_size("processes", processes) ||
	    !is_size("subjects", subjects) ||
	    !is_size("verdicts", verdicts) || !is_cache(cache_sets))
		return -EINVAL;
	return 0;
}

static int __init sallyport_init(void)
{
	int error = read_parameters();

	if (error)
		return error;
	error = sp_user_init();
	if (error)
		return error;
	error = sp_image_init(images);
	if (error)
		goto no_images;
	sp_observe_init();
	error = sp_events_init();
	if (error)
		goto no_events;
	error = tables_init();
	if (error)
		goto no_tables;
	error = sp_process_init(processes);
	if (error)
		goto no_processes;
	sp_owner_init(sockets);
	error = sp_refuse_init();
	if (error)
		goto no_refuse;
	error = register_pernet_subsys(&net_operations);
	if (error)
		goto no_hooks;
	error = sp_egress_init();
	if (error)
		goto no_egress;
	sp_owner_arm();
	error = sp_namespaces_init();
	if (error)
		goto no_namespaces;
	error = sp_upcall_init();
	if (error)
		goto no_upcall;
	error = sp_netlink_init();
	if (error)
		goto no_netlink;
	schedule_delayed_work(&housekeeping, SP_HOUSEKEEPING);
	pr_info("version %s, %u images, %u processes\n", SALLYPORT_VERSION,
		sp_image_count(), sp_process_count());
	return 0;
no_netlink:
	sp_upcall_exit();
no_upcall:
	sp_namespaces_exit();
no_namespaces:
	sp_egress_exit();
no_egress:
	sp_hook_disarm();
	unregister_pernet_subsys(&net_operations);
no_hooks:
	sp_refuse_exit();
no_refuse:
	sp_owner_exit();
	sp_process_exit();
no_processes:
	tables_exit();
no_tables:
	sp_events_exit();
no_events:
	rcu_barrier();
	sp_image_exit();
no_images:
	sp_user_exit();
	return error;
}

static void __exit sallyport_exit(void)
{
	sp_hook_disarm();
	synchronize_net();
	sp_netlink_exit();
	sp_upcall_exit();
	sp_namespaces_exit();
	sp_egress_exit();
	unregister_pernet_subsys(&net_operations);
	cancel_delayed_work_sync(&housekeeping);
	sp_refuse_exit();
	sp_owner_exit();
	sp_process_exit();
	tables_exit();
	sp_events_exit();
	rcu_barrier();
	sp_image_exit();
	sp_user_exit();
}

module_init(sallyport_init);
module_exit(sallyport_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Sallyport, a host firewall that asks: hooks, flow tables and socket owners");
MODULE_VERSION(SALLYPORT_VERSION);
