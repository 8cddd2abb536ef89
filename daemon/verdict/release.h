/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Giving packets back. Verdicts are gathered and sent together; nothing stays
 * behind after sp_release_flush(). Of what is to be judged none is passed from here.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "waiting.h"

#define SP_RELEASE_BATCH	64
#define SP_RELEASE_MESSAGE	32	/* bytes of one verdict */

struct sp_release_batch {
	uint16_t place;		/* all are of this one */
	size_t count;
	_Alignas(8) uint8_t bytes[SP_RELEASE_BATCH * SP_RELEASE_MESSAGE];
};

struct sp_release {
	uint16_t queue_wait;
	/* Sends to the socket that bound the place's waiting queue, or the fast ones. */
	void (*send)(void *sockets, uint16_t place, bool waiting, const void *data,
		     size_t size);
	void *sockets;
	/* The queue of what the hook has allowed, and the socket that bound it. */
	uint16_t queue_observe;
	void (*send_observed)(void *observer, const void *data, size_t size);
	void *observer;
	struct sp_release_batch fast, waiting, observed;
};

/* The kernel has an answer for it: let the hook look again. */
void sp_release_repeat(struct sp_release *release, struct sp_held packet);
/* A person must decide: it comes back on the waiting queue. */
void sp_release_wait(struct sp_release *release, struct sp_held packet);
/* Nothing is known about it. */
void sp_release_drop(struct sp_release *release, struct sp_held packet);
/* It is out of the observing queue, so it has been allowed: on it goes. */
void sp_release_observed(struct sp_release *release, struct sp_held packet);
void sp_release_flush(struct sp_release *release);
