/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See news.h. What there was before is asked for first, once an hour; then what there is
 * since. Where the daemon has too much to tell of either, hosts are left out.
 */
#include "novelty.h"

#include <string.h>

#include "calls.h"

#define HOUR	3600
#define DAY	86400
#define BEFORE	(30 * DAY)	/* the daemon keeps hours for a month */

struct _SpNews {
	SpItems parent;
	SpQuery *before, *today;
	gint64 begin;		/* of today, µs, a whole hour; 0: nobody looked yet */
	gboolean coarse;	/* hosts are not told apart: there are too many */
	GHashTable *known;	/* what was there before, as keys */
};

G_DEFINE_FINAL_TYPE(SpNews, sp_news, SP_TYPE_ITEMS)

static char *program_key(const char *program)
{
	return g_strconcat("program ", program, NULL);
}

static char *host_key(const char *host)
{
	return g_strconcat("host ", host, NULL);
}

static char *port_key(const char *program, const char *protocol, guint port)
{
	return g_strdup_printf("port %u %s %s", port, protocol, program);
}

static void learn(SpNews *self, GVariant *row)
{
	const char *program = sp_dict_string(row, "program");

	g_hash_table_add(self->known, program_key(program));
	g_hash_table_add(self->known, host_key(sp_dict_string(row, "host")));
	if (strcmp(sp_dict_string(row, "direction"), "in") == 0)
		g_hash_table_add(self->known, port_key(program, sp_dict_string(row, "protocol"),
						       (guint)sp_dict_number(row, "port")));
}

static void learn_all(SpNews *self)
{
	g_autoptr(GVariant) rows = g_variant_get_child_value(sp_query_result(self->before), 1);

	g_hash_table_remove_all(self->known);
	for (gsize i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		learn(self, row);
	}
}

/* Takes @key. TRUE: it was not known; from then on it is. */
static gboolean is_new(GHashTable *seen, GHashTable *known, char *key)
{
	gboolean new = !g_hash_table_contains(known, key) && !g_hash_table_contains(seen, key);

	g_hash_table_add(seen, key);
	return new;
}

static void add(GPtrArray *news, enum sp_novelty_kind kind, SpTraffic *traffic)
{
	g_ptr_array_add(news, sp_novelty_new(kind, traffic));
}

/* Several programs may have met a new host: each of them is told. */
static void look_at_place(SpNews *self, GPtrArray *news, GHashTable *seen, SpTraffic *place)
{
	const char *program = sp_traffic_program(place);
	g_autofree char *host = host_key(sp_traffic_host(place));

	if (sp_traffic_is_inbound(place)) {
		if (*program && is_new(seen, self->known,
				       port_key(program, sp_traffic_protocol(place),
						sp_traffic_port(place))))
			add(news, SP_NEW_PORT, place);
	} else if (!self->coarse && *sp_traffic_host(place) &&
		   !g_hash_table_contains(self->known, host)) {
		add(news, SP_NEW_HOST, place);
	}
}

static void look_at_program(SpNews *self, GPtrArray *news, GHashTable *seen, SpTraffic *program)
{
	GPtrArray *places = sp_items_array(program);
	g_autofree char *key = program_key(sp_traffic_program(program));

	if (*sp_traffic_program(program) && !g_hash_table_contains(self->known, key))
		add(news, SP_NEW_PROGRAM, program);
	for (guint i = 0; i < places->len; i++)
		look_at_place(self, news, seen, places->pdata[i]);
}

static int compare(gconstpointer a, gconstpointer b)
{
	return (int)sp_novelty_kind(*(SpNovelty *const *)a) -
	       (int)sp_novelty_kind(*(SpNovelty *const *)b);
}

static void tell(SpNews *self)
{
	g_autoptr(GVariant) rows = g_variant_get_child_value(sp_query_result(self->today), 1);
	g_autoptr(GListStore) programs = sp_traffic_programs(rows);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *news = sp_items_array_new();

	for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(programs)); i++) {
		g_autoptr(SpTraffic) program = g_list_model_get_item(G_LIST_MODEL(programs), i);

		look_at_program(self, news, seen, program);
	}
	g_ptr_array_sort(news, compare);
	sp_items_set(self, news);
}

static GVariant *args(gint64 from, gint64 to, gboolean coarse)
{
	static const char *const all[] = { "program", "direction", "port", "protocol", "host",
					   "action", NULL };
	static const char *const few[] = { "program", "direction", "port", "protocol", "action",
					   NULL };
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	return g_variant_new("(xxu^as@a{sv})", from, to, 0, coarse ? few : all,
			     g_variant_dict_end(&options));
}

static void ask_before(SpNews *self)
{
	sp_query_set_args(self->before, args(self->begin - (gint64)BEFORE * G_USEC_PER_SEC,
					     self->begin, self->coarse), FALSE);
}

static void ask_today(SpNews *self)
{
	sp_query_set_args(self->today, args(self->begin, self->begin + (gint64)2 * DAY * G_USEC_PER_SEC,
					    self->coarse), FALSE);
}

static void on_before(SpNews *self)
{
	if (sp_query_state(self->before) == SP_QUERY_FAILED && !self->coarse) {
		self->coarse = TRUE;	/* more than the daemon tells at once, most likely */
		ask_before(self);
		return;
	}
	if (sp_query_state(self->before) != SP_QUERY_READY)
		return;
	learn_all(self);
	ask_today(self);
}

static void on_today(SpNews *self)
{
	if (sp_query_state(self->today) == SP_QUERY_FAILED && !self->coarse) {
		self->coarse = TRUE;
		ask_today(self);
		return;
	}
	if (sp_query_state(self->before) == SP_QUERY_READY &&
	    sp_query_state(self->today) == SP_QUERY_READY)
		tell(self);
}

static void sp_news_finalize(GObject *object)
{
	SpNews *self = SP_NEWS(object);

	g_clear_object(&self->before);
	g_clear_object(&self->today);
	g_hash_table_unref(self->known);
	G_OBJECT_CLASS(sp_news_parent_class)->finalize(object);
}

static void sp_news_class_init(SpNewsClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_news_finalize;
}

static void sp_news_init(SpNews *self)
{
	self->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

SpNews *sp_news_new(SpLink *link)
{
	SpNews *self = g_object_new(SP_TYPE_NEWS, NULL);

	self->before = sp_query_new(link, "History", "Totals", NULL);
	self->today = sp_query_new(link, "History", "Totals", NULL);
	g_signal_connect_object(self->before, "changed", G_CALLBACK(on_before), self,
				G_CONNECT_SWAPPED);
	g_signal_connect_object(self->today, "changed", G_CALLBACK(on_today), self,
				G_CONNECT_SWAPPED);
	return self;
}

SpQuery *sp_news_before(SpNews *self)
{
	return self->before;
}

SpQuery *sp_news_today(SpNews *self)
{
	return self->today;
}

void sp_news_look(SpNews *self)
{
	gint64 hour = (gint64)HOUR * G_USEC_PER_SEC;
	gint64 begin = (g_get_real_time() / hour - DAY / HOUR + 1) * hour;

	if (begin != self->begin) {
		self->begin = begin;
		self->coarse = FALSE;
		ask_before(self);
	} else if (sp_query_state(self->before) == SP_QUERY_READY) {
		ask_today(self);
	}
}

gboolean sp_news_lacks_hosts(SpNews *self)
{
	return self->coarse;
}
