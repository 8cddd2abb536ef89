/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See notifier.h. The thread begins with the first notification; everything
 * below "in the thread" is touched by it alone. Jobs reach it in their order.
 */
#include "notifier.h"

#include <glib/gi18n-lib.h>
#include <libnotify/notify.h>

struct sp_notifier {
	sp_notifier_action action;
	void *data;
	GThread *thread;
	GMainContext *context;	/* the thread's */
	GMainLoop *loop;
	gint gone;		/* atomic: no more calls of @action */
	gint references;	/* atomic: the owner, and calls on their way back */
	/* In the thread. */
	GHashTable *shown;	/* key → NotifyNotification */
	gboolean ready, has_actions, has_markup;
};

struct job {
	struct sp_notifier *notifier;
	char *key, *summary, *body;	/* summary NULL: close it */
	GStrv actions;
	gboolean urgent;
};

/* An action on its way to the main context. */
struct chosen {
	struct sp_notifier *notifier;
	char *key, *action, *token;
};

static void notifier_unref(struct sp_notifier *notifier)
{
	if (!g_atomic_int_dec_and_test(&notifier->references))
		return;
	g_main_loop_unref(notifier->loop);
	g_main_context_unref(notifier->context);
	g_hash_table_unref(notifier->shown);
	g_free(notifier);
}

static void job_free(gpointer data)
{
	struct job *job = data;

	g_free(job->key);
	g_free(job->summary);
	g_free(job->body);
	g_strfreev(job->actions);
	g_free(job);
}

static void chosen_free(gpointer data)
{
	struct chosen *chosen = data;

	notifier_unref(chosen->notifier);
	g_free(chosen->key);
	g_free(chosen->action);
	g_free(chosen->token);
	g_free(chosen);
}

static gboolean deliver(gpointer data)
{
	struct chosen *chosen = data;

	if (!g_atomic_int_get(&chosen->notifier->gone))
		chosen->notifier->action(chosen->key, chosen->action, chosen->token,
					 chosen->notifier->data);
	return G_SOURCE_REMOVE;
}

/* In the thread. */

static void on_action(NotifyNotification *notification, char *action, gpointer data)
{
	struct sp_notifier *notifier = data;
	struct chosen *chosen = g_new0(struct chosen, 1);

	g_atomic_int_inc(&notifier->references);
	chosen->notifier = notifier;
	chosen->key = g_strdup(g_object_get_data(G_OBJECT(notification), "key"));
	chosen->action = g_strdup(action);
	chosen->token = g_strdup(notify_notification_get_activation_token(notification));
	g_main_context_invoke_full(NULL, G_PRIORITY_DEFAULT, deliver, chosen, chosen_free);
}

static void on_closed(NotifyNotification *notification, struct sp_notifier *notifier)
{
	const char *key = g_object_get_data(G_OBJECT(notification), "key");

	if (g_hash_table_lookup(notifier->shown, key) == notification)
		g_hash_table_remove(notifier->shown, key);
}

static gboolean has(GList *caps, const char *name)
{
	return g_list_find_custom(caps, name, (GCompareFunc)(void (*)(void))g_strcmp0) != NULL;
}

static gboolean connect_server(struct sp_notifier *notifier)
{
	GList *caps;

	if (notifier->ready)
		return TRUE;
	if (!notify_is_initted() && !notify_init("Sallyport"))
		return FALSE;
	caps = notify_get_server_caps();
	if (!caps)	/* no server, or not yet */
		return FALSE;
	notifier->has_actions = has(caps, "actions");
	notifier->has_markup = has(caps, "body-markup");
	g_list_free_full(caps, g_free);
	notifier->ready = TRUE;
	return TRUE;
}

static NotifyNotification *notification_of(struct sp_notifier *notifier, const struct job *job)
{
	NotifyNotification *notification = g_hash_table_lookup(notifier->shown, job->key);

	if (notification)
		return notification;
	notification = notify_notification_new(job->summary, NULL, "org.sallyport.Sallyport");
	g_object_set_data_full(G_OBJECT(notification), "key", g_strdup(job->key), g_free);
	notify_notification_set_hint(notification, "desktop-entry",
				     g_variant_new_string("org.sallyport.Sallyport"));
	g_signal_connect(notification, "closed", G_CALLBACK(on_closed), notifier);
	g_hash_table_insert(notifier->shown, g_strdup(job->key), notification);
	return notification;
}

static void show(struct sp_notifier *notifier, const struct job *job)
{
	g_autofree char *body = NULL;
	NotifyNotification *notification;

	if (!connect_server(notifier))
		return;
	/* Servers that know markup want everything else escaped. */
	body = notifier->has_markup ? g_markup_escape_text(job->body, -1) : g_strdup(job->body);
	notification = notification_of(notifier, job);
	notify_notification_update(notification, job->summary, body, "org.sallyport.Sallyport");
	notify_notification_set_urgency(notification, job->urgent ? NOTIFY_URGENCY_CRITICAL :
								    NOTIFY_URGENCY_NORMAL);
	notify_notification_clear_actions(notification);
	for (guint i = 0; notifier->has_actions && job->actions && job->actions[i]; i += 2)
		notify_notification_add_action(notification, job->actions[i],
					       job->actions[i + 1], on_action, notifier, NULL);
	/* A server that went is looked for again next time. */
	if (!notify_notification_show(notification, NULL)) {
		notifier->ready = FALSE;
		g_hash_table_remove(notifier->shown, job->key);
	}
}

static gboolean perform(gpointer data)
{
	struct job *job = data;
	NotifyNotification *notification;

	if (job->summary) {
		show(job->notifier, job);
		return G_SOURCE_REMOVE;
	}
	notification = g_hash_table_lookup(job->notifier->shown, job->key);
	if (notification) {
		g_object_ref(notification);
		g_hash_table_remove(job->notifier->shown, job->key);
		notify_notification_close(notification, NULL);
		g_object_unref(notification);
	}
	return G_SOURCE_REMOVE;
}

static gpointer run(gpointer data)
{
	struct sp_notifier *notifier = data;
	GHashTableIter iter;
	gpointer notification;

	g_main_context_push_thread_default(notifier->context);
	g_main_loop_run(notifier->loop);
	g_hash_table_iter_init(&iter, notifier->shown);
	while (g_hash_table_iter_next(&iter, NULL, &notification)) {
		g_signal_handlers_disconnect_by_data(notification, notifier);
		notify_notification_close(notification, NULL);
	}
	g_hash_table_remove_all(notifier->shown);
	if (notify_is_initted())
		notify_uninit();
	/* What it had subscribed to is freed by this context. */
	while (g_main_context_iteration(notifier->context, FALSE))
		;
	g_main_context_pop_thread_default(notifier->context);
	return NULL;
}

/* In the main context. */

static void push(struct sp_notifier *notifier, struct job *job)
{
	g_autoptr(GSource) source = g_idle_source_new();

	job->notifier = notifier;
	g_source_set_priority(source, G_PRIORITY_DEFAULT);
	g_source_set_callback(source, perform, job, job_free);
	g_source_attach(source, notifier->context);
	if (!notifier->thread)
		notifier->thread = g_thread_new("notifications", run, notifier);
}

struct sp_notifier *sp_notifier_new(sp_notifier_action action, void *data)
{
	struct sp_notifier *notifier = g_new0(struct sp_notifier, 1);

	notifier->action = action;
	notifier->data = data;
	notifier->references = 1;
	notifier->context = g_main_context_new();
	notifier->loop = g_main_loop_new(notifier->context, FALSE);
	notifier->shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						g_object_unref);
	return notifier;
}

static gboolean quit(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_REMOVE;
}

void sp_notifier_free(struct sp_notifier *notifier)
{
	if (!notifier)
		return;
	g_atomic_int_set(&notifier->gone, 1);
	if (notifier->thread) {
		g_autoptr(GSource) source = g_idle_source_new();

		g_source_set_priority(source, G_PRIORITY_DEFAULT);
		g_source_set_callback(source, quit, notifier->loop, NULL);
		g_source_attach(source, notifier->context);
		g_thread_join(notifier->thread);
	}
	notifier_unref(notifier);
}

void sp_notifier_show(struct sp_notifier *notifier, const char *key,
		      const struct sp_note *note)
{
	struct job *job = g_new0(struct job, 1);

	job->key = g_strdup(key);
	job->summary = g_strdup(note->summary);
	job->body = g_strdup(note->body);
	job->actions = g_strdupv((char **)note->actions);
	job->urgent = note->urgent;
	push(notifier, job);
}

void sp_notifier_close(struct sp_notifier *notifier, const char *key)
{
	struct job *job;

	if (!notifier->thread)
		return;		/* nothing was ever shown */
	job = g_new0(struct job, 1);
	job->key = g_strdup(key);
	push(notifier, job);
}
