/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queues: one socket has bound all the fast ones, another the waiting queue,
 * so that a flood of new flows cannot push out what waits for people.
 */
#pragma once

#include "netlink.h"
#include "queued.h"
#include "verdict.h"

struct sp_queues {
	struct sp_netlink fast, waiting;
	struct sp_batch batch;
};

typedef void (*sp_queue_fn)(void *arg, const struct sp_queued *packet);

/* An errno; *@number is the queue that could not be had. EPERM: it is taken. */
int sp_queues_open(struct sp_queues *queues, const struct sp_verdict_config *config,
		   uint16_t *number);
void sp_queues_close(struct sp_queues *queues);

/* One batch of packets; false: the socket is broken. */
bool sp_queues_receive(struct sp_queues *queues, bool waiting, sp_queue_fn fn, void *arg);
/* For struct sp_release. */
void sp_queues_send(void *queues, bool waiting, const void *data, size_t size);
