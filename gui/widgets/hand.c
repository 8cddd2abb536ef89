/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See hand.h. */
#include "hand.h"

struct sp_hand {
	GtkWidget *widget;
	GtkEventController *motion, *keys;
	sp_hand_changed changed;
	void *data;
	gboolean seen;		/* the pointer is somewhere over it, at @x, @y */
	double x, y;
	guint timer;		/* here while it runs */
};

static void gone(struct sp_hand *hand)
{
	if (!hand->timer)
		return;
	g_clear_handle_id(&hand->timer, g_source_remove);
	hand->changed(FALSE, hand->data);
}

static gboolean on_timer(gpointer data)
{
	struct sp_hand *hand = data;

	hand->timer = 0;
	hand->changed(FALSE, hand->data);
	return G_SOURCE_REMOVE;
}

static void here(struct sp_hand *hand)
{
	gboolean before = hand->timer != 0;

	g_clear_handle_id(&hand->timer, g_source_remove);
	hand->timer = g_timeout_add_seconds(SP_HAND_SECONDS, on_timer, hand);
	if (!before)
		hand->changed(TRUE, hand->data);
}

static void on_motion(GtkEventController *motion, double x, double y, struct sp_hand *hand)
{
	gboolean moved = hand->seen && (x != hand->x || y != hand->y);

	hand->seen = TRUE;
	hand->x = x;
	hand->y = y;
	if (moved)
		here(hand);
}

static void on_leave(GtkEventController *motion, struct sp_hand *hand)
{
	hand->seen = FALSE;
	gone(hand);
}

static gboolean on_key(GtkEventController *keys, guint key, guint code,
		       GdkModifierType modifiers, struct sp_hand *hand)
{
	here(hand);
	return GDK_EVENT_PROPAGATE;
}

struct sp_hand *sp_hand_new(GtkWidget *widget, sp_hand_changed changed, void *data)
{
	struct sp_hand *hand = g_new0(struct sp_hand, 1);

	hand->widget = widget;
	hand->changed = changed;
	hand->data = data;
	hand->motion = gtk_event_controller_motion_new();
	hand->keys = gtk_event_controller_key_new();
	gtk_event_controller_set_propagation_phase(hand->motion, GTK_PHASE_CAPTURE);
	gtk_event_controller_set_propagation_phase(hand->keys, GTK_PHASE_CAPTURE);
	g_signal_connect(hand->motion, "motion", G_CALLBACK(on_motion), hand);
	g_signal_connect(hand->motion, "leave", G_CALLBACK(on_leave), hand);
	g_signal_connect(hand->keys, "key-pressed", G_CALLBACK(on_key), hand);
	gtk_widget_add_controller(widget, hand->motion);
	gtk_widget_add_controller(widget, hand->keys);
	return hand;
}

void sp_hand_free(struct sp_hand *hand)
{
	if (!hand)
		return;
	g_clear_handle_id(&hand->timer, g_source_remove);
	gtk_widget_remove_controller(hand->widget, hand->motion);
	gtk_widget_remove_controller(hand->widget, hand->keys);
	g_free(hand);
}

gboolean sp_hand_is_here(const struct sp_hand *hand)
{
	return hand->timer != 0;
}
