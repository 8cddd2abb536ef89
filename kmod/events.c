// SPDX-License-Identifier: GPL-2.0
/*
 * Rings of events, one a CPU, each with a lock that only the sender's work item
 * takes from elsewhere. It takes a ring's array, and gives an empty one for it.
 * Each message wakes the daemon, so they are few; there is room for what comes
 * until the sender runs.
 */
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "daemon.h"
#include "events.h"
#include "flow_desc.h"
#include "netlink.h"
#include "stats.h"

#define SP_EVENTS_RING	256			/* a CPU, between two sends */
#define SP_EVENTS_MANY	(SP_EVENTS_RING / 2)	/* are sent at once */
#define SP_EVENTS_MESSAGE 64u			/* in one, at most */
#define SP_EVENTS_DELAY	(HZ / 10)
#define SP_EVENTS_AGAIN	HZ			/* the daemon's buffer was full */

struct ring {
	spinlock_t lock;
	u32 count;
	struct sallyport_event *events;		/* SP_EVENTS_RING of them */
};

static DEFINE_PER_CPU(struct ring, rings);
static atomic_t lost;
static struct sallyport_event *spare;		/* the work item's own, empty */
static void send_events(struct work_struct *work);
static DECLARE_DELAYED_WORK(sender, send_events);

static void add(const struct sallyport_event *event)
{
	struct ring *ring;
	u32 count = 0;

	local_bh_disable();
	ring = this_cpu_ptr(&rings);
	spin_lock(&ring->lock);
	if (ring->count < SP_EVENTS_RING) {
		ring->events[ring->count++] = *event;
		count = ring->count;
	} else {
		sp_stat(SALLYPORT_STAT_EVENT_LOST);
		atomic_inc(&lost);
	}
	spin_unlock(&ring->lock);
	local_bh_enable();
	if (count == 1)
		schedule_delayed_work(&sender, SP_EVENTS_DELAY);
	else if (count == SP_EVENTS_MANY)
		mod_delayed_work(system_wq, &sender, 0);
}

static void add_flow(u16 kind, const struct sp_flow_desc *desc, u8 action,
		     u64 rule, enum sallyport_stat reason)
{
	struct sallyport_event event = {
		.time = ktime_get_boottime_ns(),
		.rule = rule,
		.kind = kind,
		.action = action,
		.reason = reason,
	};

	sp_flow_desc_export(desc, &event.flow);
	add(&event);
}

void sp_event_flow(const struct sp_flow_desc *desc, u8 action, u64 rule)
{
	if (sp_daemon_present())
		add_flow(SALLYPORT_EVENT_FLOW, desc, action, rule, 0);
}

void sp_event_refused(const struct sp_flow_desc *desc, u8 action, u64 rule,
		      enum sallyport_stat reason)
{
	if (sp_daemon_present())
		add_flow(SALLYPORT_EVENT_REFUSED, desc, action, rule, reason);
}

void sp_event_ended(const struct sp_flow *flow)
{
	struct sallyport_event event = {
		.time = ktime_get_boottime_ns(),
		.rule = flow->rule,
		.bytes[0] = atomic64_read(&flow->bytes[0]),
		.bytes[1] = atomic64_read(&flow->bytes[1]),
		.kind = SALLYPORT_EVENT_ENDED,
		.action = flow->action,
	};

	if (!sp_daemon_present())
		return;
	sp_flow_desc_export(&flow->desc, &event.flow);
	add(&event);
}

void sp_event_given_up(const struct sp_pending *pending, bool abandoned)
{
	struct sallyport_event event = {
		.time = ktime_get_boottime_ns(),
		.id = pending->id,
		.kind = abandoned ? SALLYPORT_EVENT_ABANDONED :
				    SALLYPORT_EVENT_EXPIRED,
	};

	if (!sp_daemon_present())
		return;
	sp_flow_desc_export(&pending->desc, &event.flow);
	add(&event);
}

/* The ring's array and how many are in it; the spare one is the ring's then. */
static struct sallyport_event *take(struct ring *ring, u32 *count)
{
	struct sallyport_event *taken = NULL;

	spin_lock_bh(&ring->lock);
	*count = ring->count;
	if (*count) {
		taken = ring->events;
		ring->events = spare;
		ring->count = 0;
	}
	spin_unlock_bh(&ring->lock);
	return taken;
}

/* What the daemon's buffer has no room for is lost, and told as soon as it has. */
static void send_message(const struct sallyport_event *events, u32 count)
{
	u32 missed = atomic_xchg(&lost, 0);

	if (!sp_netlink_events(events, count, missed))
		return;
	sp_stat_add(SALLYPORT_STAT_EVENT_LOST, count);
	atomic_add(missed + count, &lost);
}

static void send_ring(struct ring *ring)
{
	struct sallyport_event *events;
	u32 count, sent;

	events = take(ring, &count);
	if (!events)
		return;
	for (sent = 0; sent < count; sent += SP_EVENTS_MESSAGE)
		send_message(events + sent, min(count - sent, SP_EVENTS_MESSAGE));
	spare = events;
}

static void send_events(struct work_struct *work)
{
	int cpu;

	for_each_possible_cpu(cpu)
		send_ring(per_cpu_ptr(&rings, cpu));
	/* perhaps nothing follows which it could be told with */
	if (atomic_read(&lost))
		send_message(spare, 0);
	if (atomic_read(&lost) && sp_daemon_present())
		schedule_delayed_work(&sender, SP_EVENTS_AGAIN);
}

static void free_rings(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kvfree(per_cpu_ptr(&rings, cpu)->events);
	kvfree(spare);
}

static struct sallyport_event *new_events(void)
{
	return kvcalloc(SP_EVENTS_RING, sizeof(struct sallyport_event), GFP_KERNEL);
}

int sp_events_init(void)
{
	int cpu;

	spare = new_events();
	if (!spare)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct ring *ring = per_cpu_ptr(&rings, cpu);

		spin_lock_init(&ring->lock);
		ring->events = new_events();
		if (!ring->events)
			goto fail;
	}
	return 0;
fail:
	free_rings();
	return -ENOMEM;
}

void sp_events_exit(void)
{
	cancel_delayed_work_sync(&sender);
	free_rings();
}
