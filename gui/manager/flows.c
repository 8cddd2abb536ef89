/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See flows.h. The query is about the first page; full ones are followed by others, and
 * all of them are taken together.
 */
#include "flows.h"

#include <string.h>

#include "calls.h"

/* Flows of a page, and pages at most: what is more is not shown. */
#define PAGE	1000
#define PAGES	20

struct _SpFlows {
	SpItems parent;
	SpLink *link;
	SpQuery *query;
	gboolean all;
	GHashTable *known;	/* flows by id; borrowed from programs */
	gint64 time;		/* of the last answer; 0: none yet */
	GPtrArray *pages;	/* GVariant aa{sv}, while they come */
	GCancellable *more;	/* page under way */
};

G_DEFINE_FINAL_TYPE(SpFlows, sp_flows, SP_TYPE_ITEMS)

/* The flow of before with new counts, or a new one. */
static SpFlow *flow_of(SpFlows *self, GVariant *dict, double seconds)
{
	guint64 id = sp_dict_number(dict, "id");
	SpFlow *flow = g_hash_table_lookup(self->known, &id);

	if (!flow)
		return sp_flow_new(dict);
	sp_flow_update(flow, dict, seconds);
	return g_object_ref(flow);
}

/* Flows by program: arrays by path. */
static GHashTable *sort_out(SpFlows *self, double seconds)
{
	GHashTable *contents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						     (GDestroyNotify)g_ptr_array_unref);

	for (guint i = 0; i < self->pages->len; i++) {
		GVariantIter iter;
		GVariant *dict;

		g_variant_iter_init(&iter, self->pages->pdata[i]);
		while ((dict = g_variant_iter_next_value(&iter))) {
			SpFlow *flow = flow_of(self, dict, seconds);
			GPtrArray *flows = g_hash_table_lookup(contents, sp_flow_program(flow));

			if (!flows) {
				flows = g_ptr_array_new_with_free_func(g_object_unref);
				g_hash_table_insert(contents, g_strdup(sp_flow_program(flow)), flows);
			}
			g_ptr_array_add(flows, flow);
			g_variant_unref(dict);
		}
	}
	return contents;
}

static SpFlow *program_of(SpFlows *self, const char *path)
{
	GPtrArray *programs = sp_items_array(self);

	for (guint i = 0; i < programs->len; i++) {
		SpFlow *program = g_ptr_array_index(programs, i);

		if (strcmp(sp_flow_program(program), path) == 0)
			return g_object_ref(program);
	}
	return sp_flow_new_program(path);
}

static int compare(gconstpointer a, gconstpointer b)
{
	g_autofree char *first = sp_flow_title(*(SpFlow *const *)a);
	g_autofree char *second = sp_flow_title(*(SpFlow *const *)b);
	int order = g_utf8_collate(first, second);

	return order ? order : strcmp(sp_flow_program(*(SpFlow *const *)a),
				      sp_flow_program(*(SpFlow *const *)b));
}

static void learn(SpFlows *self, GPtrArray *flows)
{
	for (guint i = 0; i < flows->len; i++) {
		guint64 *id = g_new(guint64, 1);

		*id = sp_flow_id(flows->pdata[i]);
		g_hash_table_insert(self->known, id, flows->pdata[i]);
	}
}

/* All pages are there. */
static void take(SpFlows *self, gint64 time)
{
	double seconds = self->time ? (double)(time - self->time) / G_USEC_PER_SEC : 0;
	g_autoptr(GHashTable) contents = sort_out(self, seconds);
	GPtrArray *programs = sp_items_array_new();
	GHashTableIter iter;
	gpointer path, flows;

	g_hash_table_remove_all(self->known);
	g_hash_table_iter_init(&iter, contents);
	while (g_hash_table_iter_next(&iter, &path, &flows)) {
		SpFlow *program = program_of(self, path);

		learn(self, flows);
		sp_flow_set_flows(program, g_ptr_array_ref(flows), seconds);
		g_ptr_array_add(programs, program);
	}
	g_ptr_array_sort(programs, compare);
	sp_items_set(self, programs);
	self->time = time;
}

static GVariant *args(SpFlows *self, guint64 after)
{
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	if (self->all)
		g_variant_dict_insert(&options, "all", "b", TRUE);
	return g_variant_new("(tu@a{sv})", after, PAGE, g_variant_dict_end(&options));
}

static void add_page(SpFlows *self, GVariant *reply);

static void on_page(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = sp_link_call_finish(source, result, &error);
	SpFlows *self = data;

	if (!reply && !error)
		return;		/* @data may be gone */
	g_clear_object(&self->more);
	if (reply)
		add_page(self, reply);
	else
		sp_query_fail(self->query, error);
}

static void add_page(SpFlows *self, GVariant *reply)
{
	GVariant *flows = g_variant_get_child_value(reply, 1);
	gsize count = g_variant_n_children(flows);
	g_autoptr(GVariant) last = NULL;
	gint64 time;

	g_variant_get_child(reply, 0, "x", &time);
	g_ptr_array_add(self->pages, flows);
	if (count < PAGE || self->pages->len >= PAGES) {
		if (time != self->time)		/* else the same again */
			take(self, time);
		return;
	}
	last = g_variant_get_child_value(flows, count - 1);
	self->more = g_cancellable_new();
	sp_link_call(self->link, "Flows", "List", args(self, sp_dict_number(last, "id")), FALSE,
		     self->more, on_page, self);
}

static void stop_pages(SpFlows *self)
{
	g_cancellable_cancel(self->more);
	g_clear_object(&self->more);
	g_ptr_array_set_size(self->pages, 0);
}

static void on_query(SpFlows *self)
{
	stop_pages(self);
	if (sp_query_state(self->query) == SP_QUERY_READY && !sp_query_is_stale(self->query))
		add_page(self, sp_query_result(self->query));
	else if (sp_query_state(self->query) != SP_QUERY_READY)
		self->time = 0;
}

static void sp_flows_finalize(GObject *object)
{
	SpFlows *self = SP_FLOWS(object);

	stop_pages(self);
	g_object_unref(self->query);
	g_object_unref(self->link);
	g_hash_table_unref(self->known);
	g_ptr_array_unref(self->pages);
	G_OBJECT_CLASS(sp_flows_parent_class)->finalize(object);
}

static void sp_flows_class_init(SpFlowsClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_flows_finalize;
}

static void sp_flows_init(SpFlows *self)
{
	self->pages = g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
	self->known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

SpFlows *sp_flows_new(SpLink *link)
{
	SpFlows *self = g_object_new(SP_TYPE_FLOWS, NULL);

	self->link = g_object_ref(link);
	self->query = sp_query_new(link, "Flows", "List", args(self, 0));
	g_signal_connect_object(self->query, "changed", G_CALLBACK(on_query), self,
				G_CONNECT_SWAPPED);
	return self;
}

SpQuery *sp_flows_query(SpFlows *self)
{
	return self->query;
}

void sp_flows_refresh(SpFlows *self)
{
	sp_query_refresh(self->query);
}

void sp_flows_show_all(SpFlows *self, gboolean all)
{
	self->all = all;
	self->time = 0;
	sp_query_set_args(self->query, args(self, 0), all);
}
