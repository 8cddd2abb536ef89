/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See query.h. One call at a time; what happens meanwhile makes for one more. */
#include "query.h"

#include "bus.h"
#include "error.h"

struct _SpQuery {
	GObject parent;
	SpLink *link;
	char *interface, *method;
	GVariant *args, *result;
	GCancellable *call;	/* under way */
	gboolean again, again_ask, stale, asleep;
	enum sp_query_state state;
	char *message;
};

G_DEFINE_FINAL_TYPE(SpQuery, sp_query, G_TYPE_OBJECT)

static guint changed;

/* @result is taken. */
static void enter(SpQuery *self, enum sp_query_state state, GVariant *result, const GError *error)
{
	g_clear_pointer(&self->result, g_variant_unref);
	g_clear_pointer(&self->message, g_free);
	self->state = state;
	self->stale = FALSE;
	self->result = result;
	self->message = error ? g_strdup(error->message) : NULL;
	g_signal_emit(self, changed, 0);
}

void sp_query_fail(SpQuery *self, const GError *error)
{
	if (g_error_matches(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NOT_AUTHORISED)) {
		if (self->state != SP_QUERY_READY) {
			enter(self, SP_QUERY_LOCKED, NULL, error);
			return;
		}
		self->stale = TRUE;	/* what was seen may go on being seen */
		g_signal_emit(self, changed, 0);
	} else if (sp_link_state(self->link) == SP_LINK_PRESENT) {
		enter(self, SP_QUERY_FAILED, NULL, error);
	}
}

static void begin(SpQuery *self, gboolean ask);

static void on_reply(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(SpQuery) self = data;
	g_autoptr(GError) error = NULL;
	GVariant *reply;

	if (g_cancellable_is_cancelled(self->call)) {
		g_clear_object(&self->call);
	} else {
		g_clear_object(&self->call);
		reply = sp_bus_call_finish(source, result, &error);
		if (reply)
			enter(self, SP_QUERY_READY, reply, NULL);
		else
			sp_query_fail(self, error);
	}
	if (self->again)
		begin(self, self->again_ask);
}

static void begin(SpQuery *self, gboolean ask)
{
	if (!self->args || self->asleep || sp_link_state(self->link) != SP_LINK_PRESENT)
		return;
	self->again = self->call != NULL;
	self->again_ask = self->call && (ask || self->again_ask);
	if (self->call)
		return;
	self->call = g_cancellable_new();
	sp_link_call(self->link, self->interface, self->method, self->args, ask, self->call,
		     on_reply, g_object_ref(self));
}

static void on_link(SpQuery *self)
{
	switch (sp_link_state(self->link)) {
	case SP_LINK_WAITING:
		break;
	case SP_LINK_ABSENT:
		if (self->call)
			g_cancellable_cancel(self->call);
		enter(self, SP_QUERY_ABSENT, NULL, NULL);
		break;
	case SP_LINK_PRESENT:
		enter(self, SP_QUERY_WAITING, NULL, NULL);
		begin(self, FALSE);
		break;
	}
}

static void on_heard(SpQuery *self, const char *member, GVariant *parameters)
{
	if (g_str_equal(member, "Changed"))
		begin(self, FALSE);
}

static void sp_query_finalize(GObject *object)
{
	SpQuery *self = SP_QUERY(object);

	g_clear_pointer(&self->args, g_variant_unref);
	g_clear_pointer(&self->result, g_variant_unref);
	g_free(self->interface);
	g_free(self->method);
	g_free(self->message);
	g_object_unref(self->link);
	G_OBJECT_CLASS(sp_query_parent_class)->finalize(object);
}

static void sp_query_class_init(SpQueryClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_query_finalize;
	changed = g_signal_new("changed", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0, NULL,
			       NULL, NULL, G_TYPE_NONE, 0);
}

static void sp_query_init(SpQuery *self)
{
}

SpQuery *sp_query_new(SpLink *link, const char *interface, const char *method, GVariant *args)
{
	SpQuery *self = g_object_new(SP_TYPE_QUERY, NULL);
	g_autofree char *heard = g_strdup_printf("heard::%s", interface);

	self->link = g_object_ref(link);
	self->interface = g_strdup(interface);
	self->method = g_strdup(method);
	self->args = args ? g_variant_ref_sink(args) : NULL;
	g_signal_connect_object(link, "changed", G_CALLBACK(on_link), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(link, heard, G_CALLBACK(on_heard), self, G_CONNECT_SWAPPED);
	on_link(self);
	return self;
}

void sp_query_set_args(SpQuery *self, GVariant *args, gboolean ask)
{
	g_clear_pointer(&self->args, g_variant_unref);
	self->args = g_variant_ref_sink(args);
	self->asleep = FALSE;
	if (self->call)
		g_cancellable_cancel(self->call);	/* an answer to something else */
	begin(self, ask);
}

void sp_query_sleep(SpQuery *self)
{
	self->asleep = TRUE;
	if (self->call)
		g_cancellable_cancel(self->call);
}

void sp_query_refresh(SpQuery *self)
{
	self->asleep = FALSE;
	begin(self, FALSE);
}

void sp_query_unlock(SpQuery *self)
{
	begin(self, TRUE);
}

enum sp_query_state sp_query_state(SpQuery *self)
{
	return self->state;
}

GVariant *sp_query_result(SpQuery *self)
{
	return self->result;
}

const char *sp_query_message(SpQuery *self)
{
	return self->message;
}

gboolean sp_query_is_stale(SpQuery *self)
{
	return self->stale;
}
