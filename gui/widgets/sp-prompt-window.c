/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See sp-prompt-window.h. show() alone changes what is asked, and makes the
 * buttons inert for a moment whenever it does.
 */
#include "sp-prompt-window.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#ifdef GDK_WINDOWING_X11
#include <gdk/x11/gdkx.h>
#endif

#include "facts.h"
#include "fit.h"
#include "hand.h"
#include "headline.h"
#include "sp-answer-bar.h"
#include "sp-request-row.h"
#include "sp-countdown.h"
#include "sp-details.h"
#include "sp-headline-label.h"
#include "sp-identity.h"
#include "sp-lifetime-row.h"
#include "sp-scope-chooser.h"

/* At the usual size of text; px */
#define WIDTH	460
#define PAGE	120	/* of what scrolls, at least; the buttons never do */
/* So long after a list appears what comes still belongs to it. µs */
#define BURST	(3 * G_USEC_PER_SEC)

struct _SpPromptWindow {
	AdwApplicationWindow parent;
	SpProgram *program;
	SpRequest *ask;		/* shown; of several the oldest */
	gboolean many;
	gint64 burst;		/* monotonic end of it */
	struct sp_hand *hand;
	const char *action;	/* that the effect is told for */
	gboolean sure;		/* an answer that is to be given twice was given once */
	gboolean opened;	/* the details, just now: they are to be seen */

	GtkWidget *bar, *foot;
	GtkScrolledWindow *page;
	AdwClamp *clamp;
	SpIdentity *identity;
	SpHeadlineLabel *headline;
	GtkLabel *host, *past, *warning, *effect, *message, *waiting_label;
	GtkWidget *warning_box, *list_box, *waiting_box;
	GtkListBox *list, *waiting;
	SpScopeChooser *scope;
	SpLifetimeRow *lifetime;
	GtkCheckButton *updates;
	SpDetails *details;
	SpCountdown *countdown;
	SpAnswerBar *answers;
};

G_DEFINE_FINAL_TYPE(SpPromptWindow, sp_prompt_window, ADW_TYPE_APPLICATION_WINDOW)

static int height_of(GtkWidget *widget, int width)
{
	int height;

	gtk_widget_measure(widget, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
	return height;
}

/* As wide as its text wants, as high as what is in it, up to the screen's height. */
static void fit(SpPromptWindow *self)
{
	int width = (int)(WIDTH * sp_fit_text(GTK_WIDGET(self)));
	int others = height_of(self->bar, width) + height_of(self->foot, width);

	gtk_widget_set_size_request(GTK_WIDGET(self->clamp), width, -1);
	adw_clamp_set_maximum_size(self->clamp, width);
	adw_clamp_set_tightening_threshold(self->clamp, width);
	gtk_scrolled_window_set_max_content_height(self->page,
		MAX(sp_fit_height(GTK_WIDGET(self)) - others, PAGE));
}

static const struct sp_question *question(SpPromptWindow *self)
{
	return sp_request_question(self->ask);
}

static void set_text(GtkLabel *label, const char *text)
{
	gtk_label_set_text(label, text ? text : "");
	gtk_widget_set_visible(GTK_WIDGET(label), text && *text);
}

/* To a person this is the question on the screen. */
static gboolean is_shown(SpPromptWindow *self, SpRequest *ask)
{
	return ask == self->ask || sp_request_is_like(ask, self->ask);
}

/* The questions an answer is for: a new array. */
static GPtrArray *answered_ones(SpPromptWindow *self)
{
	GPtrArray *asks = g_ptr_array_new_with_free_func(g_object_unref);

	for (guint i = 0; i < sp_program_count(self->program); i++) {
		SpRequest *ask = sp_program_get(self->program, i);

		if (self->many ? sp_request_chosen(ask) : is_shown(self, ask))
			g_ptr_array_add(asks, g_object_ref(ask));
	}
	return asks;
}

static guint count_answered(SpPromptWindow *self)
{
	g_autoptr(GPtrArray) asks = answered_ones(self);

	return asks->len;
}

static gboolean have_versions(SpPromptWindow *self)
{
	g_autoptr(GPtrArray) asks = answered_ones(self);
	gboolean all = asks->len > 0;

	for (guint i = 0; i < asks->len && all; i++)
		all = sp_question_has_versions(sp_request_question(asks->pdata[i]));
	return all;
}

/* As it is sent: how far, and for which version of the program. */
static char *chosen_scope(SpPromptWindow *self)
{
	gboolean pinned = have_versions(self) && !gtk_check_button_get_active(self->updates);

	return g_strconcat(sp_scope_chooser_get(self->scope), pinned ? SP_THIS_VERSION : "", NULL);
}

static gboolean wants_certainty(SpPromptWindow *self, const char *action)
{
	g_autofree char *scope = chosen_scope(self);

	return sp_question_wants_certainty(question(self), action, scope,
					   sp_lifetime_row_get(self->lifetime));
}

static char *effect_of(SpPromptWindow *self)
{
	g_autofree char *scope = chosen_scope(self);
	const char *lifetime = sp_lifetime_row_get(self->lifetime);
	guint count = count_answered(self);

	if (self->many && !g_str_has_prefix(scope, "anything") && strcmp(lifetime, "once") != 0)
		return g_strdup_printf(ngettext("Makes a rule for the %u that is marked.",
						"Makes a rule for each of the %u that are marked.",
						count), count);
	return sp_facts_effect(question(self),
			       (guint)MAX(sp_question_find_scope(question(self), scope), 0),
			       self->action, lifetime);
}

static void show_effect(SpPromptWindow *self)
{
	g_autofree char *scope = chosen_scope(self);
	int index = sp_question_find_scope(question(self), scope);
	gboolean once = strcmp(sp_lifetime_row_get(self->lifetime), "once") == 0;
	g_autofree char *effect = effect_of(self);
	g_autofree char *command = index < 0 || self->many ? NULL :
		sp_facts_command(question(self), (guint)index, self->action,
				 sp_lifetime_row_get(self->lifetime));

	gtk_widget_set_visible(GTK_WIDGET(self->updates), have_versions(self));
	gtk_widget_set_sensitive(GTK_WIDGET(self->updates), !once);
	set_text(self->effect, effect);
	sp_details_set_command(self->details, command);
}

/* Answers on their way, nothing marked, the daemon's refusal. */
static void show_state(SpPromptWindow *self)
{
	g_autofree char *certainty = self->sure ? sp_facts_certainty(question(self)) : NULL;

	set_text(self->message, certainty ? certainty : sp_request_message(self->ask));
	fit(self);
	sp_answer_bar_set_ready(self->answers, !sp_request_is_sending(self->ask) &&
						count_answered(self) > 0);
	sp_countdown_set(self->countdown, question(self));
	sp_details_update(self->details, question(self));
}

static void show_headline(SpPromptWindow *self)
{
	struct sp_headline headline;

	if (self->many)
		sp_headline_of_many(question(self), sp_program_count(self->program), &headline);
	else
		sp_headline_of(question(self), &headline);
	sp_headline_label_set(self->headline, &headline);
	sp_headline_clear(&headline);
}

static void show_facts(SpPromptWindow *self)
{
	const struct sp_question *q = question(self);
	g_autofree char *host = self->many ? NULL : sp_facts_host(q);
	g_autofree char *past = sp_facts_past(q);
	g_autofree char *warning = sp_facts_warning(q);
	g_autofree char *name = sp_facts_whole_name(q);

	gtk_window_set_title(GTK_WINDOW(self), *q->name ? name : _("Unknown program"));
	sp_identity_set(self->identity, q);
	set_text(self->host, host);
	set_text(self->past, past);
	gtk_label_set_text(self->warning, warning);
	gtk_widget_set_visible(self->warning_box, *warning);
	sp_details_set(self->details, q);
}

/* All but the one shown, for the list below the buttons. */
static gboolean is_behind(gpointer item, gpointer data)
{
	return !is_shown(data, item);
}

static GtkWidget *make_waiting_row(gpointer ask, gpointer data)
{
	return sp_request_row_new(ask, FALSE);
}

static GtkWidget *make_list_row(gpointer ask, gpointer data)
{
	return sp_request_row_new(ask, TRUE);
}

static void show_lists(SpPromptWindow *self)
{
	GtkFilter *filter = GTK_FILTER(gtk_custom_filter_new(is_behind, self, NULL));
	g_autoptr(GtkFilterListModel) behind = gtk_filter_list_model_new(
		G_LIST_MODEL(g_object_ref(self->program)), filter);

	gtk_list_box_bind_model(self->waiting, self->many ? NULL : G_LIST_MODEL(behind),
				make_waiting_row, NULL, NULL);
	gtk_list_box_bind_model(self->list, self->many ? G_LIST_MODEL(self->program) : NULL,
				make_list_row, NULL, NULL);
}

static guint count_behind(SpPromptWindow *self)
{
	guint count = 0;

	for (guint i = 0; i < sp_program_count(self->program); i++)
		count += !is_shown(self, sp_program_get(self->program, i));
	return count;
}

static void show_counts(SpPromptWindow *self)
{
	guint behind = count_behind(self);
	g_autofree char *text = g_strdup_printf(
		ngettext("%u more question of this program", "%u more questions of this program",
			 behind), behind);

	gtk_label_set_text(self->waiting_label, text);
	gtk_widget_set_visible(self->waiting_box, behind && !self->many);
	gtk_widget_set_visible(self->list_box, self->many);
	show_headline(self);
	fit(self);
}

static void show_choices(SpPromptWindow *self)
{
	g_autoptr(GListStore) one = g_list_store_new(SP_TYPE_REQUEST);

	g_list_store_append(one, self->ask);
	sp_scope_chooser_set(self->scope, question(self),
			     self->many ? G_LIST_MODEL(self->program) : G_LIST_MODEL(one));
	sp_lifetime_row_set(self->lifetime, question(self));
}

static void show_all(SpPromptWindow *self)
{
	self->sure = FALSE;
	sp_answer_bar_arm(self->answers);
	show_facts(self);
	show_counts(self);
	show_choices(self);
	show_effect(self);
	show_state(self);
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
	show_lists(self);
	show_all(self);
	gtk_widget_grab_focus(GTK_WIDGET(self->headline));
}

/* The same with more known: what was chosen stays, and the focus where it is. */
static void on_renewed(SpRequest *ask, SpPromptWindow *self)
{
	g_autofree char *lifetime = g_strdup(sp_lifetime_row_get(self->lifetime));

	show_lists(self);
	show_counts(self);
	if (ask != self->ask && !self->many)
		return;
	if (sp_hand_is_here(self->hand))
		sp_request_hold(ask, TRUE);
	show_all(self);
	sp_lifetime_row_choose(self->lifetime, lifetime);
	show_effect(self);
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
	show_counts(self);
	show_effect(self);
	show_state(self);
}

static void on_ask_changed(SpRequest *ask, SpPromptWindow *self)
{
	gboolean was_refused = sp_request_message(ask) != NULL;

	if (ask != self->ask)
		return;
	if (was_refused && !sp_request_is_sending(ask) && !sp_answer_bar_is_inert(self->answers) &&
	    !gtk_widget_get_visible(GTK_WIDGET(self->message)))
		sp_answer_bar_arm(self->answers);
	show_state(self);
}

static void on_chosen(SpRequest *ask, GParamSpec *spec, SpPromptWindow *self)
{
	if (!sp_program_count(self->program))
		return;
	show_effect(self);
	show_state(self);
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
	show_effect(self);
	show_state(self);
}

static void on_pointed(SpPromptWindow *self, const char *action)
{
	self->action = strcmp(action, "allow") == 0 ? "allow" : "deny";
	show_effect(self);
}

static void on_answered(SpPromptWindow *self, const char *action)
{
	g_autoptr(GPtrArray) asks = answered_ones(self);
	g_autofree char *scope = chosen_scope(self);
	g_autofree char *lifetime = g_strdup(sp_lifetime_row_get(self->lifetime));

	if (!self->sure && wants_certainty(self, action)) {
		self->sure = TRUE;
		sp_answer_bar_arm(self->answers);
		show_state(self);
		return;
	}
	/* A rule answers those like it by itself, as far as it is about them. */
	for (guint i = 0; i < asks->len; i++) {
		SpRequest *ask = g_ptr_array_index(asks, i);

		if (self->many || ask == self->ask || strcmp(lifetime, "once") == 0)
			sp_request_answer(ask, action, scope, lifetime);
	}
}

static void on_dismissed(SpPromptWindow *self)
{
	g_autoptr(GPtrArray) asks = answered_ones(self);

	for (guint i = 0; i < asks->len; i++)
		sp_request_dismiss(g_ptr_array_index(asks, i));
}

static void on_row_activated(SpPromptWindow *self, SpRequestRow *row)
{
	g_autoptr(SpRequest) ask = g_object_ref(sp_request_row_request(row));

	show(self, ask, FALSE);
}

static void on_mark_all(SpPromptWindow *self)
{
	guint count = sp_program_count(self->program);
	gboolean all = count_answered(self) == count;

	for (guint i = 0; i < count; i++)
		sp_request_set_chosen(sp_program_get(self->program, i), !all);
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

/* Whoever comes back finds the focus where keys do nothing. */
static void on_active(SpPromptWindow *self)
{
	if (!gtk_window_is_active(GTK_WINDOW(self)))
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
	gtk_widget_class_bind_template_callback(widget, on_answered);
	gtk_widget_class_bind_template_callback(widget, on_dismissed);
	gtk_widget_class_bind_template_callback(widget, on_row_activated);
	gtk_widget_class_bind_template_callback(widget, on_mark_all);
	gtk_widget_class_bind_template_callback(widget, on_active);
	gtk_widget_class_bind_template_callback(widget, on_opened);
}

static void sp_prompt_window_init(SpPromptWindow *self)
{
	GtkEventController *keys = gtk_event_controller_key_new();

	self->action = "allow";
	gtk_widget_init_template(GTK_WIDGET(self));
	sp_fit_watch(GTK_WIDGET(self), G_CALLBACK(fit), self);
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
	/* What was under the pointer or typed into is another window's until now. */
	sp_answer_bar_arm(self->answers);
}

void sp_prompt_window_raise(SpPromptWindow *self, const char *token)
{
	if (*token)
		gtk_window_set_startup_id(GTK_WINDOW(self), token);
	gtk_window_present(GTK_WINDOW(self));
}
