// SPDX-License-Identifier: GPL-2.0
/*
 * The counters: each CPU adds to its own, whoever asks sums them up.
 */
#include <linux/cpumask.h>
#include <linux/string.h>
#include "stats.h"

DEFINE_PER_CPU(struct sp_stats, sp_stats);

void sp_stats_sum(u64 *sum)
{
	const struct sp_stats *stats;
	int cpu, i;

	memset(sum, 0, sizeof(*sum) * __SALLYPORT_STAT_MAX);
	for_each_possible_cpu(cpu) {
		stats = per_cpu_ptr(&sp_stats, cpu);
		for (i = 0; i < __SALLYPORT_STAT_MAX; i++)
			sum[i] += READ_ONCE(stats->count[i]);
	}
}
