/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_WORKQUEUE_H
#define SHIM_LINUX_WORKQUEUE_H

#include <linux/types.h>

struct work_struct {
	void (*func)(struct work_struct *work);
	struct work_struct *next;
	bool pending;
};

/* Runs when jiffies have reached ->due. */
struct delayed_work {
	struct work_struct work;
	struct delayed_work *next;
	unsigned long due;
	bool waiting;
};

bool shim_schedule(struct work_struct *work);
bool shim_schedule_delayed(struct delayed_work *work, unsigned long delay);
void shim_mod_delayed(struct delayed_work *work, unsigned long delay);
void shim_cancel_delayed(struct delayed_work *work);

#define DECLARE_WORK(name, function)					\
	struct work_struct name = { .func = (function) }
#define DECLARE_DELAYED_WORK(name, function)				\
	struct delayed_work name = { .work.func = (function) }
#define DECLARE_DEFERRABLE_WORK(name, function)				\
	DECLARE_DELAYED_WORK(name, function)
#define schedule_delayed_work(work, delay) shim_schedule_delayed(work, delay)
#define mod_delayed_work(queue, work, delay) shim_mod_delayed(work, delay)
#define cancel_delayed_work_sync(work) shim_cancel_delayed(work)
#define schedule_work(work) shim_schedule(work)
#define flush_work(work) ((void)(work), shim_work_run())
#define INIT_WORK(work, function) (*(work) = (struct work_struct) { .func = (function) })

/* All are one queue. */
struct workqueue_struct { int unused; };
#define WQ_UNBOUND 2
#define alloc_workqueue(name, flags, active)				\
	((struct workqueue_struct *)shim_alloc(sizeof(struct workqueue_struct), true))
#define destroy_workqueue(queue) (shim_work_run(), shim_free(queue))
#define flush_workqueue(queue) ((void)(queue), shim_work_run())
#define queue_work(queue, work) ((void)(queue), shim_schedule(work))
#define flush_delayed_work(work) do {					\
	shim_mod_delayed(work, 0);					\
	shim_work_run();						\
} while (0)

#endif
