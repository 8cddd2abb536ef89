/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See history.h. Two questions of the same period: one by time, one by whom and where to. */
#include "history.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "calls.h"

struct _SpHistory {
	GObject parent;
	SpQuery *by_time, *by_place;
	struct sp_period period;
	double *allowed, *refused;
	gboolean coarse;	/* there are too many places: only programs are told apart */
	GListStore *programs;
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

static GVariant *args(const struct sp_period *period, guint step, const char *const *by)
{
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	return g_variant_new("(xxu^as@a{sv})", period->from, period->to, step, by,
			     g_variant_dict_end(&options));
}

static void ask_by_place(SpHistory *self)
{
	static const char *const program[] = { "program", "action", NULL };
	static const char *const place[] = { "program", "host", "port", "protocol", "direction",
					     "action", NULL };

	sp_query_set_args(self->by_place, args(&self->period, 0, self->coarse ? program : place),
			  FALSE);
}

static void on_by_place(SpHistory *self)
{
	g_autoptr(GVariant) rows = rows_of(self->by_place);
	g_autoptr(GListStore) programs = NULL;
	g_autoptr(GPtrArray) items = NULL;
	guint count;

	if (sp_query_state(self->by_place) == SP_QUERY_FAILED && !self->coarse) {
		self->coarse = TRUE;	/* more than the daemon tells at once, most likely */
		ask_by_place(self);
	}
	if (!rows)
		return;
	programs = sp_traffic_programs(rows);
	count = g_list_model_get_n_items(G_LIST_MODEL(programs));
	items = g_ptr_array_new_with_free_func(g_object_unref);
	for (guint i = 0; i < count; i++)
		g_ptr_array_add(items, g_list_model_get_item(G_LIST_MODEL(programs), i));
	g_list_store_splice(self->programs, 0,
			    g_list_model_get_n_items(G_LIST_MODEL(self->programs)),
			    items->pdata, count);
	g_signal_emit(self, changed, 0);
}

static void sp_history_finalize(GObject *object)
{
	SpHistory *self = SP_HISTORY(object);

	g_clear_object(&self->by_time);
	g_clear_object(&self->by_place);
	g_object_unref(self->programs);
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
	self->programs = g_list_store_new(SP_TYPE_TRAFFIC);
	self->period = sp_period_of(SP_RANGE_DAY, g_get_real_time());
	make_room(self);
}

SpHistory *sp_history_new(SpLink *link)
{
	SpHistory *self = g_object_new(SP_TYPE_HISTORY, NULL);

	self->by_time = sp_query_new(link, "History", "Totals", NULL);
	self->by_place = sp_query_new(link, "History", "Totals", NULL);
	g_signal_connect_object(self->by_time, "changed", G_CALLBACK(on_by_time), self,
				G_CONNECT_SWAPPED);
	g_signal_connect_object(self->by_place, "changed", G_CALLBACK(on_by_place), self,
				G_CONNECT_SWAPPED);
	return self;
}

void sp_history_look(SpHistory *self, const struct sp_period *period)
{
	static const char *const action[] = { "action", NULL };
	gboolean same = period->to - period->from == self->period.to - self->period.from &&
			period->step == self->period.step;

	self->period = *period;
	if (!same) {
		make_room(self);
		self->coarse = FALSE;
	}
	sp_query_set_args(self->by_time, args(period, period->step, action), FALSE);
	ask_by_place(self);
}

const struct sp_period *sp_history_period(SpHistory *self)
{
	return &self->period;
}

SpQuery *sp_history_query(SpHistory *self)
{
	return self->by_place;
}

GListStore *sp_history_programs(SpHistory *self)
{
	return self->programs;
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
