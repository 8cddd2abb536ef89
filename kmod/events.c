// SPDX-License-Identifier: GPL-2.0
/*
 * Rings of events, one a CPU, each with a lock that only the sender's work item
 * and flows that end take from elsewhere. The sender takes a ring's array, and gives
 * an empty one for it.
 * Each message wakes the daemon, so they are few; there is room for what comes
 * until the sender runs.
 */
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "daemon.h"
#include "events.h"
#include "flow_desc.h"
#include "netlink.h"
#include "stats.h"

#define SP_EVENTS_RING	256			/* a CPU, between two sends */
#define SP_EVENTS_MANY	(SP_EVENTS_RING / 2)	/* are sent at once */
#define SP_EVENTS_MESSAGE 64u			/* in one, at most */
#define SP_EVENTS_BRIEF	(50 * NSEC_PER_MSEC)	/* is not told of before its end */
#define SP_EVENTS_BEGUN	512			/* flows that began: all are told of */
#define SP_EVENTS_ALIKE	8u			/* of the last, with which another end is told */
#define SP_EVENTS_DELAY	(HZ / 10)
#define SP_EVENTS_AGAIN	HZ			/* the daemon's buffer was full */

struct ring {
	spinlock_t lock;
	u32 count;
	struct sallyport_event *events;		/* SP_EVENTS_RING of them */
	struct list_head begun;			/* struct sp_flow, news SP_FLOW_DUE */
	u32 begun_count;
};

static DEFINE_PER_CPU(struct ring, rings);
static atomic_t lost;
static struct sallyport_event *spare;		/* the work item's own, empty */
static struct sallyport_event begun[SP_EVENTS_MESSAGE];	/* likewise */
static void send_events(struct work_struct *work);
static DECLARE_DELAYED_WORK(sender, send_events);

/* Where the next one is written; NULL: there is no room, and it is lost. */
static struct sallyport_event *next_place(struct ring *ring)
{
	lockdep_assert_held(&ring->lock);
	if (ring->count < SP_EVENTS_RING)
		return &ring->events[ring->count++];
	sp_stat(SALLYPORT_STAT_EVENT_LOST);
	atomic_inc(&lost);
	return NULL;
}

/* The @count-th was written. */
static void send_soon(u32 count)
{
	if (count == 1)
		schedule_delayed_work(&sender, SP_EVENTS_DELAY);
	else if (count == SP_EVENTS_MANY)
		mod_delayed_work(sp_system_wq, &sender, 0);
}

static void add(const struct sallyport_event *event)
{
	struct sallyport_event *place;
	struct ring *ring;
	u32 count = 0;

	local_bh_disable();
	ring = this_cpu_ptr(&rings);
	spin_lock(&ring->lock);
	place = next_place(ring);
	if (place) {
		*place = *event;
		count = ring->count;
	}
	spin_unlock(&ring->lock);
	local_bh_enable();
	send_soon(count);
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
		.count = 1,
	};

	sp_flow_desc_export(desc, &event.flow);
	add(&event);
}

void sp_event_flow(const struct sp_flow_desc *desc, u64 rule)
{
	if (sp_daemon_present())
		add_flow(SALLYPORT_EVENT_FLOW, desc, SALLYPORT_ALLOW, rule, 0);
}

/* Two packets may have entered it, each with its CPU. */
void sp_event_begun(struct sp_flow *flow)
{
	struct ring *ring;
	u32 count;

	if (!sp_daemon_present() ||
	    cmpxchg(&flow->news, SP_FLOW_SILENT, SP_FLOW_DUE) != SP_FLOW_SILENT)
		return;
	local_bh_disable();
	ring = this_cpu_ptr(&rings);
	flow->begun_cpu = smp_processor_id();
	spin_lock(&ring->lock);
	list_add_tail(&flow->begun, &ring->begun);
	count = ++ring->begun_count;
	spin_unlock(&ring->lock);
	local_bh_enable();
	if (count == 1)
		schedule_delayed_work(&sender, SP_EVENTS_DELAY);
	else if (count == SP_EVENTS_BEGUN)
		mod_delayed_work(sp_system_wq, &sender, 0);
}

static void forget_begun(struct ring *ring, struct sp_flow *flow)
{
	lockdep_assert_held(&ring->lock);
	list_del_init(&flow->begun);
	ring->begun_count--;
}

/* The daemon was not told that it began, but was to be. Nothing lists it after this. */
static bool was_due(struct sp_flow *flow)
{
	struct ring *ring;
	bool due;

	if (READ_ONCE(flow->news) == SP_FLOW_SILENT)
		return false;
	ring = per_cpu_ptr(&rings, flow->begun_cpu);
	spin_lock_bh(&ring->lock);
	due = flow->news == SP_FLOW_DUE;
	if (!list_empty(&flow->begun))
		forget_begun(ring, flow);
	spin_unlock_bh(&ring->lock);
	return due;
}

void sp_event_refused(const struct sp_flow_desc *desc, u8 action, u64 rule,
		      enum sallyport_stat reason)
{
	if (sp_daemon_present())
		add_flow(SALLYPORT_EVENT_REFUSED, desc, action, rule, reason);
}

static void describe_end(const struct sp_flow *flow, u64 began, u64 now,
			 struct sallyport_event *event)
{
	*event = (struct sallyport_event) {
		.time = now,
		.began = began,
		.rule = flow->rule,
		.bytes[0] = atomic64_read(&flow->bytes[0]),
		.bytes[1] = atomic64_read(&flow->bytes[1]),
		.kind = SALLYPORT_EVENT_ENDED,
		.action = flow->action,
		.count = 1,
	};
	sp_flow_desc_export(&flow->desc, &event->flow);
}

/* One of the last events, which may tell of this end as well; or NULL. */
static struct sallyport_event *find_alike(struct ring *ring, const struct sp_flow *flow)
{
	u32 looks = min(ring->count, SP_EVENTS_ALIKE);
	struct sallyport_event *event = ring->events + ring->count;

	for (; looks; looks--) {
		event--;
		if (event->began && event->rule == flow->rule &&
		    event->action == flow->action &&
		    sp_flow_desc_is_alike(&flow->desc, &event->flow))
			return event;
	}
	return NULL;
}

static void tell_with(struct sallyport_event *event, const struct sp_flow *flow, u64 began,
		      u64 now)
{
	event->time = now;
	event->began = min(event->began, began);	/* CPUs may settle them in any order */
	event->bytes[0] += atomic64_read(&flow->bytes[0]);
	event->bytes[1] += atomic64_read(&flow->bytes[1]);
	event->count++;
}

/* Whether it takes a place. */
static bool add_end(struct ring *ring, const struct sp_flow *flow, u64 began, u64 now)
{
	struct sallyport_event *event = began ? find_alike(ring, flow) : NULL;

	if (event) {
		tell_with(event, flow, began, now);
		return false;
	}
	event = next_place(ring);
	if (event)
		describe_end(flow, began, now, event);
	return event;
}

void sp_event_ended(struct sp_flow *flow)
{
	u64 began = was_due(flow) ? flow->created : 0, now;
	struct ring *ring;
	u32 count = 0;

	if (!sp_daemon_present())
		return;
	now = ktime_get_boottime_ns();
	local_bh_disable();
	ring = this_cpu_ptr(&rings);
	spin_lock(&ring->lock);
	if (add_end(ring, flow, began, now))
		count = ring->count;
	spin_unlock(&ring->lock);
	local_bh_enable();
	send_soon(count);
}

void sp_event_given_up(const struct sp_pending *pending, bool abandoned)
{
	struct sallyport_event event = {
		.time = ktime_get_boottime_ns(),
		.id = pending->id,
		.kind = abandoned ? SALLYPORT_EVENT_ABANDONED :
				    SALLYPORT_EVENT_EXPIRED,
		.count = 1,
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

static u32 count_told(const struct sallyport_event *events, u32 count)
{
	u32 told = 0;

	while (count--)
		told += events[count].count;
	return told;
}

/* What the daemon's buffer has no room for is lost, and told as soon as it has. */
static void send_message(const struct sallyport_event *events, u32 count)
{
	u32 missed = atomic_xchg(&lost, 0), told;

	if (!sp_netlink_events(events, count, missed))
		return;
	told = count_told(events, count);
	sp_stat_add(SALLYPORT_STAT_EVENT_LOST, told);
	atomic_add(missed + told, &lost);
}

static void describe_begun(const struct sp_flow *flow, struct sallyport_event *event)
{
	memset(event, 0, sizeof(*event));
	event->time = flow->created;
	event->rule = flow->rule;
	event->kind = SALLYPORT_EVENT_FLOW;
	event->action = flow->action;
	event->count = 1;
	sp_flow_desc_export(&flow->desc, &event->flow);
}

/*
 * Flows that began until then, off the list: a message's worth, those that live are
 * in begun[] now. False: that was the last.
 */
static bool take_begun(struct ring *ring, u64 until, u32 *count)
{
	struct sp_flow *flow;
	bool more = false;
	u32 i;

	*count = 0;
	spin_lock_bh(&ring->lock);
	for (i = 0; i < SP_EVENTS_MESSAGE; i++) {
		flow = list_first_entry(&ring->begun, struct sp_flow, begun);
		more = !list_empty(&ring->begun) && flow->created <= until;
		if (!more)
			break;
		forget_begun(ring, flow);
		if (READ_ONCE(flow->dead))
			continue;	/* its end will tell */
		flow->news = SP_FLOW_TOLD;
		describe_begun(flow, &begun[(*count)++]);
	}
	spin_unlock_bh(&ring->lock);
	return more;
}

/* But for those that are so young that they may be brief, while there are few. */
static void send_begun(struct ring *ring)
{
	u64 until = ktime_get_boottime_ns();
	bool more = READ_ONCE(ring->begun_count) > 0;
	u32 count;

	if (READ_ONCE(ring->begun_count) < SP_EVENTS_BEGUN)
		until -= SP_EVENTS_BRIEF;
	while (more) {
		more = take_begun(ring, until, &count);
		if (count)
			send_message(begun, count);
		cond_resched();
	}
	if (READ_ONCE(ring->begun_count))
		schedule_delayed_work(&sender, SP_EVENTS_DELAY);
}

/* That a flow began goes before that it ended. */
static void send_ring(struct ring *ring)
{
	struct sallyport_event *events;
	u32 count, sent;

	send_begun(ring);
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
		INIT_LIST_HEAD(&ring->begun);
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
