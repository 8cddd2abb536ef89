/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See history.h. Two questions of the same period: one by time, one by program; where a
 * program went is asked for when somebody looks (places.h).
 */
#include "history.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "calls.h"
#include "places.h"

/* A list of SpTraffic. */
#define SP_TYPE_PROGRAMS (sp_programs_get_type())
G_DECLARE_FINAL_TYPE(SpPrograms, sp_programs, SP, PROGRAMS, SpItems)

struct _SpPrograms {
	SpItems parent;
};

G_DEFINE_FINAL_TYPE(SpPrograms, sp_programs, SP_TYPE_ITEMS)

static void sp_programs_class_init(SpProgramsClass *class)
{
}

static void sp_programs_init(SpPrograms *self)
{
}

struct _SpHistory {
	GObject parent;
	SpLink *link;
	SpQuery *by_time, *by_program;
	struct sp_period period;
	double *allowed, *refused;
	char *needle;
	SpPrograms *programs;
	GHashTable *places;	/* SpPlaces by program; some of them */
};

G_DEFINE_FINAL_TYPE(SpHistory, sp_history, G_TYPE_OBJECT)

static guint changed;

static GVariant *rows_of(SpQuery *query)
{
	return sp_query_state(query) == SP_QUERY_READY ?
	       g_variant_get_child_value(sp_query_result(query), 1) : NULL;
}

static void make_room(SpHistory *self)
{
	guint steps = MAX(sp_period_steps(&self->period), 1);

	g_free(self->allowed);
	g_free(self->refused);
	self->allowed = g_new0(double, steps);
	self->refused = g_new0(double, steps);
}

static void on_by_time(SpHistory *self)
{
	g_autoptr(GVariant) rows = rows_of(self->by_time);
	guint steps = sp_period_steps(&self->period);

	if (!rows)
		return;
	make_room(self);
	for (gsize i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);
		gint64 start = (gint64)sp_dict_number(row, "start") - self->period.from;
		gint64 step = start / G_USEC_PER_SEC / self->period.step;
		gboolean allow = strcmp(sp_dict_string(row, "action"), "allow") == 0;

		if (start >= 0 && step < steps)
			(allow ? self->allowed : self->refused)[step] +=
				(double)sp_dict_number(row, "flows");
	}
	g_signal_emit(self, changed, 0);
}

static GVariant *args(const struct sp_period *period, guint step, const char *const *by,
		      const char *needle)
{
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	if (*needle)
		g_variant_dict_insert(&options, "contains", "s", needle);
	return g_variant_new("(xxu^as@a{sv})", period->from, period->to, step, by,
			     g_variant_dict_end(&options));
}

static void ask_by_program(SpHistory *self)
{
	static const char *const by[] = { "program", "action", NULL };
	GHashTableIter iter;
	gpointer places;

	sp_query_set_args(self->by_program, args(&self->period, 0, by, self->needle), FALSE);
	g_hash_table_iter_init(&iter, self->places);
	while (g_hash_table_iter_next(&iter, NULL, &places))
		sp_places_look(places, &self->period, self->needle);
}

/* The one of before, with the counts of @now; a reference. */
static SpTraffic *known(SpHistory *self, SpTraffic *now)
{
	GPtrArray *old = sp_items_array(self->programs);

	for (guint i = 0; i < old->len; i++) {
		if (strcmp(sp_traffic_program(old->pdata[i]), sp_traffic_program(now)) != 0)
			continue;
		sp_traffic_update(old->pdata[i], now);
		return g_object_ref(old->pdata[i]);
	}
	return g_object_ref(now);
}

static gboolean is_gone(gpointer program, gpointer places, gpointer items)
{
	GPtrArray *there = items;

	for (guint i = 0; i < there->len; i++)
		if (strcmp(sp_traffic_program(there->pdata[i]), program) == 0)
			return FALSE;
	return TRUE;
}

static void on_by_program(SpHistory *self)
{
	g_autoptr(GVariant) rows = rows_of(self->by_program);
	g_autoptr(GListStore) programs = NULL;
	GPtrArray *items;

	if (!rows)
		return;
	programs = sp_traffic_programs(rows);
	items = sp_items_array_new();
	for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(programs)); i++) {
		g_autoptr(SpTraffic) now = g_list_model_get_item(G_LIST_MODEL(programs), i);

		g_ptr_array_add(items, known(self, now));
	}
	g_hash_table_foreach_remove(self->places, is_gone, items);
	sp_items_set(self->programs, items);
	g_signal_emit(self, changed, 0);
}

static void sp_history_finalize(GObject *object)
{
	SpHistory *self = SP_HISTORY(object);

	g_clear_object(&self->by_time);
	g_clear_object(&self->by_program);
	g_object_unref(self->link);
	g_object_unref(self->programs);
	g_hash_table_unref(self->places);
	g_free(self->needle);
	g_free(self->allowed);
	g_free(self->refused);
	G_OBJECT_CLASS(sp_history_parent_class)->finalize(object);
}

static void sp_history_class_init(SpHistoryClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_history_finalize;
	changed = g_signal_new("changed", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0, NULL,
			       NULL, NULL, G_TYPE_NONE, 0);
}

static void sp_history_init(SpHistory *self)
{
	self->needle = g_strdup("");
	self->programs = g_object_new(SP_TYPE_PROGRAMS, NULL);
	self->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_object_unref);
	self->period = sp_period_of(SP_RANGE_DAY, g_get_real_time());
	make_room(self);
}

SpHistory *sp_history_new(SpLink *link)
{
	SpHistory *self = g_object_new(SP_TYPE_HISTORY, NULL);

	self->link = g_object_ref(link);
	self->by_time = sp_query_new(link, "History", "Totals", NULL);
	self->by_program = sp_query_new(link, "History", "Totals", NULL);
	g_signal_connect_object(self->by_time, "changed", G_CALLBACK(on_by_time), self,
				G_CONNECT_SWAPPED);
	g_signal_connect_object(self->by_program, "changed", G_CALLBACK(on_by_program), self,
				G_CONNECT_SWAPPED);
	return self;
}

void sp_history_look(SpHistory *self, const struct sp_period *period)
{
	static const char *const action[] = { "action", NULL };
	gboolean same = period->to - period->from == self->period.to - self->period.from &&
			period->step == self->period.step;

	self->period = *period;
	if (!same)
		make_room(self);
	sp_query_set_args(self->by_time, args(period, period->step, action, ""), FALSE);
	ask_by_program(self);
}

void sp_history_search(SpHistory *self, const char *text)
{
	g_free(self->needle);
	self->needle = g_utf8_strdown(text, -1);
	g_strstrip(self->needle);
	ask_by_program(self);
}

const struct sp_period *sp_history_period(SpHistory *self)
{
	return &self->period;
}

SpQuery *sp_history_query(SpHistory *self)
{
	return self->by_program;
}

GListModel *sp_history_programs(SpHistory *self)
{
	return G_LIST_MODEL(self->programs);
}

GListModel *sp_history_places(SpHistory *self, SpTraffic *program)
{
	const char *path = sp_traffic_program(program);
	SpPlaces *places = g_hash_table_lookup(self->places, path);

	if (!places) {
		places = sp_places_new(self->link, self->by_program, path);
		sp_places_look(places, &self->period, self->needle);
		g_hash_table_insert(self->places, g_strdup(path), places);
	}
	return G_LIST_MODEL(g_object_ref(places));
}

const double *sp_history_allowed(SpHistory *self)
{
	return self->allowed;
}

const double *sp_history_refused(SpHistory *self)
{
	return self->refused;
}

char *sp_history_summary(SpHistory *self)
{
	g_autofree char *allow = NULL, *refuse = NULL;
	double allowed = 0, refused = 0;

	for (guint i = 0; i < sp_period_steps(&self->period); i++) {
		allowed += self->allowed[i];
		refused += self->refused[i];
	}
	allow = g_strdup_printf(ngettext("%.0f connection allowed", "%.0f connections allowed",
					 (gulong)allowed), allowed);
	refuse = g_strdup_printf(ngettext("%.0f attempt refused", "%.0f attempts refused",
					  (gulong)refused), refused);
	return g_strdup_printf("%s · %s", allow, refuse);
}
