/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring. The sender writes fd only when it finds the ring empty, or what was put
 * quietly in it, so a busy receiver costs it no system call. Head and tail are sequentially consistent:
 * either the sender sees that the receiver took the last item, and pokes, or
 * the receiver, looking again after it reset fd, sees the new one. Where items lie
 * changes only while there is none: the receiver, who has seen the next head, sees that too.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "mailbox.h"

int sp_mailbox_init(struct sp_mailbox *mailbox, size_t item_size, size_t capacity)
{
	mailbox->item_size = item_size;
	mailbox->capacity = capacity;
	atomic_init(&mailbox->head, 0);
	atomic_init(&mailbox->tail, 0);
	atomic_init(&mailbox->first, 0);
	mailbox->quiet = 0;
	mailbox->items = NULL;
	mailbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (mailbox->fd < 0)
		return errno;
	mailbox->items = calloc(capacity, item_size);
	if (mailbox->items)
		return 0;
	close(mailbox->fd);
	mailbox->fd = -1;
	return ENOMEM;
}

void sp_mailbox_clear(struct sp_mailbox *mailbox)
{
	if (!mailbox->items)
		return;
	close(mailbox->fd);
	free(mailbox->items);
	mailbox->items = NULL;
	mailbox->fd = -1;
}

static void *slot(const struct sp_mailbox *mailbox, size_t index)
{
	size_t place = (index - atomic_load(&mailbox->first)) % mailbox->capacity;

	return mailbox->items + place * mailbox->item_size;
}

size_t sp_mailbox_free(const struct sp_mailbox *mailbox)
{
	return mailbox->capacity -
	       (atomic_load(&mailbox->head) - atomic_load(&mailbox->tail));
}

/* The counter cannot overflow: each poke adds one. */
void sp_mailbox_poke(const struct sp_mailbox *mailbox)
{
	uint64_t one = 1;

	while (write(mailbox->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void reset(const struct sp_mailbox *mailbox)
{
	uint64_t count;

	while (read(mailbox->fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

bool sp_mailbox_put_quietly(struct sp_mailbox *mailbox, const void *item, size_t spare)
{
	size_t head = atomic_load_explicit(&mailbox->head, memory_order_relaxed);

	if (sp_mailbox_free(mailbox) <= spare)
		return false;
	if (atomic_load(&mailbox->tail) == head)
		atomic_store(&mailbox->first, head);
	memcpy(slot(mailbox, head), item, mailbox->item_size);
	atomic_store(&mailbox->head, head + 1);
	mailbox->quiet++;
	return true;
}

bool sp_mailbox_put(struct sp_mailbox *mailbox, const void *item, size_t spare)
{
	size_t before = mailbox->quiet;
	size_t head = atomic_load_explicit(&mailbox->head, memory_order_relaxed);

	if (!sp_mailbox_put_quietly(mailbox, item, spare))
		return false;
	mailbox->quiet = before;
	if (before || atomic_load(&mailbox->tail) == head) {
		mailbox->quiet = 0;
		sp_mailbox_poke(mailbox);
	}
	return true;
}

size_t sp_mailbox_quiet(const struct sp_mailbox *mailbox)
{
	return mailbox->quiet;
}

void sp_mailbox_rouse(struct sp_mailbox *mailbox)
{
	if (!mailbox->quiet)
		return;
	mailbox->quiet = 0;
	sp_mailbox_poke(mailbox);
}

static bool empty(const struct sp_mailbox *mailbox, size_t tail)
{
	return atomic_load(&mailbox->head) == tail;
}

bool sp_mailbox_take(struct sp_mailbox *mailbox, void *item)
{
	size_t tail = atomic_load_explicit(&mailbox->tail, memory_order_relaxed);

	if (empty(mailbox, tail)) {
		reset(mailbox);
		if (empty(mailbox, tail))
			return false;
		sp_mailbox_poke(mailbox);	/* it may have been for this one */
	}
	memcpy(item, slot(mailbox, tail), mailbox->item_size);
	atomic_store(&mailbox->tail, tail + 1);
	return true;
}
