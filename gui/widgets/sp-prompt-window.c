/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See sp-prompt-window.h. show() alone changes what is asked, and makes the
 * buttons inert for a moment whenever it does.
 */
#include "sp-prompt-private.h"

#ifdef GDK_WINDOWING_X11
#include <gdk/x11/gdkx.h>
#endif

#include "fit.h"
#include "sp-request-row.h"

/* So long after a list appears what comes still belongs to it. µs */
#define BURST	(3 * G_USEC_PER_SEC)

G_DEFINE_FINAL_TYPE(SpPromptWindow, sp_prompt_window, ADW_TYPE_APPLICATION_WINDOW)

const struct sp_question *sp_prompt_window_question(SpPromptWindow *self)
{
	return sp_request_question(self->ask);
}

/* What is asked from now on. */
static void show(SpPromptWindow *self, SpRequest *ask, gboolean many)
{
	if (many && !self->many)
		self->burst = g_get_monotonic_time() + BURST;
	g_set_object(&self->ask, ask);
	self->many = many;
	self->action = "allow";
	gtk_check_button_set_active(self->updates, FALSE);
	sp_prompt_window_show_lists(self);
	sp_prompt_window_show_all(self);
	gtk_widget_grab_focus(GTK_WIDGET(self->headline));
}

/* The same with more known: what was chosen stays, and the focus where it is. */
static void on_renewed(SpRequest *ask, SpPromptWindow *self)
{
	if (ask != self->ask && !self->many)
		return;
	if (sp_hand_is_here(self->hand))
		sp_request_hold(ask, TRUE);
	sp_prompt_window_show_renewed(self);
}

static gboolean has(SpPromptWindow *self, SpRequest *ask)
{
	for (guint i = 0; i < sp_program_count(self->program); i++)
		if (sp_program_get(self->program, i) == ask)
			return TRUE;
	return FALSE;
}

/* A list that keeps growing must not be answered unread. */
static void admit(SpPromptWindow *self, guint position)
{
	if (sp_answer_bar_is_inert(self->answers) && g_get_monotonic_time() < self->burst)
		sp_answer_bar_arm(self->answers);
	else
		sp_request_set_chosen(sp_program_get(self->program, position), FALSE);
}

static void watch(SpPromptWindow *self, SpRequest *ask);

static void on_items_changed(GListModel *program, guint position, guint removed, guint added,
			     SpPromptWindow *self)
{
	guint count = g_list_model_get_n_items(program);
	gboolean many = count >= SP_PROMPT_MANY || (self->many && count > 1);

	for (guint i = 0; i < added; i++) {
		watch(self, sp_program_get(self->program, position + i));
		if (self->many)
			admit(self, position + i);
	}
	if (!count)
		return;		/* the window is about to go */
	if (!has(self, self->ask) || many != self->many) {
		show(self, has(self, self->ask) && !many ? self->ask :
		     sp_program_get(self->program, 0), many);
		return;
	}
	sp_prompt_window_show_again(self);
}

static void on_ask_changed(SpRequest *ask, SpPromptWindow *self)
{
	gboolean was_refused = sp_request_message(ask) != NULL;

	if (ask != self->ask && !self->many)
		return;
	if (was_refused && !sp_request_is_sending(ask) && !sp_answer_bar_is_inert(self->answers) &&
	    !gtk_widget_get_visible(GTK_WIDGET(self->message)))
		sp_answer_bar_arm(self->answers);
	sp_prompt_window_show_state(self);
}

static void on_chosen(SpRequest *ask, GParamSpec *spec, SpPromptWindow *self)
{
	if (sp_program_count(self->program))
		sp_prompt_window_show_again(self);
}

static void watch(SpPromptWindow *self, SpRequest *ask)
{
	g_signal_connect_object(ask, "changed", G_CALLBACK(on_ask_changed), self, 0);
	g_signal_connect_object(ask, "renewed", G_CALLBACK(on_renewed), self, 0);
	g_signal_connect_object(ask, "notify::chosen", G_CALLBACK(on_chosen), self, 0);
	if (sp_hand_is_here(self->hand))
		sp_request_hold(ask, TRUE);
}

/* From the widgets. */

static void on_choice_changed(SpPromptWindow *self)
{
	if (!self->ask)
		return;
	self->sure = FALSE;
	sp_prompt_window_show_effect(self);
	sp_prompt_window_show_state(self);
}

static void on_pointed(SpPromptWindow *self, const char *action)
{
	self->action = strcmp(action, "allow") == 0 ? "allow" : "deny";
	sp_prompt_window_show_effect(self);
}

static void on_row_activated(SpPromptWindow *self, SpRequestRow *row)
{
	g_autoptr(SpRequest) ask = g_object_ref(sp_request_row_request(row));

	show(self, ask, FALSE);
}

static void on_opened(SpPromptWindow *self)
{
	self->opened = TRUE;
}

/* Where the screen is too small for all, what was opened is at the top of what scrolls. */
static gboolean reveal(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
	SpPromptWindow *self = SP_PROMPT_WINDOW(widget);
	graphene_point_t top;

	if (gtk_widget_compute_point(GTK_WIDGET(self->details), GTK_WIDGET(self->clamp),
				     &GRAPHENE_POINT_INIT(0, 0), &top))
		gtk_adjustment_set_value(gtk_scrolled_window_get_vadjustment(self->page), top.y);
	return G_SOURCE_REMOVE;
}

/* What is set while places are being given is lost: with the next frame. */
static void on_page_changed(SpPromptWindow *self)
{
	if (self->opened)
		gtk_widget_add_tick_callback(GTK_WIDGET(self), reveal, NULL, NULL);
	self->opened = FALSE;
}

static void on_hand(gboolean here, void *data)
{
	SpPromptWindow *self = data;

	for (guint i = 0; i < sp_program_count(self->program); i++)
		sp_request_hold(sp_program_get(self->program, i), here);
}

/* Who types without looking must not answer: the wait begins again. */
static gboolean on_key(GtkEventController *keys, guint key, guint code,
		       GdkModifierType modifiers, SpPromptWindow *self)
{
	if (sp_answer_bar_is_inert(self->answers))
		sp_answer_bar_arm(self->answers);
	return GDK_EVENT_PROPAGATE;
}

/* Whoever comes back finds the focus where keys do nothing, and buttons that wait for him. */
static void on_active(SpPromptWindow *self)
{
	if (gtk_window_is_active(GTK_WINDOW(self)))
		sp_prompt_window_arm(self);
	else
		gtk_widget_grab_focus(GTK_WIDGET(self->headline));
}

static gboolean sp_prompt_window_close_request(GtkWindow *window)
{
	SpPromptWindow *self = SP_PROMPT_WINDOW(window);
	g_autoptr(GPtrArray) asks = g_ptr_array_new_with_free_func(g_object_unref);

	if (sp_answer_bar_is_inert(self->answers))
		return TRUE;
	for (guint i = 0; i < sp_program_count(self->program); i++)
		g_ptr_array_add(asks, g_object_ref(sp_program_get(self->program, i)));
	for (guint i = 0; i < asks->len; i++)
		sp_request_dismiss(g_ptr_array_index(asks, i));
	return TRUE;	/* it goes with its last question */
}

static void sp_prompt_window_dispose(GObject *object)
{
	SpPromptWindow *self = SP_PROMPT_WINDOW(object);

	g_clear_pointer(&self->hand, sp_hand_free);
	if (self->list) {
		gtk_list_box_bind_model(self->waiting, NULL, NULL, NULL, NULL);
		gtk_list_box_bind_model(self->list, NULL, NULL, NULL, NULL);
		self->list = NULL;
	}
	g_clear_object(&self->ask);
	G_OBJECT_CLASS(sp_prompt_window_parent_class)->dispose(object);
	g_clear_object(&self->program);
}

static void bind_children(GtkWidgetClass *widget)
{
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, bar);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, foot);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, page);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, clamp);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, identity);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, headline);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, host);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, past);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, warning);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, effect);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, message);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, waiting_label);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, warning_box);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, list_box);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, waiting_box);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, list);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, waiting);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, scope);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, lifetime);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, updates);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, details);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, countdown);
	gtk_widget_class_bind_template_child(widget, SpPromptWindow, answers);
}

static void sp_prompt_window_class_init(SpPromptWindowClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_prompt_window_dispose;
	GTK_WINDOW_CLASS(class)->close_request = sp_prompt_window_close_request;
	g_type_ensure(SP_TYPE_IDENTITY);
	g_type_ensure(SP_TYPE_HEADLINE_LABEL);
	g_type_ensure(SP_TYPE_SCOPE_CHOOSER);
	g_type_ensure(SP_TYPE_LIFETIME_ROW);
	g_type_ensure(SP_TYPE_DETAILS);
	g_type_ensure(SP_TYPE_COUNTDOWN);
	g_type_ensure(SP_TYPE_ANSWER_BAR);
	gtk_widget_class_set_template_from_resource(widget,
		"/org/sallyport/ui/sp-prompt-window.ui");
	bind_children(widget);
	gtk_widget_class_bind_template_callback(widget, on_choice_changed);
	gtk_widget_class_bind_template_callback(widget, on_pointed);
	gtk_widget_class_bind_template_callback_full(widget, "on_answered",
						     G_CALLBACK(sp_prompt_window_answer));
	gtk_widget_class_bind_template_callback_full(widget, "on_dismissed",
						     G_CALLBACK(sp_prompt_window_dismiss));
	gtk_widget_class_bind_template_callback(widget, on_row_activated);
	gtk_widget_class_bind_template_callback_full(widget, "on_mark_all",
						     G_CALLBACK(sp_prompt_window_mark_all));
	gtk_widget_class_bind_template_callback(widget, on_active);
	gtk_widget_class_bind_template_callback(widget, on_opened);
}

static void sp_prompt_window_init(SpPromptWindow *self)
{
	GtkEventController *keys = gtk_event_controller_key_new();

	self->action = "allow";
	gtk_widget_init_template(GTK_WIDGET(self));
	sp_fit_watch(GTK_WIDGET(self), G_CALLBACK(sp_prompt_window_fit), self);
	g_signal_connect_object(gtk_scrolled_window_get_vadjustment(self->page), "changed",
				G_CALLBACK(on_page_changed), self, G_CONNECT_SWAPPED);
	gtk_event_controller_set_propagation_phase(keys, GTK_PHASE_CAPTURE);
	g_signal_connect(keys, "key-pressed", G_CALLBACK(on_key), self);
	gtk_widget_add_controller(GTK_WIDGET(self), keys);
	self->hand = sp_hand_new(GTK_WIDGET(self), on_hand, self);
}

GtkWidget *sp_prompt_window_new(GtkApplication *application, SpProgram *program)
{
	SpPromptWindow *self = g_object_new(SP_TYPE_PROMPT_WINDOW,
					    "application", application, NULL);

	self->program = g_object_ref(program);
	for (guint i = 0; i < sp_program_count(program); i++)
		watch(self, sp_program_get(program, i));
	g_signal_connect_object(program, "items-changed", G_CALLBACK(on_items_changed), self, 0);
	show(self, sp_program_get(program, 0), sp_program_count(program) >= SP_PROMPT_MANY);
	return GTK_WIDGET(self);
}

SpProgram *sp_prompt_window_program(SpPromptWindow *self)
{
	return self->program;
}

/* X11: a window with no user time gets none of the keys. Wayland asks nobody. */
static void appear_without_focus(GtkWidget *window)
{
#ifdef GDK_WINDOWING_X11
	GdkSurface *surface;

	gtk_widget_realize(window);
	surface = gtk_native_get_surface(GTK_NATIVE(window));
	if (GDK_IS_X11_SURFACE(surface))
		gdk_x11_surface_set_user_time(surface, 0);
#endif
	gtk_widget_show(window);
}

void sp_prompt_window_appear(SpPromptWindow *self)
{
	appear_without_focus(GTK_WIDGET(self));
	sp_prompt_window_arm(self);
}

void sp_prompt_window_arm(SpPromptWindow *self)
{
	sp_answer_bar_arm(self->answers);
}

void sp_prompt_window_raise(SpPromptWindow *self, const char *token)
{
	if (*token)
		gtk_window_set_startup_id(GTK_WINDOW(self), token);
	gtk_window_present(GTK_WINDOW(self));
}
