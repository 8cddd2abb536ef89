/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_WORKQUEUE_H
#define SHIM_LINUX_WORKQUEUE_H

#include <linux/types.h>

struct work_struct {
	void (*func)(struct work_struct *work);
	struct work_struct *next;
	bool pending;
};

bool shim_schedule(struct work_struct *work);

#define DECLARE_WORK(name, function)					\
	struct work_struct name = { .func = (function) }
#define schedule_work(work) shim_schedule(work)
#define flush_work(work) ((void)(work), shim_work_run())

#endif
