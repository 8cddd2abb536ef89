// SPDX-License-Identifier: GPL-2.0
/*
 * Where the daemon has queues, beside the initial namespace.
 *
 * A namespace's state counts only for the daemon that set it: the word has the
 * number of that daemon's arrival in its upper bits, so that all are new again
 * when another one comes. Hooks change a word from new to asked; the rest is
 * written by netlink commands, one at a time.
 */
#include <linux/atomic.h>
#include <linux/file.h>
#include <linux/jiffies.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/socket.h>
#include <linux/workqueue.h>
#include <net/netns/generic.h>

#include "compat.h"
#include "daemon.h"
#include "hook.h"
#include "namespace.h"
#include "netlink.h"

#define SP_TELL_AGAIN	HZ		/* the message may have been lost */
#define SP_TRY_AGAIN	(10 * HZ)	/* what was refused may be had by then */
#define SP_CHECK_DELAY	(HZ / 10)	/* from a program's end to the look */

enum { NEW, ASKED, READY, REFUSED };
#define VALUES 4

unsigned int sp_namespace_id __read_mostly;
static bool some_ready;		/* perhaps: is there anything to look at? */

static void check(struct work_struct *work);
static DECLARE_DELAYED_WORK(checker, check);

static u32 state_word(u32 value)
{
	return READ_ONCE(sp_daemon.arrivals) * VALUES + value;
}

/* Of a state that an earlier daemon left, NEW. */
static u32 state_value(u32 word)
{
	u32 value = word - state_word(NEW);

	return value < VALUES ? value : NEW;
}

static void tell(struct net *net, struct sp_namespace *own, u8 state,
		 unsigned long interval)
{
	unsigned long told = READ_ONCE(own->told), now = jiffies ?: 1;

	if (told && time_before(now, told + interval))
		return;
	if (cmpxchg(&own->told, told, now) == told)
		sp_netlink_namespace(net->net_cookie, state);
}

enum sp_queues sp_namespace_queues(struct net *net)
{
	struct sp_namespace *own;
	u32 word;

	if (net_eq(net, &init_net))
		return SP_QUEUES_READY;
	own = net_generic(net, sp_namespace_id);
	word = READ_ONCE(own->state);
	switch (state_value(word)) {
	case READY:
		return SP_QUEUES_READY;
	case REFUSED:
		tell(net, own, SALLYPORT_NETNS_WANTED, SP_TRY_AGAIN);
		return SP_QUEUES_NONE;
	case NEW:
		if (cmpxchg(&own->state, word, state_word(ASKED)) == word)
			WRITE_ONCE(own->told, 0);
		break;
	}
	tell(net, own, SALLYPORT_NETNS_WANTED, SP_TELL_AGAIN);
	return SP_QUEUES_SOON;
}

static bool is_ours(const struct net *net)
{
	return !net_eq(net, &init_net) && sp_hook_judges(net);
}

struct net *sp_namespace_get(u64 netns)
{
	struct net *net, *found = NULL;

	rcu_read_lock();
	for_each_net_rcu(net) {
		if (net->net_cookie != netns || !is_ours(net))
			continue;
		found = maybe_get_net(net);
		break;
	}
	rcu_read_unlock();
	return found;
}

void sp_namespace_set(struct net *net, u8 state, u32 sockets)
{
	struct sp_namespace *own = net_generic(net, sp_namespace_id);
	bool ready = state == SALLYPORT_NETNS_READY;

	WRITE_ONCE(own->sockets, sockets);
	WRITE_ONCE(own->told, ready ? 0 : jiffies ?: 1);
	/* ->sockets is there when it is READY: see sp_namespaces_check() */
	smp_store_release(&own->state, state_word(ready ? READY : REFUSED));
	if (ready)
		WRITE_ONCE(some_ready, true);
}

int sp_namespace_socket(struct net *net, struct file **file)
{
	struct socket *sock;
	int error;

	error = __sock_create(net, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER,
			      &sock, 0);
	if (error)
		return error;
	*file = sock_alloc_file(sock, O_NONBLOCK, NULL);
	return PTR_ERR_OR_ZERO(*file);
}

/* --- the end ---------------------------------------------------------------- */

/* Processes, files and sockets each count as a user, the daemon's too. */
static bool has_ended(const struct net *net, const struct sp_namespace *own)
{
	return sp_net_users(net) <= READ_ONCE(own->sockets);
}

void sp_namespaces_check(void)
{
	struct sp_namespace *own;
	struct net *net;
	bool some = false;

	if (!READ_ONCE(some_ready) || !sp_daemon_present())
		return;
	WRITE_ONCE(some_ready, false);
	rcu_read_lock();
	for_each_net_rcu(net) {
		if (!is_ours(net))
			continue;
		own = net_generic(net, sp_namespace_id);
		/* ->sockets is read after it */
		if (state_value(smp_load_acquire(&own->state)) != READY)
			continue;
		some = true;
		if (has_ended(net, own))
			tell(net, own, SALLYPORT_NETNS_ENDED, SP_TELL_AGAIN);
	}
	rcu_read_unlock();
	if (some)
		WRITE_ONCE(some_ready, true);
}

static void check(struct work_struct *work)
{
	sp_namespaces_check();
}

/* Not scheduled any more once the daemon is gone and a grace period over. */
void sp_namespaces_check_soon(void)
{
	rcu_read_lock();
	if (READ_ONCE(some_ready) && sp_daemon_present())
		schedule_delayed_work(&checker, SP_CHECK_DELAY);
	rcu_read_unlock();
}

/* --- before the first miss ---------------------------------------------------- */

/* Nothing leaves without a device: queues are there before the first packet. */
static bool is_way_out(const struct net_device *dev)
{
	return dev->flags & IFF_UP && !(dev->flags & IFF_LOOPBACK);
}

static bool has_way_out(struct net *net)
{
	struct net_device *dev;

	for_each_netdev_rcu(net, dev)
		if (is_way_out(dev))
			return true;
	return false;
}

void sp_namespaces_announce(void)
{
	struct net *net;

	rcu_read_lock();
	for_each_net_rcu(net)
		if (is_ours(net) && has_way_out(net))
			sp_namespace_queues(net);
	rcu_read_unlock();
}

static int on_device(struct notifier_block *block, unsigned long event,
		     void *data)
{
	const struct net_device *dev = netdev_notifier_info_to_dev(data);

	if (event == NETDEV_UP && is_way_out(dev) && is_ours(dev_net(dev)) &&
	    sp_daemon_present())
		sp_namespace_queues(dev_net(dev));
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = on_device };

int sp_namespaces_init(void)
{
	return register_netdevice_notifier(&notifier);
}

void sp_namespaces_exit(void)
{
	unregister_netdevice_notifier(&notifier);
	cancel_delayed_work_sync(&checker);
}
