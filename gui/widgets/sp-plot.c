/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See sp-plot.h. Colours are those of GNOME's palette, fit for light and dark alike; there is
 * no text in it.
 */
#include "sp-plot.h"

#include <string.h>

/* Bars at most: with more values neighbours are added up. */
#define BARS	120
/* px that a hand moves if it means to select */
#define DRAG_MIN 6

static const GdkRGBA lower_colour = { 0x35 / 255.f, 0x84 / 255.f, 0xe4 / 255.f, 1 };
static const GdkRGBA upper_colours[] = {
	[SP_PLOT_DECISIONS] = { 0xe0 / 255.f, 0x1b / 255.f, 0x24 / 255.f, 1 },
	[SP_PLOT_TRAFFIC] = { 0x2e / 255.f, 0xc2 / 255.f, 0x7e / 255.f, 1 },
};
static const GdkRGBA line_colour = { 0.5f, 0.5f, 0.5f, 0.35f };
static const GdkRGBA chosen_colour = { 0x35 / 255.f, 0x84 / 255.f, 0xe4 / 255.f, 0.2f };

struct _SpPlot {
	GtkWidget parent;
	double *lower, *upper;
	guint count;
	double least;
	enum sp_plot_kind kind;
	GtkGesture *drag;	/* NULL: not to be selected from */
	gboolean dragging;
	double from, to;	/* where it is dragged; px */
	int here, other;	/* bars: where keys are, and the other end of what they choose */
};

G_DEFINE_FINAL_TYPE(SpPlot, sp_plot, GTK_TYPE_WIDGET)

enum { SELECTED, POINTED, SIGNALS };

static guint signals[SIGNALS];

/* How many values make a bar. */
static guint values_of_bar(SpPlot *self)
{
	return (self->count + BARS - 1) / BARS;
}

static guint bars_of(SpPlot *self)
{
	guint step = values_of_bar(self);

	return step ? (self->count + step - 1) / step : 0;
}

static gboolean is_mirrored(SpPlot *self)
{
	return gtk_widget_get_direction(GTK_WIDGET(self)) == GTK_TEXT_DIR_RTL;
}

static double sum(const double *values, guint first, guint count, guint step)
{
	double all = 0;

	for (guint i = first; i < MIN(first + step, count); i++)
		all += values[i];
	return all;
}

static double highest(SpPlot *self, guint step)
{
	double most = self->least;

	for (guint i = 0; step && i < self->count; i += step)
		most = MAX(most, sum(self->lower, i, self->count, step) +
				 sum(self->upper, i, self->count, step));
	return most;
}

static void draw_box(GtkSnapshot *snapshot, const GdkRGBA *colour, double x, double y,
		     double width, double height)
{
	gtk_snapshot_append_color(snapshot, colour,
				  &GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height));
}

static void draw_bars(SpPlot *self, GtkSnapshot *snapshot, int width, int height)
{
	gboolean mirrored = is_mirrored(self);
	guint step = values_of_bar(self), bars = bars_of(self);
	double most = highest(self, step), wide = (double)width / bars;
	double gap = wide > 4 ? 1 : 0;

	if (most <= 0)
		return;
	for (guint i = 0; i < bars; i++) {
		double low = sum(self->lower, i * step, self->count, step) / most * height;
		double high = sum(self->upper, i * step, self->count, step) / most * height;
		double x = (mirrored ? bars - 1 - i : i) * wide;

		/* Whatever there was is seen. */
		low = low > 0 ? MAX(low, 1) : 0;
		high = high > 0 ? MAX(high, 1) : 0;
		draw_box(snapshot, &lower_colour, x, height - low, wide - gap, low);
		draw_box(snapshot, &upper_colours[self->kind], x, height - low - high, wide - gap, high);
	}
}

/* What keys have chosen, while they come here. */
static void draw_keys(SpPlot *self, GtkSnapshot *snapshot, int width, int height)
{
	int bars = (int)bars_of(self), first = MIN(self->here, self->other);
	int last = MAX(self->here, self->other);
	double wide = (double)width / bars;

	draw_box(snapshot, &chosen_colour, (is_mirrored(self) ? bars - 1 - last : first) * wide, 0,
		 (last - first + 1) * wide, height);
}

static void sp_plot_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
	SpPlot *self = SP_PLOT(widget);
	int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);

	for (int i = 0; self->drag && i < 2; i++)
		draw_box(snapshot, &line_colour, 0, i * height / 2.0, width, 1);
	draw_box(snapshot, &line_colour, 0, height - 1, width, 1);
	if (self->count)
		draw_bars(self, snapshot, width, height - 1);
	if (self->count && gtk_widget_has_focus(widget))
		draw_keys(self, snapshot, width, height);
	if (self->dragging)
		draw_box(snapshot, &chosen_colour, MIN(self->from, self->to), 0,
			 ABS(self->to - self->from), height);
}

static void on_begin(SpPlot *self, double x, double y)
{
	self->dragging = TRUE;
	self->from = self->to = x;
}

static void on_update(SpPlot *self, double dx, double dy)
{
	self->to = CLAMP(self->from + dx, 0, gtk_widget_get_width(GTK_WIDGET(self)));
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

static guint value_at(SpPlot *self, double x)
{
	double part = x / MAX(gtk_widget_get_width(GTK_WIDGET(self)), 1);

	if (is_mirrored(self))
		part = 1 - part;
	return (guint)CLAMP(part * self->count, 0, self->count - 1);
}

static void on_end(SpPlot *self, double dx, double dy)
{
	guint first, last;

	self->dragging = FALSE;
	gtk_widget_queue_draw(GTK_WIDGET(self));
	if (!self->count || ABS(dx) < DRAG_MIN)
		return;		/* a click */
	first = value_at(self, self->from);
	last = value_at(self, self->to);
	g_signal_emit(self, signals[SELECTED], 0, MIN(first, last), MAX(first, last));
}

/* Values of the bars that keys have chosen. */
static void emit_keys(SpPlot *self, guint signal)
{
	guint step = values_of_bar(self);
	guint first = (guint)MIN(self->here, self->other) * step;
	guint last = (guint)(MAX(self->here, self->other) + 1) * step - 1;

	g_signal_emit(self, signals[signal], 0, first, MIN(last, self->count - 1));
}

static void move_by(SpPlot *self, int bars, gboolean extend)
{
	self->here = CLAMP(self->here + bars, 0, (int)bars_of(self) - 1);
	if (!extend)
		self->other = self->here;
	gtk_widget_queue_draw(GTK_WIDGET(self));
	emit_keys(self, POINTED);
}

static gboolean on_key(SpPlot *self, guint key, guint code, GdkModifierType modifiers)
{
	gboolean extend = (modifiers & GDK_SHIFT_MASK) != 0;
	int later = is_mirrored(self) ? -1 : 1, all = (int)bars_of(self);

	if (!self->count || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)))
		return GDK_EVENT_PROPAGATE;
	switch (key) {
	case GDK_KEY_Left:
		move_by(self, -later, extend);
		return GDK_EVENT_STOP;
	case GDK_KEY_Right:
		move_by(self, later, extend);
		return GDK_EVENT_STOP;
	case GDK_KEY_Home:
		move_by(self, -all, extend);
		return GDK_EVENT_STOP;
	case GDK_KEY_End:
		move_by(self, all, extend);
		return GDK_EVENT_STOP;
	case GDK_KEY_Return:
	case GDK_KEY_KP_Enter:
	case GDK_KEY_space:
		emit_keys(self, SELECTED);
		return GDK_EVENT_STOP;
	default:
		return GDK_EVENT_PROPAGATE;
	}
}

static void sp_plot_finalize(GObject *object)
{
	SpPlot *self = SP_PLOT(object);

	g_free(self->lower);
	g_free(self->upper);
	G_OBJECT_CLASS(sp_plot_parent_class)->finalize(object);
}

static void sp_plot_class_init(SpPlotClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->finalize = sp_plot_finalize;
	widget->snapshot = sp_plot_snapshot;
	gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_IMG);
	signals[SELECTED] = g_signal_new("selected", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0,
					 NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
	signals[POINTED] = g_signal_new("pointed", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0,
					NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
}

static void sp_plot_init(SpPlot *self)
{
	g_signal_connect(self, "notify::has-focus", G_CALLBACK(gtk_widget_queue_draw), NULL);
}

GtkWidget *sp_plot_new(void)
{
	return g_object_new(SP_TYPE_PLOT, NULL);
}

static void replace(double **values, const double *by, guint count)
{
	g_free(*values);
	*values = g_memdup2(by, count * sizeof(*by));
}

void sp_plot_set(SpPlot *self, const double *lower, const double *upper, guint count,
		 const char *summary)
{
	replace(&self->lower, lower, count);
	replace(&self->upper, upper, count);
	self->count = count;
	self->here = CLAMP(self->here, 0, MAX((int)bars_of(self) - 1, 0));
	self->other = CLAMP(self->other, 0, MAX((int)bars_of(self) - 1, 0));
	gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       summary, -1);
	if (!self->drag)
		gtk_widget_set_tooltip_text(GTK_WIDGET(self), summary);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void sp_plot_set_kind(SpPlot *self, enum sp_plot_kind kind)
{
	self->kind = kind;
}

void sp_plot_set_least(SpPlot *self, double least)
{
	self->least = least;
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void sp_plot_set_selectable(SpPlot *self, const char *hint)
{
	GtkEventController *keys = gtk_event_controller_key_new();

	self->drag = gtk_gesture_drag_new();
	g_signal_connect_swapped(self->drag, "drag-begin", G_CALLBACK(on_begin), self);
	g_signal_connect_swapped(self->drag, "drag-update", G_CALLBACK(on_update), self);
	g_signal_connect_swapped(self->drag, "drag-end", G_CALLBACK(on_end), self);
	gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(self->drag));
	g_signal_connect_swapped(keys, "key-pressed", G_CALLBACK(on_key), self);
	gtk_widget_add_controller(GTK_WIDGET(self), keys);
	gtk_widget_set_focusable(GTK_WIDGET(self), TRUE);
	gtk_widget_set_tooltip_text(GTK_WIDGET(self), hint);
	sp_plot_describe(self, hint);
}

void sp_plot_describe(SpPlot *self, const char *text)
{
	gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
				       text, -1);
}

double sp_plot_highest(SpPlot *self)
{
	return highest(self, values_of_bar(self));
}
