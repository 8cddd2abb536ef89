/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the verdict thread asks of the kernel module, and what it hears from it.
 * kernel.c does it by netlink; tests put a kernel of their own behind it.
 * Each call is carried out when it returns: 0 or a positive errno.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "message.h"

struct sp_kernel_calls {
	int (*push)(void *kernel, const struct sallyport_verdict *verdict,
		    uint64_t epoch, const uint64_t *pending, size_t count);
	int (*resolve)(void *kernel, uint8_t action, uint64_t rule, uint64_t epoch,
		       const uint64_t *pending, size_t count);
	int (*forget)(void *kernel, const struct sallyport_verdict_ref *refs,
		      size_t count);
	int (*set_epoch)(void *kernel, uint64_t epoch);
	/* @stop: TCP connections stay, but nothing of them passes until they are ended. */
	int (*end_flows)(void *kernel, const struct sallyport_flow_ref *refs,
			 size_t count, bool stop);
	int (*image)(void *kernel, uint64_t id, struct sp_image_record *image);
	/* What the process instance executes, by O_PATH. */
	int (*open)(void *kernel, uint64_t process, int *fd);
	int (*process)(void *kernel, uint64_t id, struct sp_chain *chain);
	/* What the thread group @pid is now. */
	int (*process_of)(void *kernel, uint32_t pid, struct sp_chain *chain);
	/* @path: SALLYPORT_PATH_MAX + 1 bytes. */
	int (*cgroup)(void *kernel, uint64_t id, char *path);
	int (*set_mode)(void *kernel, uint8_t mode);
	/*
	 * Replies of DNS are looked at: the kernel does not wait for who hangs. @missed:
	 * when something last passed that no daemon saw, as in struct sp_hello.
	 */
	int (*observed)(void *kernel, uint64_t *missed);
	int (*status)(void *kernel, struct sp_status *status);

	/* Listings; the other calls may be used from @fn. EINTR: begin again. */
	int (*verdicts)(void *kernel,
			void (*fn)(const struct sallyport_verdict *verdict, void *arg),
			void *arg);
	int (*flows)(void *kernel,
		     void (*fn)(const struct sallyport_flow *flow,
				const struct sallyport_counts *counts, void *arg),
		     void *arg);
	int (*waiting)(void *kernel,
		       void (*fn)(const struct sp_tag *tag, void *arg), void *arg);

	/* Each hands on some of what the kernel has told. False: that was all. */
	bool (*read_tags)(void *kernel);	/* which flows began to wait */
	bool (*read_news)(void *kernel);	/* the rest, and to look for those */
};

struct sp_kernel_listener {
	void (*tag)(void *arg, const struct sp_tag *tag);
	void (*event)(void *arg, const struct sallyport_event *event);
	void (*events_lost)(void *arg, uint32_t count);	/* the kernel dropped some */
	/* A namespace wants queues, or has ended: enum sallyport_netns_state. */
	void (*netns)(void *arg, uint64_t netns, uint8_t state);
	void (*overrun)(void *arg);	/* we did */
	void (*unloaded)(void *arg);	/* the module is gone */
	void *arg;
};
