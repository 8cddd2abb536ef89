/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Probes on tracepoints and kernel functions, found by name at run time. One
 * that is missing on a kernel is reported, not fatal: what it would have told
 * is unknown then, and its user says what is degraded.
 */
#ifndef _SALLYPORT_PROBE_H
#define _SALLYPORT_PROBE_H

#include <linux/kprobes.h>
#include <linux/tracepoint.h>

struct sp_probe {
	const char *tracepoint;	/* its name, or NULL: a kprobe */
	void *function;		/* the tracepoint's probe, of its signature */
	struct kprobe kprobe;	/* .symbol_name and .pre_handler */
	struct tracepoint *found;
	bool armed;
};

/* How many of them could not be armed. */
u32 sp_probes_arm(struct sp_probe *probes, u32 count);
/* No probe runs any more when this returns. */
void sp_probes_disarm(struct sp_probe *probes, u32 count);

#endif
