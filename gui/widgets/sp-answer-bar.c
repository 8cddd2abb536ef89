/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-answer-bar.h. */
#include "sp-answer-bar.h"

struct _SpAnswerBar {
	GtkBox parent;
	GtkWidget *deny, *not_now, *allow;
	guint timer;	/* inert while it runs */
	gboolean ready;
};

G_DEFINE_FINAL_TYPE(SpAnswerBar, sp_answer_bar, GTK_TYPE_BOX)

enum { ANSWERED, DISMISSED, POINTED, SIGNALS };
static guint signals[SIGNALS];

static void update(SpAnswerBar *self)
{
	gboolean live = self->ready && !self->timer;

	gtk_widget_set_sensitive(self->deny, live);
	gtk_widget_set_sensitive(self->not_now, live);
	gtk_widget_set_sensitive(self->allow, live);
}

static gboolean on_timer(gpointer data)
{
	SpAnswerBar *self = data;

	self->timer = 0;
	update(self);
	return G_SOURCE_REMOVE;
}

void sp_answer_bar_arm(SpAnswerBar *self)
{
	g_clear_handle_id(&self->timer, g_source_remove);
	self->timer = g_timeout_add(SP_ANSWER_INERT, on_timer, self);
	update(self);
}

gboolean sp_answer_bar_is_inert(SpAnswerBar *self)
{
	return self->timer != 0;
}

void sp_answer_bar_set_ready(SpAnswerBar *self, gboolean ready)
{
	self->ready = ready;
	update(self);
}

static const char *action_of(SpAnswerBar *self, GtkWidget *button)
{
	return button == self->allow ? "allow" : "deny";
}

static void on_answer(SpAnswerBar *self, GtkWidget *button)
{
	if (self->ready && !self->timer)
		g_signal_emit(self, signals[ANSWERED], 0, action_of(self, button));
}

static void on_not_now(SpAnswerBar *self)
{
	if (self->ready && !self->timer)
		g_signal_emit(self, signals[DISMISSED], 0);
}

static void on_pointed(SpAnswerBar *self, GtkWidget *button)
{
	GtkStateFlags flags = gtk_widget_get_state_flags(button);

	if (flags & (GTK_STATE_FLAG_PRELIGHT | GTK_STATE_FLAG_FOCUSED))
		g_signal_emit(self, signals[POINTED], 0, action_of(self, button));
}

static void on_state_flags(GtkWidget *button, GtkStateFlags before, SpAnswerBar *self)
{
	on_pointed(self, button);
}

static void sp_answer_bar_dispose(GObject *object)
{
	g_clear_handle_id(&SP_ANSWER_BAR(object)->timer, g_source_remove);
	G_OBJECT_CLASS(sp_answer_bar_parent_class)->dispose(object);
}

static void sp_answer_bar_class_init(SpAnswerBarClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
	GType type = G_TYPE_FROM_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_answer_bar_dispose;
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-answer-bar.ui");
	gtk_widget_class_bind_template_child(widget, SpAnswerBar, deny);
	gtk_widget_class_bind_template_child(widget, SpAnswerBar, not_now);
	gtk_widget_class_bind_template_child(widget, SpAnswerBar, allow);
	gtk_widget_class_bind_template_callback(widget, on_answer);
	gtk_widget_class_bind_template_callback(widget, on_not_now);
	gtk_widget_class_bind_template_callback(widget, on_state_flags);
	signals[ANSWERED] = g_signal_new("answered", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
					 NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
	signals[DISMISSED] = g_signal_new("dismissed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
					  NULL, G_TYPE_NONE, 0);
	signals[POINTED] = g_signal_new("pointed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
					NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

/* GTK 4.8 says "_Allow Allow": the mnemonic button's own name, and its label's. */
static void mend_name(GtkWidget *button)
{
	gtk_accessible_reset_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL);
}

static void sp_answer_bar_init(SpAnswerBar *self)
{
	self->ready = TRUE;
	gtk_widget_init_template(GTK_WIDGET(self));
	mend_name(self->deny);
	mend_name(self->not_now);
	mend_name(self->allow);
}

GtkWidget *sp_answer_bar_new(void)
{
	return g_object_new(SP_TYPE_ANSWER_BAR, NULL);
}
