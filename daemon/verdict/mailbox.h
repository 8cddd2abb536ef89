/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bounded ring of equal items from one thread to one other, with an eventfd
 * that is readable as long as items wait. Never blocks: what does not fit is
 * refused. What can wait a little is put quietly, so that a busy sender does not wake
 * the receiver for each. Whenever it is empty it begins anew, so that of its room
 * only as much is touched as once waited.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sp_mailbox {
	int fd;
	size_t item_size;
	size_t capacity;
	uint8_t *items;
	/* Counted up for ever; each on a line of its own, each with one writer. */
	_Alignas(64) atomic_size_t head;	/* put; the sender's */
	atomic_size_t first;		/* head when it was empty: that one lies first; likewise */
	size_t quiet;			/* put since fd was written; likewise */
	_Alignas(64) atomic_size_t tail;	/* taken; the receiver's */
};

/* An errno, or 0. */
int sp_mailbox_init(struct sp_mailbox *mailbox, size_t item_size, size_t capacity);
void sp_mailbox_clear(struct sp_mailbox *mailbox);

/* Sender: copies @item unless no more than @spare places are free. */
bool sp_mailbox_put(struct sp_mailbox *mailbox, const void *item, size_t spare);
/* The same, but nobody is woken before the next put, or sp_mailbox_rouse(). */
bool sp_mailbox_put_quietly(struct sp_mailbox *mailbox, const void *item, size_t spare);
size_t sp_mailbox_quiet(const struct sp_mailbox *mailbox);
/* Wakes the receiver if anything was put quietly. */
void sp_mailbox_rouse(struct sp_mailbox *mailbox);
size_t sp_mailbox_free(const struct sp_mailbox *mailbox);
/* Anyone: makes fd readable once though nothing is there. */
void sp_mailbox_poke(const struct sp_mailbox *mailbox);

/* Receiver: false when empty; only then does fd stop being readable. */
bool sp_mailbox_take(struct sp_mailbox *mailbox, void *item);
