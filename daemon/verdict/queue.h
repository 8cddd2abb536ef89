/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queues of one network namespace: one socket has bound all the fast ones,
 * another the waiting queue, so that a flood of new flows cannot push out what
 * waits for people. The thread has an array of them; the index is a packet's
 * place, and the first is the initial namespace's.
 */
#pragma once

#include "netlink.h"
#include "queued.h"
#include "verdict.h"

#define SP_QUEUES_SOCKETS	2	/* of each namespace */
#define SP_QUEUES_BATCH		32
#define SP_QUEUES_MESSAGE	1024	/* bytes of one packet with its attributes */

struct sp_queues {
	uint64_t netns;			/* as the kernel numbers them */
	struct sp_netlink fast, waiting;	/* fd -1: none */
};

typedef void (*sp_queue_fn)(void *arg, const struct sp_queued *packet);

/* An errno; *@number is the queue that could not be had. EPERM: it is taken. */
int sp_queues_open(struct sp_queues *queues, const struct sp_verdict_config *config,
		   uint16_t *number);
/* With sockets of another namespace, which are taken over whatever happens. */
int sp_queues_adopt(struct sp_queues *queues, const int fds[SP_QUEUES_SOCKETS],
		    const struct sp_verdict_config *config);
void sp_queues_close(struct sp_queues *queues);
/* Nothing is open there. */
void sp_queues_reset(struct sp_queues *queues);
bool sp_queues_are_open(const struct sp_queues *queues);

struct sp_queue_setting {
	uint32_t length;	/* packets */
	uint32_t copy;		/* bytes of each that are told */
	bool fail_open;		/* what finds no room passes */
};

/* One queue for the socket. An errno. */
int sp_queue_bind(const struct sp_netlink *netlink, uint16_t number,
		  const struct sp_queue_setting *setting, uint32_t receive_buffer);

/* One batch of packets of this @place; false: the socket is broken. */
bool sp_queues_receive(const struct sp_queues *queues, uint16_t place, bool waiting,
		       struct sp_batch *batch, sp_queue_fn fn, void *arg);
/* Zero where they can't be told. */
void sp_queues_losses(const struct sp_queues *queues, struct sp_queue_losses *losses);

/* For struct sp_release: @queues is the array. */
void sp_queues_send(void *queues, uint16_t place, bool waiting, const void *data,
		    size_t size);
