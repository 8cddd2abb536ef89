/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See news.h. */
#include "news.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "entry.h"
#include "bus.h"
#include "calls.h"
#include "error.h"
#include "format.h"
#include "headline.h"
#include "networks.h"
#include "notifier.h"
#include "opener.h"
#include "refused.h"

#define UNSEEN_SECONDS	8	/* then a question gets a notification */
#define QUIET_SECONDS	10	/* between two about refusals */
#define MISSED_MAX	1000u	/* records looked at after log-in */

struct sp_news {
	GDBusConnection *bus;
	const struct sp_news_calls *calls;
	void *data;
	struct sp_notifier *notifier;
	struct sp_refused *refused;
	struct sp_networks *networks;
	GHashTable *unseen;	/* id → struct unseen */
	GCancellable *cancel;	/* of calls under way */
	GCancellable *watch;	/* of the last History.Watch */
	guint records, changed;	/* subscriptions; 0: none */
	gboolean begun;		/* we are the daemon's agent */
	guint64 first, recent;	/* serials: see is_told_twice() */
	guint quiet;		/* the timer */
	char *mode;		/* that was told last; NULL: none */
	char *refusal;		/* why we are not the daemon's agent */
	gboolean missed;	/* what was missed before us has been told */
};

struct unseen {
	struct sp_news *news;
	guint64 id;
	char *text;
	guint timer;
};

static void unseen_free(gpointer data)
{
	struct unseen *unseen = data;

	g_clear_handle_id(&unseen->timer, g_source_remove);
	g_free(unseen->text);
	g_free(unseen);
}

static char *key_of(guint64 id)
{
	return g_strdup_printf("question-%" G_GUINT64_FORMAT, id);
}

static void on_action(const char *key, const char *action, const char *token, void *data)
{
	struct sp_news *news = data;
	guint64 id;

	if (strcmp(key, "refused") == 0 || strcmp(key, "missed") == 0)
		sp_open_manager("missed", token);
	if (strcmp(key, "learned") == 0)
		sp_open_manager("rules", token);
	if (strcmp(key, SP_NETWORKS_KEY) == 0)
		sp_networks_chosen(news->networks, action);
	if (!g_str_has_prefix(key, "question-"))
		return;
	id = g_ascii_strtoull(key + strlen("question-"), NULL, 10);
	if (!g_hash_table_contains(news->unseen, &id))
		return;		/* chosen while it was withdrawn */
	if (strcmp(action, "deny") == 0)
		news->calls->deny(id, news->data);
	else
		news->calls->show(id, token, news->data);
}

/* There is no "allow": who may answer here is everybody on the session bus. */
static void tell_unseen(const struct unseen *unseen)
{
	const char *const actions[] = {
		"default", _("Show"), "show", _("Show"), "deny", _("Deny"), NULL,
	};
	g_autofree char *key = key_of(unseen->id);
	const struct sp_note note = {
		.summary = _("A program waits for your answer"),
		.body = unseen->text,
		.actions = actions,
		.urgent = TRUE,
	};

	sp_notifier_show(unseen->news->notifier, key, &note);
}

static gboolean on_unseen(gpointer data)
{
	struct unseen *unseen = data;

	unseen->timer = 0;
	tell_unseen(unseen);
	return G_SOURCE_REMOVE;
}

/* Where it is not the file's name that is said, the file is said as well. */
static char *words_of(const struct sp_question *question)
{
	g_autoptr(SpEntry) entry = sp_entry_of_question(question);
	struct sp_headline headline;
	char *words;

	sp_headline_of(question, &headline);
	words = entry ? g_strconcat(headline.text, "\n", question->program, NULL) :
			g_strdup(headline.text);
	sp_headline_clear(&headline);
	return words;
}

void sp_news_asked(struct sp_news *news, const struct sp_question *question)
{
	struct unseen *unseen = g_new0(struct unseen, 1);

	unseen->news = news;
	unseen->id = question->id;
	unseen->text = words_of(question);
	unseen->timer = g_timeout_add_seconds(UNSEEN_SECONDS, on_unseen, unseen);
	g_hash_table_replace(news->unseen, &unseen->id, unseen);
}

void sp_news_renewed(struct sp_news *news, const struct sp_question *question)
{
	struct unseen *unseen = g_hash_table_lookup(news->unseen, &question->id);

	if (!unseen)
		return;		/* somebody has looked at it */
	g_free(unseen->text);
	unseen->text = words_of(question);
	if (!unseen->timer)
		tell_unseen(unseen);
}

void sp_news_seen(struct sp_news *news, guint64 id)
{
	g_autofree char *key = key_of(id);

	if (g_hash_table_remove(news->unseen, &id))
		sp_notifier_close(news->notifier, key);
}

/* A daemon that comes gives their numbers again: what is on the screen would be about others. */
static void forget_questions(struct sp_news *news)
{
	GHashTableIter iter;
	gpointer id;

	g_hash_table_iter_init(&iter, news->unseen);
	while (g_hash_table_iter_next(&iter, &id, NULL)) {
		g_autofree char *key = key_of(*(const guint64 *)id);

		sp_notifier_close(news->notifier, key);
	}
	g_hash_table_remove_all(news->unseen);
}

static void tell_refused(struct sp_news *news, const char *key, const char *summary)
{
	const char *const actions[] = { "default", _("Show"), "show", _("Show"), NULL };
	g_autofree char *body = sp_refused_body(news->refused);
	const struct sp_note note = { .summary = summary, .body = body, .actions = actions };

	sp_notifier_show(news->notifier, key, &note);
	sp_refused_clear(news->refused);
}

static void tell_new(struct sp_news *news);

static gboolean on_quiet_over(gpointer data)
{
	struct sp_news *news = data;

	news->quiet = 0;
	tell_new(news);
	return G_SOURCE_REMOVE;
}

/* At once, unless it was just told. */
static void tell_new(struct sp_news *news)
{
	g_autofree char *summary = NULL;

	if (!sp_refused_count(news->refused) || news->quiet)
		return;
	summary = sp_refused_summary(news->refused);
	tell_refused(news, "refused", summary);
	news->quiet = g_timeout_add_seconds(QUIET_SECONDS, on_quiet_over, news);
}

/*
 * Records of before us are told as missed; those that came while we were registered are
 * among them and among what we watch. @first is the first that we watched, @recent the
 * last of those that were told as missed.
 */
static gboolean is_told_twice(const struct sp_news *news, GVariant *record)
{
	return sp_dict_number(record, "serial") <= news->recent &&
	       strcmp(sp_dict_string(record, "by"), "nobody") == 0;
}

static void on_records(GDBusConnection *bus, const char *sender, const char *path,
		       const char *interface, const char *signal, GVariant *args, gpointer data)
{
	struct sp_news *news = data;
	g_autoptr(GVariantIter) records = NULL;
	GVariant *record;

	if (!g_variant_is_of_type(args, G_VARIANT_TYPE("(aa{sv}u)")))
		return;
	g_variant_get(args, "(aa{sv}u)", &records, NULL);
	while ((record = g_variant_iter_next_value(records))) {
		news->first = MIN(news->first, sp_dict_number(record, "serial"));
		if (!is_told_twice(news, record))
			sp_refused_add(news->refused, record);
		g_variant_unref(record);
	}
	if (news->begun)
		tell_new(news);
}

static void tell_state(struct sp_news *news, const char *summary, const char *body)
{
	const struct sp_note note = { .summary = summary, .body = body, .urgent = TRUE };

	sp_notifier_show(news->notifier, "state", &note);
}

/* Until when, and why. */
static char *mode_body(GVariant *status)
{
	gint64 until = (gint64)sp_dict_number(status, "mode-until");
	g_autofree char *end = sp_format_time(until, g_get_real_time());
	const char *reason = sp_dict_string(status, "mode-reason");
	g_autofree char *time = until ? g_strdup_printf(_("Until %s."), end) : g_strdup("");

	return g_strconcat(time, until && *reason ? " " : "", reason, NULL);
}

static const char *mode_summary(const char *mode)
{
	if (strcmp(mode, "off") == 0)
		return _("The firewall was switched off");
	if (strcmp(mode, "lockdown") == 0)
		return _("Lockdown: nearly all connections are refused");
	if (strcmp(mode, "learn") == 0)
		return _("The firewall learns what your programs do");
	return _("The firewall works as usual again");
}

/* What it was is over: what came of it is to be looked at. */
static void tell_learned(struct sp_news *news)
{
	const char *const actions[] = { "default", _("Show"), "show", _("Show"), NULL };
	const struct sp_note note = {
		.summary = _("The firewall has learned, and asks you from now on"),
		.body = _("What your programs did is among your rules, switched off, with the note “learned”. Switch on what may be."),
		.actions = actions,
	};

	sp_notifier_show(news->notifier, "learned", &note);
}

static void tell_mode(struct sp_news *news, GVariant *status)
{
	const char *mode = sp_dict_string(status, "mode");
	gboolean normal = strcmp(mode, "normal") == 0;
	g_autofree char *body = normal ? g_strdup("") : mode_body(status);
	const struct sp_note note = {
		.summary = mode_summary(mode), .body = body,
		.urgent = !normal && strcmp(mode, "learn") != 0,
	};

	if (normal && strcmp(news->mode, "learn") == 0)
		tell_learned(news);
	else
		sp_notifier_show(news->notifier, "mode", &note);
}

/* Normal is news only after something else. */
static void take_mode(struct sp_news *news, GVariant *status)
{
	const char *mode = sp_dict_string(status, "mode");

	if (g_strcmp0(mode, news->mode) == 0)
		return;
	if (news->mode || strcmp(mode, "normal") != 0)
		tell_mode(news, status);
	g_free(news->mode);
	news->mode = g_strdup(mode);
}

static void take_status(struct sp_news *news, GVariant *status)
{
	const char *state = sp_dict_string(status, "state");
	g_auto(GStrv) reasons = NULL;
	g_autofree char *body = NULL;

	take_mode(news, status);
	if (strcmp(state, "protecting") == 0) {
		sp_notifier_close(news->notifier, "state");
		return;
	}
	if (!g_variant_lookup(status, "reasons", "^as", &reasons))
		reasons = g_new0(char *, 1);
	body = g_strjoinv("\n", reasons);
	if (strcmp(state, "off") == 0 && !*body) {	/* what was said about the mode is all */
		sp_notifier_close(news->notifier, "state");
		return;
	}
	if (strcmp(state, "degraded") == 0)
		tell_state(news, _("The firewall protects only in part"), body);
	else
		tell_state(news, _("The firewall does not protect this machine"), body);
}

/* A reply: NULL where it failed, or nobody is there any more to take it. */
static GVariant *reply_of(GObject *bus, GAsyncResult *result)
{
	return g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result, NULL);
}

static void on_status(GObject *bus, GAsyncResult *result, gpointer data)
{
	g_autoptr(GVariant) reply = reply_of(bus, result);
	g_autoptr(GVariant) status = NULL;

	if (!reply)
		return;
	g_variant_get(reply, "(@a{sv})", &status);
	take_status(data, status);
}

/* When the newest record of ours was told, so that it is told once. */
static char *stamp_path(void)
{
	return g_build_filename(g_get_user_state_dir(), "sallyport", "told", NULL);
}

static gint64 read_stamp(void)
{
	g_autofree char *path = stamp_path(), *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	return g_ascii_strtoll(text, NULL, 10);
}

static void write_stamp(gint64 stamp)
{
	g_autofree char *path = stamp_path();
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT "\n", stamp);

	if (g_mkdir_with_parents(folder, 0700) == 0)
		g_file_set_contents(path, text, -1, NULL);
}

static void add_missed(struct sp_news *news, GVariantIter *records)
{
	gint64 told = read_stamp();
	GVariant *record;

	while ((record = g_variant_iter_next_value(records))) {
		guint64 serial = sp_dict_number(record, "serial");

		news->recent = MAX(news->recent, serial);
		if (serial < news->first && (gint64)sp_dict_number(record, "time") > told &&
		    strcmp(sp_dict_string(record, "by"), "nobody") == 0)
			sp_refused_add(news->refused, record);
		g_variant_unref(record);
	}
}

/* What was refused before we were there, because nobody was. */
static void on_recent(GObject *bus, GAsyncResult *result, gpointer data)
{
	g_autoptr(GVariant) reply = reply_of(bus, result);
	g_autoptr(GVariantIter) records = NULL;
	struct sp_news *news = data;

	if (!reply || news->missed)
		return;
	news->missed = TRUE;
	g_variant_get(reply, "(aa{sv})", &records);
	add_missed(news, records);
	write_stamp(g_get_real_time());
	if (sp_refused_count(news->refused))
		tell_refused(news, "missed", _("Refused while nobody could be asked"));
}

static void call(struct sp_news *news, const char *interface, const char *method,
		 GVariant *args, const char *reply, GAsyncReadyCallback ready)
{
	g_autofree char *full = g_strdup_printf(SP_BUS_NAME ".%s", interface);

	g_dbus_connection_call(news->bus, SP_BUS_NAME, SP_BUS_PATH, full, method, args,
			       G_VARIANT_TYPE(reply), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
			       news->cancel, ready, news);
}

static void on_changed(GDBusConnection *bus, const char *sender, const char *path,
		       const char *interface, const char *signal, GVariant *args, gpointer data)
{
	call(data, "Manager", "GetStatus", NULL, "(a{sv})", on_status);
}

static guint subscribe(struct sp_news *news, const char *interface, const char *signal,
		       GDBusSignalCallback called)
{
	return g_dbus_connection_signal_subscribe(news->bus, SP_BUS_NAME, interface, signal,
						  SP_BUS_PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
						  called, news, NULL);
}

/* Whether or not we may: then questions can be asked all the same. */
static void on_watching(GObject *bus, GAsyncResult *result, gpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result,
								  &error);
	struct sp_news *news = data;

	if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		news->calls->watching(news->data);
}

static void forget_watch(struct sp_news *news)
{
	if (news->watch)
		g_cancellable_cancel(news->watch);
	g_clear_object(&news->watch);
	news->first = G_MAXUINT64;
	news->recent = 0;
}

void sp_news_watch(struct sp_news *news)
{
	if (!news->records) {
		news->records = subscribe(news, SP_BUS_NAME ".History", "Records", on_records);
		news->changed = subscribe(news, SP_BUS_NAME ".Manager", "Changed", on_changed);
	}
	forget_watch(news);
	news->watch = g_cancellable_new();
	g_dbus_connection_call(news->bus, SP_BUS_NAME, SP_BUS_PATH, SP_BUS_NAME ".History",
			       "Watch", g_variant_new("(a{sv})", NULL), NULL,
			       G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, news->watch, on_watching, news);
}

void sp_news_begin(struct sp_news *news)
{
	news->begun = TRUE;
	call(news, "Manager", "GetStatus", NULL, "(a{sv})", on_status);
	if (!news->missed)
		call(news, "History", "Recent", g_variant_new("(ua{sv})", MISSED_MAX, NULL),
		     "(aa{sv})", on_recent);
	tell_new(news);
	sp_networks_begin(news->networks);
}

/* It is there, but we are not its agent: that is news only where it works else. */
static void on_refused(GObject *bus, GAsyncResult *result, gpointer data)
{
	g_autoptr(GVariant) reply = reply_of(bus, result);
	g_autoptr(GVariant) status = NULL;
	struct sp_news *news = data;

	if (!reply)
		return;
	g_variant_get(reply, "(@a{sv})", &status);
	if (strcmp(sp_dict_string(status, "state"), "protecting") == 0)
		tell_state(news, _("The firewall can't ask you"), news->refusal);
	else
		take_status(news, status);
}

void sp_news_end(struct sp_news *news, const GError *why)
{
	news->begun = FALSE;
	forget_questions(news);
	if (g_error_matches(why, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NOT_REACHABLE)) {
		forget_watch(news);
		tell_state(news, _("The firewall is not running"), why->message);
		return;
	}
	g_free(news->refusal);
	news->refusal = g_strdup(why->message);
	call(news, "Manager", "GetStatus", NULL, "(a{sv})", on_refused);
}

void sp_news_not_kept(struct sp_news *news, const GError *why)
{
	const struct sp_note note = {
		.summary = _("The answer holds for now only"),
		.body = why->message,
	};

	sp_notifier_show(news->notifier, "not-kept", &note);
}

void sp_news_broken(struct sp_news *news, const char *why)
{
	g_autofree char *body = g_strdup_printf(
		_("The question window can't be shown: %s. “sallyport answer” asks in a terminal."),
		why);

	tell_state(news, _("Questions of the firewall can't be shown"), body);
}

struct sp_news *sp_news_new(GDBusConnection *bus, const struct sp_news_calls *calls,
			    void *data)
{
	struct sp_news *news = g_new0(struct sp_news, 1);

	news->bus = g_object_ref(bus);
	news->calls = calls;
	news->data = data;
	news->notifier = sp_notifier_new(on_action, news);
	news->refused = sp_refused_new();
	news->networks = sp_networks_new(bus, news->notifier);
	news->unseen = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, unseen_free);
	news->cancel = g_cancellable_new();
	news->first = G_MAXUINT64;
	return news;
}

void sp_news_free(struct sp_news *news)
{
	if (!news)
		return;
	if (news->missed)
		write_stamp(g_get_real_time());
	g_cancellable_cancel(news->cancel);
	forget_watch(news);
	if (news->records) {
		g_dbus_connection_signal_unsubscribe(news->bus, news->records);
		g_dbus_connection_signal_unsubscribe(news->bus, news->changed);
	}
	g_clear_handle_id(&news->quiet, g_source_remove);
	g_free(news->mode);
	g_free(news->refusal);
	g_hash_table_unref(news->unseen);
	sp_networks_free(news->networks);
	sp_notifier_free(news->notifier);
	sp_refused_free(news->refused);
	g_object_unref(news->cancel);
	g_object_unref(news->bus);
	g_free(news);
}

/* A line a rule; who made them goes first, for it may have been no person. */
void sp_news_widened(struct sp_news *news, GVariant *rules, guint count, guint32 maker)
{
	g_autofree char *who = sp_format_owner(maker);
	g_autofree char *summary = g_strdup_printf(ngettext("%u rule that allows more was made",
							    "%u rules that allow more were made",
							    count), count);
	g_autoptr(GString) body = g_string_new(NULL);
	struct sp_note note = { .summary = summary };

	g_string_append_printf(body, _("By %s:"), who);
	for (gsize i = 0; i < g_variant_n_children(rules); i++) {
		g_autoptr(GVariant) rule = g_variant_get_child_value(rules, i);

		g_string_append_printf(body, "\n%s", sp_dict_string(rule, "sentence"));
	}
	note.body = body->str;
	sp_notifier_show(news->notifier, "widened", &note);
}
