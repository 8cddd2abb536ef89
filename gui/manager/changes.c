/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See changes.h. */
#include "changes.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "bus.h"
#include "calls.h"
#include "error.h"
#include "rule.h"

/* Of a text that is sent at once; a line is shorter. */
#define PART_MAX (100 * 1024)
/* Entries of the journal among which one is that was just made. */
#define RECENT 50u

struct _SpChanges {
	GObject parent;
	SpLink *link;
};

G_DEFINE_FINAL_TYPE(SpChanges, sp_changes, G_TYPE_OBJECT)

enum { DONE, FAILED, SIGNALS };

static guint signals[SIGNALS];

/* What is told of a change when it is done. */
struct change {
	char *done;
	gboolean undoable, quiet;
	gint64 begun;			/* µs of CLOCK_REALTIME */
	GVariant *args, *reply;
};

static void change_free(gpointer data)
{
	struct change *change = data;

	g_free(change->done);
	g_clear_pointer(&change->args, g_variant_unref);
	g_clear_pointer(&change->reply, g_variant_unref);
	g_free(change);
}

static void sp_changes_finalize(GObject *object)
{
	g_object_unref(SP_CHANGES(object)->link);
	G_OBJECT_CLASS(sp_changes_parent_class)->finalize(object);
}

static void sp_changes_class_init(SpChangesClass *class)
{
	GType type = G_TYPE_FROM_CLASS(class);

	G_OBJECT_CLASS(class)->finalize = sp_changes_finalize;
	signals[DONE] = g_signal_new("done", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
				     G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_UINT64);
	signals[FAILED] = g_signal_new("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
				       G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void sp_changes_init(SpChanges *self)
{
}

SpChanges *sp_changes_new(SpLink *link)
{
	SpChanges *self = g_object_new(SP_TYPE_CHANGES, NULL);

	self->link = g_object_ref(link);
	return self;
}

SpLink *sp_changes_link(SpChanges *self)
{
	return self->link;
}

/* The client's messages begin small, for "sallyport: …". */
static void make_sentence(GError *error)
{
	g_autofree char *old = error->message;
	gunichar first = g_utf8_get_char_validated(old, -1);
	char upper[7] = "";

	if (first == (gunichar)-1 || first == (gunichar)-2) {
		error->message = g_strdup(old);
		return;
	}
	g_unichar_to_utf8(g_unichar_totitle(first), upper);
	error->message = g_strconcat(upper, g_utf8_next_char(old), NULL);
}

/* Arguments and replies begin with the number of the rule that they are about, or with several. */
static gboolean is_about(GVariant *message, guint64 rule)
{
	g_autoptr(GVariant) first = NULL;
	const guint64 *rules;
	gsize count;

	if (!g_variant_n_children(message))
		return FALSE;
	first = g_variant_get_child_value(message, 0);
	if (g_variant_is_of_type(first, G_VARIANT_TYPE_UINT64))
		return g_variant_get_uint64(first) == rule;
	if (!g_variant_is_of_type(first, G_VARIANT_TYPE("at")))
		return FALSE;
	rules = g_variant_get_fixed_array(first, &count, sizeof(*rules));
	for (gsize i = 0; i < count; i++)
		if (rules[i] == rule)
			return TRUE;
	return FALSE;
}

static gboolean is_entry_of(GVariant *entry, const struct change *change)
{
	guint64 rule = sp_dict_number(entry, "rule");

	return strcmp(sp_dict_string(entry, "kind"), "change") == 0 &&
	       sp_dict_number(entry, "maker") == getuid() &&
	       (gint64)sp_dict_number(entry, "time") >= change->begun &&
	       (is_about(change->args, rule) || is_about(change->reply, rule));
}

/* Its number; 0: it is not among @entries. They are newest first: what fits, too, came later. */
static guint64 number_of(const struct change *change, GVariant *entries)
{
	guint64 number = 0;
	GVariantIter iter;
	GVariant *entry;

	g_variant_iter_init(&iter, entries);
	while ((entry = g_variant_iter_next_value(&iter))) {
		if (is_entry_of(entry, change))
			number = sp_dict_number(entry, "change");
		g_variant_unref(entry);
	}
	return number;
}

static void on_journal(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	const struct change *change = g_task_get_task_data(task);
	g_autoptr(GVariant) reply = sp_link_call_finish(source, result, NULL);
	g_autoptr(GVariant) entries = reply ? g_variant_get_child_value(reply, 0) : NULL;

	g_signal_emit(g_task_get_source_object(task), signals[DONE], 0, change->done,
		      entries ? number_of(change, entries) : (guint64)0);
}

/* @task: taken. The bus tells no number with a change: it is looked for. */
static void tell_done(GTask *task)
{
	SpChanges *self = g_task_get_source_object(task);
	const struct change *change = g_task_get_task_data(task);

	if (change->undoable && sp_link_state(self->link) == SP_LINK_PRESENT) {
		sp_link_call(self->link, "Rules", "Journal",
			     g_variant_new("(u@a{sv})", RECENT, g_variant_new("a{sv}", NULL)),
			     FALSE, NULL, on_journal, task);
		return;
	}
	g_signal_emit(self, signals[DONE], 0, change->done, (guint64)0);
	g_object_unref(task);
}

/* Whoever is waiting gets it, and so does the window, unless the former shows it. */
static void fail(GTask *task, GError *error)
{
	const struct change *change = g_task_get_task_data(task);

	if (!change->quiet)
		g_signal_emit(g_task_get_source_object(task), signals[FAILED], 0, error->message);
	g_task_return_error(task, error);
}

static void on_reply(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	struct change *change = g_task_get_task_data(task);
	GError *error = NULL;

	change->reply = sp_bus_call_finish(source, result, &error);
	if (change->reply) {
		g_task_return_boolean(task, TRUE);
		tell_done(g_steal_pointer(&task));
		return;
	}
	make_sentence(error);
	fail(task, error);
}

/* @task: with its change; taken. */
static void send(GTask *task, const char *interface, const char *method, GVariant *args)
{
	SpChanges *self = g_task_get_source_object(task);
	struct change *change = g_task_get_task_data(task);

	change->args = g_variant_ref_sink(args);
	if (sp_link_state(self->link) != SP_LINK_PRESENT) {
		fail(task, g_error_new_literal(SP_CLIENT_ERROR, SP_CLIENT_ERROR_NOT_REACHABLE,
					       _("The firewall’s service is not running")));
		g_object_unref(task);
		return;
	}
	sp_link_call(self->link, interface, method, args, TRUE, NULL, on_reply, task);
}

static GTask *change_new(SpChanges *self, const char *done, gboolean undoable, gboolean quiet,
			 GAsyncReadyCallback ready, gpointer data)
{
	GTask *task = g_task_new(self, NULL, ready, data);
	struct change *change = g_new0(struct change, 1);

	change->done = g_strdup(done);
	change->undoable = undoable;
	change->quiet = quiet;
	change->begun = g_get_real_time();
	g_task_set_task_data(task, change, change_free);
	return task;
}

static GVariant *ids(const guint64 *rules, gsize count)
{
	return g_variant_new("(@at)", g_variant_new_fixed_array(G_VARIANT_TYPE_UINT64, rules,
								 count, sizeof(*rules)));
}

void sp_changes_switch(SpChanges *self, const guint64 *rules, gsize count, gboolean on,
		       GAsyncReadyCallback ready, gpointer data)
{
	g_autofree char *done = on ?
		g_strdup_printf(ngettext("Rule switched on", "%u rules switched on", count),
				(guint)count) :
		g_strdup_printf(ngettext("Rule switched off", "%u rules switched off", count),
				(guint)count);

	send(change_new(self, done, TRUE, FALSE, ready, data), "Rules", on ? "Enable" : "Disable",
	     ids(rules, count));
}

void sp_changes_remove(SpChanges *self, const guint64 *rules, gsize count)
{
	g_autofree char *done = g_strdup_printf(ngettext("Rule removed", "%u rules removed", count),
						(guint)count);

	send(change_new(self, done, TRUE, FALSE, NULL, NULL), "Rules", "Remove", ids(rules, count));
}

void sp_changes_save(SpChanges *self, guint64 rule, const char *text, guint32 owner,
		     const char *lifetime, GAsyncReadyCallback ready, gpointer data)
{
	GTask *task = change_new(self, rule ? _("Rule changed") : _("Rule added"), TRUE, TRUE,
				 ready, data);
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	if (lifetime)
		g_variant_dict_insert(&options, "lifetime", "s", lifetime);
	if (!rule)
		g_variant_dict_insert(&options, "owner", "u", owner);
	if (rule)
		send(task, "Rules", "Edit", g_variant_new("(ts@a{sv})", rule, text,
							   g_variant_dict_end(&options)));
	else
		send(task, "Rules", "Add", g_variant_new("(s@a{sv})", text,
							  g_variant_dict_end(&options)));
}

/* An import on its way: parts of whole lines, each as much as fits a message. */
struct import {
	GTask *task;		/* of the whole */
	char *text;
	const char *next;	/* what is to be sent yet */
};

static void import_free(struct import *import)
{
	g_free(import->text);
	g_free(import);
}

/* The end of the part that begins at @text. */
static const char *part_end(const char *text)
{
	const char *end = text;

	if (strlen(text) <= PART_MAX)
		return text + strlen(text);
	for (const char *line = strchr(text, '\n'); line && line < text + PART_MAX;
	     line = strchr(line + 1, '\n'))
		end = line + 1;
	return end;
}

static void send_part(struct import *import);

static void on_part(GObject *source, GAsyncResult *result, gpointer data)
{
	struct import *import = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = sp_bus_call_finish(source, result, &error);

	if (reply) {
		send_part(import);
		return;
	}
	make_sentence(error);
	g_task_return_error(import->task, g_steal_pointer(&error));
	g_object_unref(import->task);
	import_free(import);
}

/* The last one adds them all. */
static void send_part(struct import *import)
{
	const char *end = part_end(import->next);
	g_autofree char *part = g_strndup(import->next, end - import->next);
	SpChanges *self = g_task_get_source_object(import->task);
	GVariantDict options;
	GVariant *args;

	g_variant_dict_init(&options, NULL);
	if (*end)
		g_variant_dict_insert(&options, "more", "b", TRUE);
	else	/* others are named */
		g_variant_dict_insert(&options, "owner", "u", (guint32)SP_SYSTEM);
	args = g_variant_new("(s@a{sv})", part, g_variant_dict_end(&options));
	import->next = end;
	if (*end && sp_link_state(self->link) == SP_LINK_PRESENT) {
		sp_link_call(self->link, "Rules", "Import", args, TRUE, NULL, on_part, import);
		return;
	}
	send(import->task, "Rules", "Import", args);
	import_free(import);
}

void sp_changes_import(SpChanges *self, const char *text, guint count, GAsyncReadyCallback ready,
		       gpointer data)
{
	g_autofree char *done = g_strdup_printf(ngettext("%u rule added", "%u rules added", count), count);
	struct import *import = g_new0(struct import, 1);

	import->task = change_new(self, done, TRUE, TRUE, ready, data);
	import->text = g_strdup(text);
	import->next = import->text;
	send_part(import);
}

void sp_changes_undo(SpChanges *self, gboolean redo, guint64 change)
{
	GTask *task = change_new(self, redo ? _("Done again") : _("Undone"), FALSE, FALSE, NULL, NULL);
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	g_variant_dict_insert(&options, "change", "t", change);
	send(task, "Rules", redo ? "Redo" : "Undo",
	     g_variant_new("(@a{sv})", g_variant_dict_end(&options)));
}

void sp_changes_end(SpChanges *self, const guint64 *flows, gsize count)
{
	g_autofree char *done = g_strdup_printf(ngettext("Connection ended", "%u connections ended",
							 count), (guint)count);

	send(change_new(self, done, FALSE, FALSE, NULL, NULL), "Flows", "End", ids(flows, count));
}

void sp_changes_mode(SpChanges *self, const char *mode, guint seconds, GAsyncReadyCallback ready,
		     gpointer data)
{
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	if (seconds)
		g_variant_dict_insert(&options, "seconds", "u", seconds);
	send(change_new(self, _("The mode is another"), FALSE, FALSE, ready, data), "Manager",
	     "SetMode", g_variant_new("(s@a{sv})", mode, g_variant_dict_end(&options)));
}

void sp_changes_forget(SpChanges *self)
{
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	send(change_new(self, _("Your history is forgotten"), FALSE, FALSE, NULL, NULL), "History",
	     "Forget", g_variant_new("(@a{sv})", g_variant_dict_end(&options)));
}

void sp_changes_name_network(SpChanges *self, const char *id, const char *name,
			     GAsyncReadyCallback ready, gpointer data)
{
	GTask *task = change_new(self, *name ? _("The network has a name") :
				 _("The network has no name any more"), FALSE, FALSE, ready, data);

	if (*name)
		send(task, "Networks", "Name", g_variant_new("(ss)", id, name));
	else
		send(task, "Networks", "Forget", g_variant_new("(s)", id));
}

void sp_changes_tell(SpChanges *self, const GError *error)
{
	sp_changes_tell_words(self, error->message);
}

void sp_changes_tell_words(SpChanges *self, const char *message)
{
	g_signal_emit(self, signals[FAILED], 0, message);
}

void sp_changes_tell_done(SpChanges *self, const char *text)
{
	g_signal_emit(self, signals[DONE], 0, text, (guint64)0);
}

gboolean sp_changes_finish(SpChanges *self, GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
