/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See watch.h. A watcher is a place in the history's ring, so it costs the
 * same however slow it is. The timer runs only while somebody is behind.
 */
#include "watch.h"

#include "errors.h"

#define INTERVAL_MS	200

struct watcher {
	struct sp_watch *watch;
	GDBusConnection *connection;
	struct sp_peer *peer;
	guint32 uid;
	gboolean all;
	guint64 next;
};

struct sp_watch {
	struct sp_history *history;
	GPtrArray *watchers;
	guint timer;
};

static void watcher_free(struct watcher *watcher)
{
	sp_peer_forget(watcher->peer, watcher);
	sp_peer_release(watcher->peer);
	g_object_unref(watcher->connection);
	g_free(watcher);
}

static void send(struct watcher *watcher, GVariantBuilder *records, guint64 lost)
{
	g_dbus_connection_emit_signal(watcher->connection, sp_peer_name(watcher->peer),
				      "/org/sallyport/Firewall1",
				      "org.sallyport.Firewall1.History", "Records",
				      g_variant_new("(aa{sv}u)", records,
						    (guint32)MIN(lost, G_MAXUINT32)), NULL);
}

/* TRUE: there is more to send. */
static gboolean flush(struct watcher *watcher)
{
	struct sp_history *history = watcher->watch->history;
	guint32 reader = watcher->all ? SP_ANY_USER : watcher->uid;
	guint64 first = sp_history_first(history), lost = 0;
	GVariantBuilder records;
	guint count = 0;

	if (watcher->next < first) {
		lost = first - watcher->next;
		watcher->next = first;
	}
	g_variant_builder_init(&records, G_VARIANT_TYPE("aa{sv}"));
	for (; watcher->next < sp_history_next(history) && count < SP_WATCH_BATCH;
	     watcher->next++) {
		const struct sp_record *record = sp_history_get(history, watcher->next);

		if (!sp_history_may(record, reader))
			continue;
		g_variant_builder_add_value(&records, sp_history_describe(record, watcher->next));
		count++;
	}
	if (count || lost)
		send(watcher, &records, lost);
	else
		g_variant_builder_clear(&records);
	return watcher->next < sp_history_next(history);
}

static gboolean on_timer(void *data)
{
	struct sp_watch *watch = data;
	gboolean more = FALSE;

	for (guint i = 0; i < watch->watchers->len; i++)
		more |= flush(watch->watchers->pdata[i]);
	if (more)
		return G_SOURCE_CONTINUE;
	watch->timer = 0;
	return G_SOURCE_REMOVE;
}

static void on_added(void *data)
{
	struct sp_watch *watch = data;

	if (!watch->timer && watch->watchers->len)
		watch->timer = g_timeout_add(INTERVAL_MS, on_timer, watch);
}

static struct watcher *find(const struct sp_watch *watch, const struct sp_peer *peer)
{
	for (guint i = 0; i < watch->watchers->len; i++) {
		struct watcher *watcher = watch->watchers->pdata[i];

		if (watcher->peer == peer)
			return watcher;
	}
	return NULL;
}

static void on_gone(struct sp_peer *peer, void *data)
{
	sp_watch_remove(((struct watcher *)data)->watch, peer);
}

static gboolean has_room(const struct sp_watch *watch, guint32 uid)
{
	guint count = 0;

	for (guint i = 0; i < watch->watchers->len; i++)
		count += ((struct watcher *)watch->watchers->pdata[i])->uid == uid;
	return count < SP_WATCHERS_OF_USER && watch->watchers->len < SP_WATCHERS_MAX;
}

gboolean sp_watch_add(struct sp_watch *watch, GDBusConnection *connection,
		      struct sp_peer *peer, gboolean all, GError **error)
{
	struct watcher *watcher = find(watch, peer);

	if (watcher) {
		watcher->all = all;
		return TRUE;
	}
	if (!has_room(watch, sp_peer_uid(peer))) {
		g_set_error(error, SP_ERROR, SP_ERROR_LIMIT, "too many are watching");
		return FALSE;
	}
	watcher = g_new0(struct watcher, 1);
	watcher->watch = watch;
	watcher->connection = g_object_ref(connection);
	watcher->peer = sp_peer_hold(peer);
	watcher->uid = sp_peer_uid(peer);
	watcher->all = all;
	watcher->next = sp_history_next(watch->history);
	g_ptr_array_add(watch->watchers, watcher);
	sp_peer_when_gone(peer, on_gone, watcher);
	return TRUE;
}

void sp_watch_remove(struct sp_watch *watch, const struct sp_peer *peer)
{
	struct watcher *watcher = find(watch, peer);

	if (!watcher)
		return;
	g_ptr_array_remove(watch->watchers, watcher);
	watcher_free(watcher);
}

struct sp_watch *sp_watch_new(struct sp_history *history)
{
	struct sp_watch *watch = g_new0(struct sp_watch, 1);

	watch->history = history;
	watch->watchers = g_ptr_array_new();
	sp_history_listen(history, on_added, watch);
	return watch;
}

void sp_watch_free(struct sp_watch *watch)
{
	if (!watch)
		return;
	sp_history_listen(watch->history, NULL, NULL);
	while (watch->watchers->len) {
		struct watcher *watcher = watch->watchers->pdata[0];

		g_ptr_array_remove_index(watch->watchers, 0);
		watcher_free(watcher);
	}
	g_clear_handle_id(&watch->timer, g_source_remove);
	g_ptr_array_unref(watch->watchers);
	g_free(watch);
}
