/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-history-plot.h. */
#include "sp-history-plot.h"

#include <glib/gi18n-lib.h>

#include "sp-plot.h"

struct _SpHistoryPlot {
	GtkBox parent;
	SpHistory *history;
	enum sp_range range;
	gboolean part;		/* of it: what was selected */
	SpPlot *plot;
	GtkLabel *summary, *most, *from, *middle, *to;
	GtkWidget *whole;
};

G_DEFINE_FINAL_TYPE(SpHistoryPlot, sp_history_plot, GTK_TYPE_BOX)

static void set_time(SpHistoryPlot *self, GtkLabel *label, gint64 time)
{
	g_autofree char *text = sp_period_label(sp_history_period(self->history), time);

	gtk_label_set_text(label, text);
}

static void show(SpHistoryPlot *self)
{
	const struct sp_period *period = sp_history_period(self->history);
	g_autofree char *summary = sp_history_summary(self->history), *most = NULL;

	sp_plot_set(self->plot, sp_history_allowed(self->history), sp_history_refused(self->history),
		    sp_period_steps(period), summary);
	most = g_strdup_printf("%.0f", sp_plot_highest(self->plot));
	gtk_label_set_text(self->summary, summary);
	gtk_label_set_text(self->most, most);
	set_time(self, self->from, period->from);
	set_time(self, self->middle, period->from + (period->to - period->from) / 2);
	set_time(self, self->to, period->to);
	gtk_widget_set_visible(self->whole, self->part);
}

static void on_selected(SpHistoryPlot *self, guint first, guint last)
{
	struct sp_period part;

	if (!sp_period_part(sp_history_period(self->history), first, last, g_get_real_time(), &part))
		return;
	self->part = TRUE;
	sp_history_look(self->history, &part);
}

static void on_pointed(SpHistoryPlot *self, guint first, guint last)
{
	const struct sp_period *period = sp_history_period(self->history);
	gint64 unit = (gint64)period->step * G_USEC_PER_SEC;
	g_autofree char *from = sp_period_label(period, period->from + first * unit);
	g_autofree char *to = sp_period_label(period, period->from + (last + 1) * unit);
	g_autofree char *text = g_strdup_printf("%s – %s", from, to);

	sp_plot_describe(self->plot, text);
}

static void on_whole(SpHistoryPlot *self)
{
	sp_history_plot_range(self, self->range);
}

static void sp_history_plot_dispose(GObject *object)
{
	g_clear_object(&SP_HISTORY_PLOT(object)->history);
	G_OBJECT_CLASS(sp_history_plot_parent_class)->dispose(object);
}

static void sp_history_plot_class_init(SpHistoryPlotClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_history_plot_dispose;
	g_type_ensure(SP_TYPE_PLOT);
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-history-plot.ui");
	gtk_widget_class_bind_template_child(widget, SpHistoryPlot, plot);
	gtk_widget_class_bind_template_child(widget, SpHistoryPlot, summary);
	gtk_widget_class_bind_template_child(widget, SpHistoryPlot, most);
	gtk_widget_class_bind_template_child(widget, SpHistoryPlot, from);
	gtk_widget_class_bind_template_child(widget, SpHistoryPlot, middle);
	gtk_widget_class_bind_template_child(widget, SpHistoryPlot, to);
	gtk_widget_class_bind_template_child(widget, SpHistoryPlot, whole);
	gtk_widget_class_bind_template_callback(widget, on_selected);
	gtk_widget_class_bind_template_callback(widget, on_pointed);
	gtk_widget_class_bind_template_callback(widget, on_whole);
}

static void sp_history_plot_init(SpHistoryPlot *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
	sp_plot_set_selectable(self->plot, _("To look at a part of the time drag over it, or choose it with "
					     "Shift and arrow keys, then press Enter"));
}

GtkWidget *sp_history_plot_new(void)
{
	return g_object_new(SP_TYPE_HISTORY_PLOT, NULL);
}

void sp_history_plot_set(SpHistoryPlot *self, SpHistory *history, enum sp_range range)
{
	self->history = g_object_ref(history);
	self->range = range;
	g_signal_connect_object(history, "changed", G_CALLBACK(show), self, G_CONNECT_SWAPPED);
}

void sp_history_plot_range(SpHistoryPlot *self, enum sp_range range)
{
	struct sp_period period = sp_period_of(range, g_get_real_time());

	self->range = range;
	self->part = FALSE;
	sp_history_look(self->history, &period);
}

void sp_history_plot_refresh(SpHistoryPlot *self)
{
	if (!self->part)
		sp_history_plot_range(self, self->range);
}
