/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel module over generic netlink. Three sockets: requests, listings
 * (so that a request can be made for what a listing brings), and what the kernel
 * sends on its own. As long as they are open we are its daemon. What each new flow needs
 * goes by a file.
 */
#pragma once

#include "calls.h"
#include "netlink.h"
#include "verdict.h"

#define SP_REQUEST_MAX	(64 * 1024)	/* bytes of one request */

struct sp_kernel {
	struct sp_netlink request, listing, news;
	int upcalls;			/* SALLYPORT_PROC */
	uint16_t family;
	uint32_t sequence;
	struct sp_kernel_listener listener;
	struct sp_batch batch;		/* for news */
	uint8_t *out, *in, *list_in, *tags;	/* SP_REQUEST_MAX each */
};

/* Sockets and the family. An errno: ENOENT is "no such module". */
int sp_kernel_open(struct sp_kernel *kernel, const struct sp_kernel_listener *listener,
		   uint32_t receive_buffer);
void sp_kernel_close(struct sp_kernel *kernel);

/*
 * The queues must be bound. @observer: the socket that hears of queries; 0: none.
 * EBUSY: there is a daemon; EPROTONOSUPPORT.
 */
int sp_kernel_hello(struct sp_kernel *kernel, const struct sp_verdict_config *config,
		    uint32_t observer, struct sp_hello *hello);
int sp_kernel_configure(struct sp_kernel *kernel,
			const struct sp_verdict_config *config);

/*
 * Queues in another network namespace: a socket there, and whether it has got
 * them: SALLYPORT_NETNS_READY or _REFUSED. Errnos.
 */
int sp_kernel_netns_socket(struct sp_kernel *kernel, uint64_t netns, int *fd);
int sp_kernel_netns_set(struct sp_kernel *kernel, uint64_t netns, uint8_t state);

/* For struct sp_engine; the first argument is the struct sp_kernel. */
extern const struct sp_kernel_calls sp_kernel_calls;
