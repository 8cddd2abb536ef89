/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_CPUMASK_H
#define SHIM_LINUX_CPUMASK_H

#include <linux/types.h>

#define for_each_possible_cpu(cpu)					\
	for ((cpu) = 0; (cpu) < shim_cpus; (cpu)++)
#define cpu_to_node(cpu) ((void)(cpu), 0)

#endif
