/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two sockets that DNS comes by: queries that the kernel tells, and the queue
 * of replies. The hook has allowed these before, so they are accepted: also where
 * this queue is full, or nobody is there.
 */
#pragma once

#include <stdint.h>
#include "netlink.h"

struct sp_engine;

struct sp_observe {
	uint16_t queue;
	struct sp_netlink queries, replies;	/* fd -1: none */
	struct sp_batch asked, answered;	/* for either */
};

/* An errno. EPERM: the queue is taken. */
int sp_observe_open(struct sp_observe *observe, uint16_t queue, uint32_t receive_buffer);
void sp_observe_close(struct sp_observe *observe);

/* All that is there. */
void sp_observe_queries(struct sp_observe *observe, struct sp_engine *engine);
/* A batch: names are noted, what hangs on them is decided again, all go on. */
void sp_observe_replies(struct sp_observe *observe, struct sp_engine *engine);

/* For struct sp_release. */
void sp_observe_send(void *observe, const void *data, size_t size);
