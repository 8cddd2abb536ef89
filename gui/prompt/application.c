/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See application.h. @windows has one for each of @programs, in their order. */
#include "application.h"

#include "agent.h"
#include "channel.h"
#include "programs.h"
#include "sp-prompt-window.h"
#include "style.h"

/* The next question of a program often follows at once. */
#define LINGER_SECONDS 3

struct _SpApplication {
	AdwApplication parent;
	struct sp_channel *channel;
	SpPrograms *programs;
	GPtrArray *windows;	/* SpPromptWindow, ours by a reference */
	guint linger;
};

G_DEFINE_FINAL_TYPE(SpApplication, sp_application, ADW_TYPE_APPLICATION)

static gboolean on_lingered(gpointer data)
{
	SpApplication *self = data;

	self->linger = 0;
	g_application_quit(G_APPLICATION(self));
	return G_SOURCE_REMOVE;
}

static void linger(SpApplication *self)
{
	g_clear_handle_id(&self->linger, g_source_remove);
	if (!self->windows->len)
		self->linger = g_timeout_add_seconds(LINGER_SECONDS, on_lingered, self);
}

static void add_window(SpApplication *self, guint position)
{
	g_autoptr(SpProgram) program = g_list_model_get_item(G_LIST_MODEL(self->programs),
							     position);
	GtkWidget *window = sp_prompt_window_new(GTK_APPLICATION(self), program);

	g_ptr_array_insert(self->windows, (int)position, g_object_ref_sink(window));
	sp_prompt_window_appear(SP_PROMPT_WINDOW(window));
}

static void remove_window(gpointer window)
{
	gtk_window_destroy(window);
	g_object_unref(window);
}

static void arm_window(gpointer window, gpointer data)
{
	sp_prompt_window_arm(window);
}

/* A second click, or a key that is held, is not for the window that was beneath. */
static void remove_windows(SpApplication *self, guint position, guint removed)
{
	g_ptr_array_remove_range(self->windows, position, removed);
	g_ptr_array_foreach(self->windows, arm_window, NULL);
}

static void on_programs_changed(GListModel *programs, guint position, guint removed,
				guint added, SpApplication *self)
{
	if (removed)
		remove_windows(self, position, removed);
	for (guint i = 0; i < added; i++)
		add_window(self, position + i);
	linger(self);
}

static void on_answer(SpRequest *ask, const char *action, const char *scope,
		      const char *lifetime, SpApplication *self)
{
	const struct sp_question *question = sp_request_question(ask);

	sp_channel_answer(self->channel, question->id, question->token, action, scope, lifetime);
}

static void on_dismiss(SpRequest *ask, SpApplication *self)
{
	const struct sp_question *question = sp_request_question(ask);

	sp_channel_dismiss(self->channel, question->id, question->token);
}

static void on_hold(SpRequest *ask, gboolean held, SpApplication *self)
{
	const struct sp_question *question = sp_request_question(ask);

	sp_channel_hold(self->channel, question->id, question->token, held);
}

/* What the agent says. */

static void asked(struct sp_question *question, void *data)
{
	SpApplication *self = data;
	SpRequest *ask = sp_programs_ask(self->programs, question);

	if (!ask)
		return;
	g_signal_connect_object(ask, "answer", G_CALLBACK(on_answer), self, 0);
	g_signal_connect_object(ask, "dismiss", G_CALLBACK(on_dismiss), self, 0);
	g_signal_connect_object(ask, "hold", G_CALLBACK(on_hold), self, 0);
}

static void updated(guint64 id, GVariant *changes, void *data)
{
	SpRequest *ask = sp_programs_find(((SpApplication *)data)->programs, id);

	if (ask)
		sp_request_update(ask, changes);
}

static void remove_ask(SpApplication *self, SpRequest *ask)
{
	g_object_ref(ask);
	sp_programs_remove(self->programs, ask);
	g_object_unref(ask);
}

static void cancelled(guint64 id, const char *reason, void *data)
{
	SpApplication *self = data;
	SpRequest *ask = sp_programs_find(self->programs, id);

	if (ask)
		remove_ask(self, ask);
}

static void shown(guint64 id, const char *token, void *data)
{
	SpApplication *self = data;
	SpRequest *ask = sp_programs_find(self->programs, id);
	guint position;

	if (!ask)
		return;
	for (position = 0; position < self->windows->len; position++) {
		SpPromptWindow *window = g_ptr_array_index(self->windows, position);

		if (sp_prompt_window_program(window) == sp_programs_of(self->programs, ask))
			sp_prompt_window_raise(window, token);
	}
}

static void replied(guint64 id, const GError *error, void *data)
{
	SpApplication *self = data;
	SpRequest *ask = sp_programs_find(self->programs, id);

	if (!ask)
		return;
	if (error && !sp_agent_error_is_final(error)) {
		sp_request_refused(ask, error);
		return;
	}
	/* What could not be kept is told by the agent, which stays. */
	remove_ask(self, ask);
}

static void closed(void *data)
{
	g_application_quit(data);
}

static const struct sp_channel_calls channel_calls = {
	.ask = asked,
	.update = updated,
	.cancel = cancelled,
	.show = shown,
	.replied = replied,
	.closed = closed,
};

static void sp_application_startup(GApplication *application)
{
	G_APPLICATION_CLASS(sp_application_parent_class)->startup(application);
	sp_style_load();
	gtk_window_set_default_icon_name("org.sallyport.Sallyport");
	g_application_hold(application);	/* until we quit */
	linger(SP_APPLICATION(application));
}

/* Started for a question: windows come with them. */
static void sp_application_activate(GApplication *application)
{
}

static void sp_application_finalize(GObject *object)
{
	SpApplication *self = SP_APPLICATION(object);

	g_clear_handle_id(&self->linger, g_source_remove);
	sp_channel_free(self->channel);
	g_ptr_array_unref(self->windows);
	g_object_unref(self->programs);
	G_OBJECT_CLASS(sp_application_parent_class)->finalize(object);
}

static void sp_application_class_init(SpApplicationClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_application_finalize;
	G_APPLICATION_CLASS(class)->startup = sp_application_startup;
	G_APPLICATION_CLASS(class)->activate = sp_application_activate;
}

static void sp_application_init(SpApplication *self)
{
	self->windows = g_ptr_array_new_with_free_func(remove_window);
	self->programs = sp_programs_new();
	g_signal_connect_object(self->programs, "items-changed",
				G_CALLBACK(on_programs_changed), self, 0);
}

SpApplication *sp_application_new(int fd, GError **error)
{
	SpApplication *self = g_object_new(SP_TYPE_APPLICATION,
					   "application-id", "org.sallyport.Prompt",
					   "flags", G_APPLICATION_NON_UNIQUE, NULL);

	self->channel = sp_channel_new(fd, &channel_calls, self, error);
	if (self->channel)
		return self;
	g_object_unref(self);
	return NULL;
}
