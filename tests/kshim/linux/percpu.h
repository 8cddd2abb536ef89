/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PERCPU_H
#define SHIM_LINUX_PERCPU_H

#include <linux/cpumask.h>
#include <linux/types.h>

#define DECLARE_PER_CPU(type, name) extern __typeof__(type) name
#define DEFINE_PER_CPU(type, name)					\
	__typeof__(type) name						\
	__attribute__((section("percpu_variables"), aligned(64)))

#define per_cpu_ptr(pointer, cpu)					\
	((__typeof__(pointer))shim_percpu(pointer, cpu))
#define raw_cpu_ptr(pointer) per_cpu_ptr(pointer, shim_cpu)
#define this_cpu_ptr(pointer)						\
	(shim_check_pinned(), per_cpu_ptr(pointer, shim_cpu))
#define this_cpu_inc(variable)						\
	((void)++*per_cpu_ptr(&(variable), shim_cpu))
#define this_cpu_add(variable, value)					\
	((void)(*per_cpu_ptr(&(variable), shim_cpu) += (value)))
#define smp_processor_id() (shim_check_pinned(), shim_cpu)

#endif
