/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See past.h. The history is bounded, so going through it is, too. */
#include "past.h"

#include <arpa/inet.h>
#include <string.h>

/* The records of decisions: one a flow, whoever decided. */
static gboolean is_decision(const struct sp_record *record)
{
	switch (record->event) {
	case SP_RECORD_DECIDED:
	case SP_RECORD_ANSWERED:
		return TRUE;
	case SP_RECORD_REFUSED:
		return record->by == SP_BY_RULE || record->by == SP_BY_DEFAULT;
	default:
		return FALSE;
	}
}

/* Nearly all look a name up first: that is no place they have been to. */
static gboolean is_look_up(const struct sp_record *record)
{
	return record->action == SP_ALLOW && record->flow.direction == SALLYPORT_OUT &&
	       ntohs(record->flow.remote_port) == 53;
}

static gboolean is_of(const struct sp_record *record, const struct sp_waiting *waiting)
{
	return record->flow.uid == waiting->flow.uid && !strcmp(record->path, waiting->path);
}

static guint address_hash(const void *address)
{
	guint32 words[4];

	memcpy(words, address, sizeof(words));
	return words[0] ^ words[1] ^ words[2] ^ words[3];
}

static gboolean address_equal(const void *a, const void *b)
{
	return !memcmp(a, b, 16);
}

void sp_past_of(const struct sp_history *history, const struct sp_waiting *waiting,
		struct sp_past *past)
{
	g_autoptr(GHashTable) hosts = g_hash_table_new(address_hash, address_equal);

	memset(past, 0, sizeof(*past));
	past->known = waiting->path_length && waiting->path_length < sizeof(((struct sp_record *)0)->path);
	if (!past->known)	/* in records long paths are cut */
		return;
	for (guint64 i = sp_history_first(history); i < sp_history_next(history); i++) {
		const struct sp_record *record = sp_history_get(history, i);

		if (!is_decision(record) || !is_of(record, waiting) || is_look_up(record))
			continue;
		if (record->action == SP_ALLOW) {
			past->allowed++;
			g_hash_table_add(hosts, (void *)record->flow.remote);
		} else if (record->action != SP_ASK) {
			past->denied++;
		}
	}
	past->hosts = g_hash_table_size(hosts);
}
