/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers "once": for one process, one remote host and the port of whoever was
 * called, until the last of the flows answered that way ends. They replace a
 * question, never a rule.
 * Forgetting one early only asks again, so the table is small and old ones go.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "sallyport.h"

#define SP_ONCE_MAX	256
#define SP_ONCE_BUCKETS	64
#define SP_ONCE_AGE	(3600ull * 1000000000)	/* without a new flow */

struct sp_once_entry {
	uint64_t process;		/* 0: free */
	uint64_t used;			/* boottime ns */
	uint32_t flows;
	uint32_t uid;
	uint8_t remote[16];
	uint16_t port;			/* remote one outbound, local one inbound */
	uint8_t protocol;
	uint8_t direction;
	uint8_t action;			/* enum sallyport_action */
	LIST_ENTRY(sp_once_entry) by_process;
};

LIST_HEAD(sp_once_bucket, sp_once_entry);

/* Zeroed: empty. Each flow that ends is looked for. */
struct sp_once {
	struct sp_once_entry entries[SP_ONCE_MAX];
	struct sp_once_bucket buckets[SP_ONCE_BUCKETS];
	size_t count;
};

/* A flow was answered so. A flow of an unknown process is not remembered. */
void sp_once_add(struct sp_once *once, const struct sallyport_flow *flow,
		 uint8_t action, uint64_t boot);
/* The action for @flow, or 0. */
uint8_t sp_once_find(struct sp_once *once, const struct sallyport_flow *flow,
		     uint64_t boot);
/*
 * A flow began that was not answered: a connection out of a listener's
 * handshake. It counts if an answer covers it.
 */
void sp_once_inherited(struct sp_once *once, const struct sallyport_flow *flow);
void sp_once_ended(struct sp_once *once, const struct sallyport_flow *flow);

/*
 * Ends may have been missed: the flows that are open are counted anew, each between
 * begin and end. One that is told to have ended after that counts as if it did again,
 * which forgets early.
 */
void sp_once_recount_begin(struct sp_once *once);
void sp_once_recount(struct sp_once *once, const struct sallyport_flow *flow);
void sp_once_recount_end(struct sp_once *once);
