/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-countdown.h. */
#include "sp-countdown.h"

#include <glib/gi18n-lib.h>

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

static char *words(const SpCountdown *self, int seconds)
{
	gulong n = (gulong)seconds;

	if (self->held)
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
	double left = (double)seconds * G_USEC_PER_SEC / (double)self->whole;

	gtk_label_set_text(self->label, text);
	gtk_progress_bar_set_fraction(self->bar, self->held ? 1 : CLAMP(left, 0, 1));
}

static gboolean on_timer(gpointer data)
{
	SpCountdown *self = data;

	show(self);
	return G_SOURCE_CONTINUE;
}

static void run(SpCountdown *self)
{
	gboolean wanted = gtk_widget_get_mapped(GTK_WIDGET(self)) && !self->held &&
			  self->deadline;

	if (wanted && !self->timer)
		self->timer = g_timeout_add_seconds(1, on_timer, self);
	else if (!wanted)
		g_clear_handle_id(&self->timer, g_source_remove);
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
