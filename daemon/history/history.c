/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See history.h. */
#include "history.h"

#include <string.h>
#include "flow_text.h"
#include "stat_names.h"

struct sp_history {
	struct sp_record *ring;
	guint64 next;		/* serials count from 1 */
	void (*added)(void *data);
	void *data;
};

struct sp_history *sp_history_new(void)
{
	struct sp_history *history = g_new0(struct sp_history, 1);

	history->ring = g_new0(struct sp_record, SP_HISTORY_MAX);
	history->next = 1;
	return history;
}

void sp_history_free(struct sp_history *history)
{
	if (!history)
		return;
	g_free(history->ring);
	g_free(history);
}

void sp_history_listen(struct sp_history *history, void (*added)(void *data), void *data)
{
	history->added = added;
	history->data = data;
}

void sp_history_add(struct sp_history *history, const struct sp_record *record)
{
	history->ring[history->next++ % SP_HISTORY_MAX] = *record;
	if (history->added)
		history->added(history->data);
}

guint64 sp_history_next(const struct sp_history *history)
{
	return history->next;
}

guint64 sp_history_first(const struct sp_history *history)
{
	return history->next > SP_HISTORY_MAX ? history->next - SP_HISTORY_MAX : 1;
}

const struct sp_record *sp_history_get(const struct sp_history *history, guint64 serial)
{
	g_assert(serial >= sp_history_first(history) && serial < history->next);
	return &history->ring[serial % SP_HISTORY_MAX];
}

void sp_history_forget(struct sp_history *history, guint32 uid)
{
	for (guint i = 0; i < SP_HISTORY_MAX; i++)
		if (uid == SP_ANY_USER || history->ring[i].flow.uid == uid)
			memset(&history->ring[i], 0, sizeof(history->ring[i]));
}

gboolean sp_history_may(const struct sp_record *record, guint32 reader)
{
	return record->time && (reader == SP_ANY_USER || record->flow.uid == reader);
}

static const char *event_text(enum sp_record_event event)
{
	static const char *const texts[] = {
		[SP_RECORD_DECIDED] = "decided", [SP_RECORD_ASKED] = "asked",
		[SP_RECORD_ANSWERED] = "answered", [SP_RECORD_EXPIRED] = "expired",
		[SP_RECORD_REFUSED] = "refused", [SP_RECORD_ENDED] = "ended",
	};

	return (guint)event < G_N_ELEMENTS(texts) ? texts[event] : "";
}

static const char *by_text(enum sp_record_by by)
{
	static const char *const texts[] = {
		[SP_BY_RULE] = "rule", [SP_BY_DEFAULT] = "default", [SP_BY_ANSWER] = "answer",
		[SP_BY_DEADLINE] = "deadline", [SP_BY_NOBODY] = "nobody",
		[SP_BY_KERNEL] = "kernel", [SP_BY_LIMIT] = "limit",
		[SP_BY_LEARNING] = "learning",
	};

	return (guint)by < G_N_ELEMENTS(texts) ? texts[by] : "";
}

static void add(GVariantBuilder *builder, const char *key, GVariant *value)
{
	g_variant_builder_add(builder, "{sv}", key, value);
}

static const char *reason_text(const struct sp_record *record)
{
	const char *name = NULL;

	if (record->event == SP_RECORD_REFUSED && record->reason &&
	    (record->by == SP_BY_KERNEL || record->by == SP_BY_LIMIT))
		name = sp_stat_name(record->reason);
	return name ? name : "";
}

GVariant *sp_history_describe(const struct sp_record *record, guint64 serial)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
	add(&builder, "serial", g_variant_new_uint64(serial));
	add(&builder, "time", g_variant_new_int64(record->time / 1000));
	add(&builder, "event", g_variant_new_string(event_text(record->event)));
	add(&builder, "action", g_variant_new_string(sp_action_text(record->action)));
	add(&builder, "rule", g_variant_new_uint64(record->rule));
	add(&builder, "by", g_variant_new_string(by_text(record->by)));
	add(&builder, "reason", g_variant_new_string(reason_text(record)));
	sp_describe_text(&builder, "program", record->path,
			 strnlen(record->path, sizeof(record->path)));
	sp_flow_describe(&builder, &record->flow);
	sp_host_describe(&builder, &record->host);
	add(&builder, "flows", g_variant_new_uint32(record->flows));
	add(&builder, "bytes-out", g_variant_new_uint64(record->bytes[0]));
	add(&builder, "bytes-in", g_variant_new_uint64(record->bytes[1]));
	return g_variant_builder_end(&builder);
}
