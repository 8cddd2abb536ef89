/* SPDX-License-Identifier: GPL-2.0 */
/* Counters per CPU, numbered by enum sallyport_stat. */
#ifndef _SALLYPORT_STATS_H
#define _SALLYPORT_STATS_H

#include <linux/percpu.h>
#include "uapi/sallyport.h"

struct sp_stats {
	u64 count[__SALLYPORT_STAT_MAX];
};

DECLARE_PER_CPU(struct sp_stats, sp_stats);

static inline void sp_stat(enum sallyport_stat stat)
{
	this_cpu_inc(sp_stats.count[stat]);
}

static inline void sp_stat_add(enum sallyport_stat stat, u32 count)
{
	this_cpu_add(sp_stats.count[stat], count);
}

/* Sums over all CPUs into @sum, __SALLYPORT_STAT_MAX numbers. */
void sp_stats_sum(u64 *sum);

#endif
