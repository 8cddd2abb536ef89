/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See traffic.h. What a flow carried before is kept by its id. What a flow that
 * ended carried since the last listing is not seen.
 */
#include "traffic.h"

#include <string.h>

#include "calls.h"

struct carried {
	guint64 out, in;
};

struct sp_traffic {
	gint64 time;		/* of the last listing; 0: none yet */
	GHashTable *before;	/* guint64 id → struct carried */
	GPtrArray *rows;
};

static void row_free(gpointer data)
{
	struct sp_traffic_row *row = data;

	g_free(row->program);
	g_free(row);
}

static GHashTable *carried_new(void)
{
	return g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
}

struct sp_traffic *sp_traffic_new(void)
{
	struct sp_traffic *traffic = g_new0(struct sp_traffic, 1);

	traffic->before = carried_new();
	traffic->rows = g_ptr_array_new_with_free_func(row_free);
	return traffic;
}

void sp_traffic_free(struct sp_traffic *traffic)
{
	if (!traffic)
		return;
	g_hash_table_unref(traffic->before);
	g_ptr_array_unref(traffic->rows);
	g_free(traffic);
}

static guint row_hash(gconstpointer key)
{
	const struct sp_traffic_row *row = key;

	return g_str_hash(row->program) ^ row->user;
}

static gboolean row_equal(gconstpointer a, gconstpointer b)
{
	const struct sp_traffic_row *x = a, *y = b;

	return x->user == y->user && !strcmp(x->program, y->program);
}

static struct sp_traffic_row *row_of(GHashTable *by_program, GPtrArray *rows, GVariant *flow)
{
	struct sp_traffic_row *row = g_new0(struct sp_traffic_row, 1), *known;

	row->program = g_strdup(sp_dict_string(flow, "program"));
	row->user = (guint32)sp_dict_number(flow, "user");
	known = g_hash_table_lookup(by_program, row);
	if (known) {
		row_free(row);
		return known;
	}
	g_hash_table_add(by_program, row);
	g_ptr_array_add(rows, row);
	return row;
}

/* Counts only grow; a flow that is new carried all of it since. */
static void add_rate(struct sp_traffic_row *row, const struct carried *now,
		     const struct carried *before, double seconds)
{
	guint64 out = before ? MIN(before->out, now->out) : 0;
	guint64 in = before ? MIN(before->in, now->in) : 0;

	row->out += (double)(now->out - out) / seconds;
	row->in += (double)(now->in - in) / seconds;
}

static void add_flow(struct sp_traffic *traffic, struct sp_traffic_row *row, GVariant *flow,
		     double seconds, GHashTable *carried)
{
	struct carried *now = g_new(struct carried, 1);
	guint64 *id = g_new(guint64, 1);

	*id = sp_dict_number(flow, "id");
	now->out = sp_dict_number(flow, "bytes-out");
	now->in = sp_dict_number(flow, "bytes-in");
	row->flows++;
	row->bytes_out += now->out;
	row->bytes_in += now->in;
	if (seconds > 0)
		add_rate(row, now, g_hash_table_lookup(traffic->before, id), seconds);
	g_hash_table_insert(carried, id, now);
}

static gint compare(gconstpointer a, gconstpointer b)
{
	const struct sp_traffic_row *x = *(struct sp_traffic_row *const *)a;
	const struct sp_traffic_row *y = *(struct sp_traffic_row *const *)b;
	guint64 carried_x = x->bytes_out + x->bytes_in, carried_y = y->bytes_out + y->bytes_in;

	if (x->out + x->in != y->out + y->in)
		return x->out + x->in < y->out + y->in ? 1 : -1;
	if (carried_x != carried_y)
		return carried_x < carried_y ? 1 : -1;
	return strcmp(x->program, y->program);
}

void sp_traffic_update(struct sp_traffic *traffic, gint64 time, GVariant *flows)
{
	double seconds = traffic->time ? (double)(time - traffic->time) / G_USEC_PER_SEC : 0;
	g_autoptr(GHashTable) by_program = g_hash_table_new(row_hash, row_equal);
	GHashTable *carried;
	GVariantIter iter;
	GVariant *flow;

	if (traffic->time && time <= traffic->time)
		return;
	g_ptr_array_set_size(traffic->rows, 0);
	carried = carried_new();
	g_variant_iter_init(&iter, flows);
	while ((flow = g_variant_iter_next_value(&iter))) {
		add_flow(traffic, row_of(by_program, traffic->rows, flow), flow, seconds, carried);
		g_variant_unref(flow);
	}
	g_hash_table_unref(traffic->before);
	traffic->before = carried;
	traffic->time = time;
	g_ptr_array_sort(traffic->rows, compare);
}

const GPtrArray *sp_traffic_rows(const struct sp_traffic *traffic)
{
	return traffic->rows;
}
