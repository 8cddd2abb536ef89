/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records. */
#include <string.h>
#include "record.h"

static const char ellipsis[] = "\xe2\x80\xa6";

static bool is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Cuts between characters where the path is UTF-8, at most 3 bytes earlier. */
static size_t cut_before(const char *path, size_t at)
{
	size_t cut = at;

	while (cut && at - cut < 3 && is_continuation(path[cut]))
		cut--;
	return is_continuation(path[cut]) ? at : cut;
}

static size_t cut_after(const char *path, size_t at, size_t length)
{
	size_t cut = at;

	while (cut < length && cut - at < 3 && is_continuation(path[cut]))
		cut++;
	return cut;
}

void sp_record_path(char *to, size_t size, const char *path, size_t length)
{
	size_t head, tail, room = size - sizeof(ellipsis);

	if (length < size) {
		if (length)
			memcpy(to, path, length);
		to[length] = 0;
		return;
	}
	head = cut_before(path, room / 3);
	tail = cut_after(path, length - (room - room / 3), length);
	memcpy(to, path, head);
	memcpy(to + head, ellipsis, sizeof(ellipsis) - 1);
	memcpy(to + head + sizeof(ellipsis) - 1, path + tail, length - tail);
	to[head + sizeof(ellipsis) - 1 + length - tail] = 0;
}

void sp_record_waiting(struct sp_record *record, const struct sp_waiting *waiting,
		       const struct sp_now *now)
{
	memset(record, 0, sizeof(*record));
	record->time = now->real;
	record->flows = 1;
	record->flow = waiting->flow;
	record->host = waiting->host;
	sp_record_path(record->path, sizeof(record->path), waiting->path,
		       waiting->path_length);
}

static enum sp_record_by by_rule(uint64_t rule)
{
	return rule ? SP_BY_RULE : SP_BY_DEFAULT;
}

/* A refusal by a verdict is the rule's; any other is the kernel's own. */
static enum sp_record_by by_reason(const struct sallyport_event *event)
{
	if (event->reason == SALLYPORT_STAT_DENY || event->reason == SALLYPORT_STAT_DROP)
		return by_rule(event->rule);
	if (event->reason >= SALLYPORT_STAT_LIMIT_IMAGE &&
	    event->reason <= SALLYPORT_STAT_LIMIT_TOTAL)
		return SP_BY_LIMIT;
	return SP_BY_KERNEL;
}

static bool set_kind(struct sp_record *record, const struct sallyport_event *event)
{
	switch (event->kind) {
	case SALLYPORT_EVENT_FLOW:
		record->event = SP_RECORD_DECIDED;
		record->by = by_rule(event->rule);
		return true;
	case SALLYPORT_EVENT_ENDED:
		record->event = SP_RECORD_ENDED;
		record->by = by_rule(event->rule);
		return true;
	case SALLYPORT_EVENT_REFUSED:
		record->event = SP_RECORD_REFUSED;
		record->by = by_reason(event);
		record->reason = event->reason;
		return true;
	}
	return false;	/* EXPIRED is told by who knows the waiting flow */
}

bool sp_record_event(struct sp_record *record, const struct sallyport_event *event,
		     const char *path, const struct sp_now *now)
{
	memset(record, 0, sizeof(*record));
	if (!set_kind(record, event))
		return false;
	record->time = sp_real_time(now, event->time);
	if (event->kind == SALLYPORT_EVENT_ENDED && event->began)
		record->began = sp_real_time(now, event->began);
	record->flows = event->count;
	record->action = (uint8_t)event->action;
	record->rule = event->rule;
	record->bytes[0] = event->bytes[0];
	record->bytes[1] = event->bytes[1];
	record->flow = event->flow;
	if (path)
		sp_record_path(record->path, sizeof(record->path), path, strlen(path));
	return true;
}
