/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See peers.h. A peer's listeners are an array that may change while they are
 * told: each is taken out before it is called. When the connection goes, the
 * peer leaves the table at once, so that nobody finds it again (unique names
 * are never used twice), and stays until the last holder releases it.
 */
#include "peers.h"

#include <string.h>

enum event { KNOWN, GONE };

struct listener {
	enum event event;
	sp_peer_event call;
	void *data;
};

struct sp_peer {
	struct sp_peers *peers;		/* NULL: they are all gone */
	char *name;
	guint32 uid;
	gboolean known, gone;
	guint holds, calls;
	guint guard;		/* seconds; 0: none */
	guint watch;
	GCancellable *cancel;
	GArray *listeners;		/* struct listener */
};

struct sp_peers {
	GDBusConnection *connection;
	GHashTable *by_name;		/* name → struct sp_peer, not held */
	GHashTable *calls[SP_CHARGES];	/* uid → number of calls under way */
	gboolean closed;
};

struct sp_peers *sp_peers_new(GDBusConnection *connection)
{
	struct sp_peers *peers = g_new0(struct sp_peers, 1);

	peers->connection = g_object_ref(connection);
	peers->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	for (int i = 0; i < SP_CHARGES; i++)
		peers->calls[i] = g_hash_table_new(NULL, NULL);
	return peers;
}

static void tell(struct sp_peer *peer, enum event event)
{
	guint i = 0;

	peer->holds++;
	while (i < peer->listeners->len) {
		struct listener l = g_array_index(peer->listeners, struct listener, i);

		if (l.event != event) {
			i++;
			continue;
		}
		g_array_remove_index(peer->listeners, i);
		l.call(peer, l.data);
		i = 0;
	}
	sp_peer_release(peer);
}

static void stop_watching(struct sp_peer *peer)
{
	if (peer->watch)
		g_bus_unwatch_name(peer->watch);
	peer->watch = 0;
	g_cancellable_cancel(peer->cancel);
}

static void go(struct sp_peer *peer)
{
	if (peer->gone)
		return;
	peer->gone = TRUE;
	stop_watching(peer);
	if (peer->peers)
		g_hash_table_remove(peer->peers->by_name, peer->name);
	tell(peer, GONE);
}

void sp_peers_free(struct sp_peers *peers)
{
	GList *all;

	if (!peers)
		return;
	all = g_hash_table_get_values(peers->by_name);
	for (GList *l = all; l; l = l->next)
		((struct sp_peer *)l->data)->holds++;
	for (GList *l = all; l; l = l->next)
		go(l->data);
	for (GList *l = all; l; l = l->next) {
		((struct sp_peer *)l->data)->peers = NULL;
		sp_peer_release(l->data);
	}
	g_list_free(all);
	g_hash_table_unref(peers->by_name);
	for (int i = 0; i < SP_CHARGES; i++)
		g_hash_table_unref(peers->calls[i]);
	g_object_unref(peers->connection);
	g_free(peers);
}

static void on_vanished(GDBusConnection *connection, const char *name, void *data)
{
	go(data);
}

static void on_uid(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = NULL;
	struct sp_peer *peer = data;

	reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
	if (!reply && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;		/* the peer may not be there any more */
	if (!reply) {
		go(peer);
		return;
	}
	g_variant_get(reply, "(u)", &peer->uid);
	peer->known = TRUE;
	tell(peer, KNOWN);
}

static struct sp_peer *peer_new(struct sp_peers *peers, const char *name)
{
	struct sp_peer *peer = g_new0(struct sp_peer, 1);

	peer->peers = peers;
	peer->name = g_strdup(name);
	peer->cancel = g_cancellable_new();
	peer->listeners = g_array_new(FALSE, FALSE, sizeof(struct listener));
	g_hash_table_insert(peers->by_name, peer->name, peer);
	peer->watch = g_bus_watch_name_on_connection(peers->connection, name,
						     G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
						     on_vanished, peer, NULL);
	g_dbus_connection_call(peers->connection, "org.freedesktop.DBus",
			       "/org/freedesktop/DBus", "org.freedesktop.DBus",
			       "GetConnectionUnixUser", g_variant_new("(s)", name),
			       G_VARIANT_TYPE("(u)"), G_DBUS_CALL_FLAGS_NONE, -1,
			       peer->cancel, on_uid, peer);
	return peer;
}

void sp_peers_close(struct sp_peers *peers)
{
	peers->closed = TRUE;
}

struct sp_peer *sp_peers_hold(struct sp_peers *peers, const char *name)
{
	struct sp_peer *peer = g_hash_table_lookup(peers->by_name, name);

	if (!peer)
		peer = peer_new(peers, name);
	peer->holds++;
	return peer;
}

struct sp_peer *sp_peer_hold(struct sp_peer *peer)
{
	peer->holds++;
	return peer;
}

void sp_peer_release(struct sp_peer *peer)
{
	g_assert(peer->holds);
	if (--peer->holds)
		return;
	g_assert(!peer->calls);
	stop_watching(peer);
	if (peer->peers && !peer->gone)
		g_hash_table_remove(peer->peers->by_name, peer->name);
	g_object_unref(peer->cancel);
	g_array_unref(peer->listeners);
	g_free(peer->name);
	g_free(peer);
}

const char *sp_peer_name(const struct sp_peer *peer)
{
	return peer->name;
}

gboolean sp_peer_is_gone(const struct sp_peer *peer)
{
	return peer->gone;
}

gboolean sp_peer_is_closed(const struct sp_peer *peer)
{
	return !peer->peers || peer->peers->closed;
}

guint32 sp_peer_uid(const struct sp_peer *peer)
{
	g_assert(peer->known);
	return peer->uid;
}

static void listen(struct sp_peer *peer, enum event event, sp_peer_event call, void *data)
{
	struct listener listener = { event, call, data };

	g_array_append_val(peer->listeners, listener);
}

void sp_peer_when_known(struct sp_peer *peer, sp_peer_event known, void *data)
{
	if (peer->known)
		known(peer, data);
	else
		listen(peer, KNOWN, known, data);
}

void sp_peer_when_gone(struct sp_peer *peer, sp_peer_event gone, void *data)
{
	listen(peer, GONE, gone, data);
}

void sp_peer_forget(struct sp_peer *peer, void *data)
{
	for (guint i = peer->listeners->len; i; i--)
		if (g_array_index(peer->listeners, struct listener, i - 1).data == data)
			g_array_remove_index(peer->listeners, i - 1);
}

static guint calls_of_user(struct sp_peer *peer, enum sp_charge charge, int change)
{
	void *key = GUINT_TO_POINTER(peer->uid);
	GHashTable *all;
	guint calls;

	if (!peer->peers)
		return 0;
	all = peer->peers->calls[charge];
	calls = GPOINTER_TO_UINT(g_hash_table_lookup(all, key)) + change;
	if (calls)
		g_hash_table_insert(all, key, GUINT_TO_POINTER(calls));
	else
		g_hash_table_remove(all, key);
	return calls;
}

static void on_guarded_gone(struct sp_peer *peer, void *data)
{
	sp_peer_release(peer);
}

void sp_peer_set_guard(struct sp_peer *peer, guint seconds)
{
	gboolean held = peer->guard != 0;

	if (peer->gone)
		return;
	peer->guard = seconds;
	if (seconds && !held) {
		sp_peer_when_gone(sp_peer_hold(peer), on_guarded_gone, &peer->guard);
	} else if (!seconds && held) {
		sp_peer_forget(peer, &peer->guard);
		sp_peer_release(peer);
	}
}

guint sp_peer_guard(const struct sp_peer *peer)
{
	return peer->guard;
}

gboolean sp_peer_charge(struct sp_peer *peer, guint most)
{
	if (peer->calls >= most)
		return FALSE;
	peer->calls++;
	return TRUE;
}

void sp_peer_discharge(struct sp_peer *peer)
{
	g_assert(peer->calls);
	peer->calls--;
}

gboolean sp_peer_charge_user(struct sp_peer *peer, enum sp_charge charge, guint most)
{
	if (calls_of_user(peer, charge, 0) >= most)
		return FALSE;
	calls_of_user(peer, charge, 1);
	return TRUE;
}

void sp_peer_discharge_user(struct sp_peer *peer, enum sp_charge charge)
{
	calls_of_user(peer, charge, -1);
}
