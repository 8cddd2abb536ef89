/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_H
#define SHIM_LINUX_SCHED_H

#include <linux/compiler.h>
#define cond_resched() shim_might_sleep(__FILE__, __LINE__)
#define might_sleep() shim_might_sleep(__FILE__, __LINE__)

#endif
