/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_WORKQUEUE_H
#define SHIM_LINUX_WORKQUEUE_H

#include <linux/types.h>

struct work_struct {
	void (*func)(struct work_struct *work);
	struct work_struct *next;
	bool pending;
};

/* Waits for shim_delayed_run(), however long the delay. */
struct delayed_work {
	struct work_struct work;
	struct delayed_work *next;
};

bool shim_schedule(struct work_struct *work);
bool shim_schedule_delayed(struct delayed_work *work);
bool shim_cancel_delayed(struct delayed_work *work);

#define DECLARE_WORK(name, function)					\
	struct work_struct name = { .func = (function) }
#define schedule_work(work) shim_schedule(work)
#define flush_work(work) ((void)(work), shim_work_run())

#define DECLARE_DELAYED_WORK(name, function)				\
	struct delayed_work name = { .work.func = (function) }
#define schedule_delayed_work(work, delay)				\
	((void)(delay), shim_schedule_delayed(work))
#define cancel_delayed_work_sync(work) shim_cancel_delayed(work)

#endif
