/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See open_flows.h. */
#include "open_flows.h"

#include <string.h>
#include "hash.h"

#define FRESH	G_TIME_SPAN_SECOND
#define KEPT	60u	/* seconds */

/* What a flow is known by. One that ended and came again has another @created. */
struct key {
	struct sallyport_flow_ref ref;
	guint64 created;
};

struct waiter {
	sp_flows_ready ready;
	void *data;
};

/* The list and what points into it are made anew together. */
struct sp_flows {
	struct sp_link *link;
	struct sp_flow_list *list;	/* NULL: none */
	struct sp_open_flow *open;
	struct key *keys;		/* as @open */
	GHashTable *numbers;		/* struct key in @keys → struct sp_open_flow */
	gint64 made;			/* µs of the monotonic clock */
	guint64 last;			/* number given last */
	guint drop;			/* timer */
	gboolean asked;			/* a listing is under way */
	GArray *waiters;
};

static guint key_hash(gconstpointer key)
{
	return sp_hash(key, sizeof(struct key));
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
	return !memcmp(a, b, sizeof(struct key));
}

struct sp_flows *sp_flows_new(struct sp_link *link)
{
	struct sp_flows *flows = g_new0(struct sp_flows, 1);

	flows->link = link;
	flows->waiters = g_array_new(FALSE, FALSE, sizeof(struct waiter));
	return flows;
}

static void forget(struct sp_flows *flows)
{
	g_clear_pointer(&flows->numbers, g_hash_table_unref);
	g_clear_pointer(&flows->open, g_free);
	g_clear_pointer(&flows->keys, g_free);
	g_clear_pointer(&flows->list, sp_flow_list_free);
}

void sp_flows_free(struct sp_flows *flows)
{
	if (!flows)
		return;
	g_assert(!flows->waiters->len && !flows->asked);
	if (flows->drop)
		g_source_remove(flows->drop);
	forget(flows);
	g_array_unref(flows->waiters);
	g_free(flows);
}

static int by_number(const void *a, const void *b)
{
	guint64 x = ((const struct sp_open_flow *)a)->number;
	guint64 y = ((const struct sp_open_flow *)b)->number;

	return (x > y) - (x < y);
}

static void key_of(const struct sp_listed_flow *listed, struct key *key)
{
	sp_flow_ref_of(&listed->flow, &key->ref);
	key->created = listed->counts.created;
}

/* Old flows keep their numbers, by @old; new ones get the next. */
static struct sp_open_flow *number(struct sp_flows *flows, const struct sp_flow_list *list,
				   GHashTable *old)
{
	struct sp_open_flow *open = g_new(struct sp_open_flow, list->count);

	for (gsize i = 0; i < list->count; i++) {
		const struct sp_open_flow *known;
		struct key key;

		key_of(&list->flows[i], &key);
		known = old ? g_hash_table_lookup(old, &key) : NULL;
		open[i].listed = &list->flows[i];
		open[i].number = known ? known->number : ++flows->last;
	}
	if (list->count)
		qsort(open, list->count, sizeof(*open), by_number);
	return open;
}

/* Takes @list. */
static void adopt(struct sp_flows *flows, struct sp_flow_list *list)
{
	struct sp_open_flow *open = number(flows, list, flows->numbers);

	forget(flows);
	flows->list = list;
	flows->open = open;
	flows->keys = g_new(struct key, list->count);
	flows->numbers = g_hash_table_new(key_hash, key_equal);
	flows->made = g_get_monotonic_time();
	for (gsize i = 0; i < list->count; i++) {
		key_of(open[i].listed, &flows->keys[i]);
		g_hash_table_insert(flows->numbers, &flows->keys[i], &open[i]);
	}
}

static gboolean on_old(void *data)
{
	struct sp_flows *flows = data;

	flows->drop = 0;
	forget(flows);
	return G_SOURCE_REMOVE;
}

static void keep(struct sp_flows *flows)
{
	if (flows->drop)
		g_source_remove(flows->drop);
	flows->drop = g_timeout_add_seconds(KEPT, on_old, flows);
}

/* Takes @list. Whoever is told may ask again at once. */
static void on_listed(struct sp_flow_list *list, void *data)
{
	struct sp_flows *flows = data;
	g_autoptr(GArray) waiters = flows->waiters;
	gboolean good = list != NULL;

	flows->waiters = g_array_new(FALSE, FALSE, sizeof(struct waiter));
	flows->asked = FALSE;
	if (good)
		adopt(flows, list);
	for (guint i = 0; i < waiters->len; i++) {
		const struct waiter *waiter = &g_array_index(waiters, struct waiter, i);

		waiter->ready(flows, good, waiter->data);
	}
}

void sp_flows_refresh(struct sp_flows *flows, sp_flows_ready ready, void *data)
{
	struct waiter waiter = { ready, data };

	keep(flows);
	if (flows->list && g_get_monotonic_time() - flows->made < FRESH) {
		ready(flows, TRUE, data);
		return;
	}
	g_array_append_val(flows->waiters, waiter);
	if (flows->asked)
		return;
	flows->asked = TRUE;
	sp_link_flows(flows->link, on_listed, flows);
}

const struct sp_open_flow *sp_flows_get(const struct sp_flows *flows, gsize *count)
{
	*count = flows->list ? flows->list->count : 0;
	return flows->open;
}

const struct sp_open_flow *sp_flows_find(const struct sp_flows *flows, guint64 number)
{
	struct sp_open_flow wanted = { .number = number };

	if (!flows->list || !flows->list->count)
		return NULL;
	return bsearch(&wanted, flows->open, flows->list->count, sizeof(wanted), by_number);
}

gint64 sp_flows_time(const struct sp_flows *flows)
{
	return flows->list->real;
}

gint64 sp_flows_real(const struct sp_flows *flows, guint64 boot)
{
	return boot ? flows->list->real - (flows->list->boot - (gint64)boot) : 0;
}
