/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Probes on tracepoints and kernel functions, found by name at run time. One
 * that is missing on a kernel is reported, not fatal: what it would have told
 * is unknown then, and its user says what is degraded.
 *
 * Functions are watched by ftrace, not by kprobes: of those only one runs on a
 * CPU, so the end of a socket that an interrupt destroys while another probe
 * runs would be missed. A probe runs in the context of who calls, whatever that is,
 * and one may interrupt another.
 */
#ifndef _SALLYPORT_PROBE_H
#define _SALLYPORT_PROBE_H

#include <linux/ftrace.h>
#include <linux/tracepoint.h>

#include "compat.h"

struct sp_probe {
	const char *tracepoint;	/* its name, or NULL: a function */
	void *function;		/* the tracepoint's probe, of its signature */
	struct tracepoint *found;
	const char *symbol;	/* the function's name */
	struct ftrace_ops ops;	/* .func, made with SP_PROBE_FUNCTION */
	bool armed;
};

/* A probe on a function; sp_probe_argument(regs, N) in it is its Nth argument. */
#define SP_PROBE_FUNCTION(name, regs)					\
	name(unsigned long address, unsigned long caller,		\
	     struct ftrace_ops *ops, struct ftrace_regs *regs)

/* How many of them could not be armed. */
u32 sp_probes_arm(struct sp_probe *probes, u32 count);
/* No probe runs any more when this returns. */
void sp_probes_disarm(struct sp_probe *probes, u32 count);

#endif
