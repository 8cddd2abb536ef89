/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-countdown.h. */
#include "sp-countdown.h"

#include <glib/gi18n-lib.h>

/* s: a clock that is held stands still, but not for ever; of that the last are counted. */
#define LAST 60

struct _SpCountdown {
	GtkBox parent;
	GtkLabel *label;
	GtkProgressBar *bar;
	gint64 deadline, whole;	/* µs of CLOCK_REALTIME; µs that the bar is for */
	gboolean drops, held;
	guint timer;
};

G_DEFINE_FINAL_TYPE(SpCountdown, sp_countdown, GTK_TYPE_BOX)

static int seconds_left(const SpCountdown *self)
{
	gint64 left = self->deadline - g_get_real_time();

	return left > 0 ? (int)((left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC) : 0;
}

static gboolean stands(const SpCountdown *self, int seconds)
{
	return self->held && seconds > LAST;
}

static char *words(const SpCountdown *self, int seconds)
{
	gulong n = (gulong)seconds;

	if (stands(self, seconds))
		return g_strdup(_("Waiting for you; the time stands still"));
	if (self->drops)
		return g_strdup_printf(ngettext("Dropped in %d second without an answer",
						"Dropped in %d seconds without an answer", n),
				       seconds);
	return g_strdup_printf(ngettext("Denied in %d second without an answer",
					"Denied in %d seconds without an answer", n), seconds);
}

static void show(SpCountdown *self)
{
	int seconds = seconds_left(self);
	g_autofree char *text = words(self, seconds);
	double whole = self->held ? LAST : (double)self->whole / G_USEC_PER_SEC;

	gtk_label_set_text(self->label, text);
	gtk_progress_bar_set_fraction(self->bar, CLAMP(seconds / whole, 0, 1));
}

static void run(SpCountdown *self);

static gboolean on_timer(gpointer data)
{
	SpCountdown *self = data;

	self->timer = 0;
	show(self);
	run(self);
	return G_SOURCE_REMOVE;
}

/* Until it says something else. */
static void run(SpCountdown *self)
{
	int seconds = seconds_left(self);

	g_clear_handle_id(&self->timer, g_source_remove);
	if (gtk_widget_get_mapped(GTK_WIDGET(self)) && self->deadline)
		self->timer = g_timeout_add_seconds(stands(self, seconds) ? (guint)(seconds - LAST) : 1,
						    on_timer, self);
}

static void sp_countdown_map(GtkWidget *widget)
{
	GTK_WIDGET_CLASS(sp_countdown_parent_class)->map(widget);
	run(SP_COUNTDOWN(widget));
}

static void sp_countdown_unmap(GtkWidget *widget)
{
	GTK_WIDGET_CLASS(sp_countdown_parent_class)->unmap(widget);
	run(SP_COUNTDOWN(widget));
}

static void sp_countdown_dispose(GObject *object)
{
	g_clear_handle_id(&SP_COUNTDOWN(object)->timer, g_source_remove);
	G_OBJECT_CLASS(sp_countdown_parent_class)->dispose(object);
}

static void sp_countdown_class_init(SpCountdownClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_countdown_dispose;
	widget->map = sp_countdown_map;
	widget->unmap = sp_countdown_unmap;
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-countdown.ui");
	gtk_widget_class_bind_template_child(widget, SpCountdown, label);
	gtk_widget_class_bind_template_child(widget, SpCountdown, bar);
}

static void sp_countdown_init(SpCountdown *self)
{
	self->whole = G_USEC_PER_SEC;
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_countdown_new(void)
{
	return g_object_new(SP_TYPE_COUNTDOWN, NULL);
}

void sp_countdown_set(SpCountdown *self, const struct sp_question *question)
{
	if (self->deadline != question->deadline)
		self->whole = MAX(question->deadline - g_get_real_time(), G_USEC_PER_SEC);
	self->deadline = question->deadline;
	self->drops = question->drops;
	self->held = question->held;
	show(self);
	run(self);
}
